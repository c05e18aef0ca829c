"""Whatever comes in reply to a request, without sockets and without waiting; and what would be a true answer to it.

An answer is believed only if it is in what came, byte for byte as the specification has it, for the unit, the function
and the length that were asked for, with the transaction's number or the right check.
"""

import asyncio
from dataclasses import dataclass

from gatewayd.plugin import SourceError
from gatewayd.testing import simulate
from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.planning.refusal import Refused
from gatewayd_plugins.modbus.planning.requests import Request
from gatewayd_plugins.modbus.wire.address import Framing, SerialAddress, TcpAddress
from gatewayd_plugins.modbus.wire.exchange import Exchange

ADDRESSES = {
    Framing.TCP: TcpAddress("fuzz", 502),
    Framing.RTU: SerialAddress("/dev/fuzz", 115200),
    Framing.ASCII: SerialAddress("/dev/fuzz", 115200, framing=Framing.ASCII),
}
UNIT = 17
TRANSACTION = 1
"""The number of the first request of a connection."""
WAIT = 0.5


class Wire(asyncio.Transport):
    """Takes what is sent."""

    def __init__(self):
        super().__init__()
        self.sent = []

    def write(self, data):
        self.sent.append(data)

    def close(self):
        pass


def reply(framing, request, chunks):
    """What becomes of a request when these bytes come in, a moment apart: bytes, or a Refused or SourceError."""
    return simulate(_reply(framing, request, chunks))


async def _reply(framing, request, chunks):
    exchange = Exchange(ADDRESSES[framing])
    exchange.connection_made(Wire())
    begun = asyncio.get_running_loop().time()
    asking = asyncio.create_task(exchange.ask(UNIT, request, WAIT))
    for chunk in chunks:
        await asyncio.sleep(0.001)
        if chunk:
            exchange.data_received(chunk)
    try:
        return await asking
    except (Refused, SourceError) as error:
        return error
    finally:
        assert asyncio.get_running_loop().time() - begun < WAIT + len(chunks) * 0.001 + 1.0, "it hangs"
        exchange.close()


@dataclass(frozen=True)
class Reply:
    """A frame by its parts, each of which may be wrong; `values` begin with their own size, as a rule."""

    values: bytes
    unit: int = UNIT
    function: int = Table.HOLDING
    transaction: int = TRANSACTION
    protocol: int = 0
    length: int | None = None
    check: int = 0
    """What is added to the right check."""

    def framed(self, framing):
        body = bytes([self.unit % 256, self.function % 256]) + self.values
        if framing is Framing.TCP:
            length = len(body) if self.length is None else self.length
            head = (self.transaction, self.protocol, length)
            return b"".join((each % 65536).to_bytes(2, "big") for each in head) + body
        if framing is Framing.RTU:
            return body + ((crc(body) + self.check) % 65536).to_bytes(2, "little")
        return b":" + (body + bytes([(lrc(body) + self.check) % 256])).hex().upper().encode() + b"\r\n"


def right(request):
    """The answer that holds each register's number, or bits that are on and off by turns."""
    if request.table.of_bits:
        values = bytes([0x55]) * request.size
    else:
        values = b"".join(n.to_bytes(2, "big") for n in range(request.address, request.end))
    return Reply(bytes([request.size]) + values, function=request.table)


def is_true(framing, request, values, came):
    """Whether `came` holds an answer to the request with these values."""
    told = Reply(bytes([request.size]) + values, function=request.table).framed(framing)
    return len(values) == request.size and (told in came.upper() if framing is Framing.ASCII else told in came)


def check(framing, request, chunks):
    """Give what becomes of the request; whatever came, nothing is believed that was not told."""
    outcome = reply(framing, request, chunks)
    if isinstance(outcome, bytes):
        assert is_true(framing, request, outcome, b"".join(chunks)), "a value that nobody sent"
    return outcome


def crc(body):
    """Modbus over Serial Line V1.02, 6.2.2."""
    value = 0xFFFF
    for byte in body:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0xA001 if value & 1 else 0)
    return value


def lrc(body):
    """The same, 6.2.1."""
    return -sum(body) % 256


REQUESTS = [
    Request(Table.HOLDING, 100, 1),
    Request(Table.HOLDING, 0, 125),
    Request(Table.INPUT, 7, 2),
    Request(Table.COIL, 0, 9),
    Request(Table.DISCRETE, 65535, 1),
]
