"""A device that refuses what it does not have, and answers late, twice, cut, to something else, or not at all.

All by chance, and all in simulated time: `plugged_in(slave)` is a cable to it without a port. Registers are as in
modbus_rtu, and keep what is written to them.
"""

import asyncio
import contextlib
import random
from unittest import mock

from modbus_ascii import AsciiSlave
from modbus_rtu import Slave

from gatewayd_plugins.modbus.wire.exchange import Exchange


class TcpSlave(Slave):
    """Answers as a slave does, with the number of the transaction."""

    _head = bytes(4)

    def feed(self, data, write):
        self._head = data[:4]
        self.requests.append(data[6:])
        self._answer(data[6:], write)

    def framed(self, body):
        return self._head + len(body).to_bytes(2, "big") + body


SLAVES = {"rtu": Slave, "ascii": AsciiSlave, "tcp": TcpSlave}
URLS = {"rtu": "rtu:/dev/null?baudrate=115200", "ascii": "ascii:/dev/null?baudrate=115200", "tcp": "tcp://nowhere"}
ADDRESSES = range(1, 60)
MISCHIEF = {"none": 20, "lost": 1, "late": 3, "busy": 1, "cut": 1, "disturbed": 1, "twice": 1, "lie": 1, "old": 1}
WRITE_ONE = 6


class Rogue:
    """A device made by chance: `wrong` addresses and requests of more than `longest` registers are refused."""

    def __init__(self, seed, scheme):
        self.dice = dice = random.Random(seed)
        self.wrong = set(dice.sample(ADDRESSES, dice.choice([0, 1, 3])))
        self.longest = dice.choice([125, 125, 20, 7])
        self.is_calm = False
        self._tells = scheme == "tcp"
        self._before = b""
        self.written = {}
        self.slave = SLAVES[scheme](unit1=self._answer)
        self._held = self.slave.register
        self.slave.register = lambda unit, address: self.written.get(address, self._held(unit, address))

    @property
    def refuses_nothing(self):
        return not self.wrong and self.longest == 125

    def refuses(self, address, count):
        return count > self.longest or any(wrong in range(address, address + count) for wrong in self.wrong)

    def _answer(self, request, answer):
        address, number = int.from_bytes(request[2:4], "big"), int.from_bytes(request[4:6], "big")
        if request[1] == WRITE_ONE:
            self.written[address] = number
        elif self.refuses(address, number):
            answer = self._exception(request, 2)
        return [0.01, answer] if self.is_calm else self._spoilt(request, answer)

    def _spoilt(self, request, answer):
        dice, before, self._before = self.dice, self._before, answer
        spoilt = {
            "none": [0.01, answer],
            "lost": [],
            "late": [dice.uniform(0.1, 1.5), answer],
            "busy": [dice.uniform(0, 0.5), self._exception(request, 6)],
            "cut": [answer[: dice.randrange(1, len(answer))]],
            "disturbed": [answer[:4] + bytes([answer[4] ^ 1]) + answer[5:]],
            "twice": [answer + answer],
            "lie": [self._exception(request, 2)],
            "old": [before if self._tells else b""],  # on a serial line nobody could tell it from a new one
        }
        return spoilt[dice.choices(list(MISCHIEF), list(MISCHIEF.values()))[0]]

    def _exception(self, request, code):
        return self.slave.framed(bytes([request[0], request[1] | 0x80, code]))


class Cable(asyncio.Transport):
    """Between one exchange and a slave."""

    def __init__(self, slave, exchange):
        super().__init__()
        self._slave, self._exchange, self._is_cut = slave, exchange, False

    def write(self, data):
        self._slave.feed(data, self._back)

    def _back(self, data):
        if not self._is_cut:
            self._exchange.data_received(data)

    def close(self):
        self._is_cut = True

    abort = close


@contextlib.contextmanager
def plugged_in(slave):
    """Whatever port is opened meanwhile, this slave is at its end."""

    async def dial(exchange, _limit):
        exchange.connection_made(Cable(slave, exchange))

    with mock.patch.object(Exchange, "dial", dial):
        yield
