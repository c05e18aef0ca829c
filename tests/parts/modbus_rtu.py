"""A Modbus RTU slave, faulty on demand, on a pty or behind a TCP converter that passes frames as they are.

Register 0 is the number of the request that is answered, counted from 1; every other register is its own address, plus
1000 times the unit. Requests are answered in their order, however late.
"""

import asyncio
import contextlib
import os
import tty

from pymodbus.framer import FramerRTU

from gatewayd.testing import serving

LATE = 0.2
"""Seconds that the answer takes in the fault mode "late"."""


def framed(body):
    return body + FramerRTU.compute_CRC(body).to_bytes(2, "big")


class Slave:
    """Answers for the units in `modes`, each as its mode says; all other units are silent.

    `modes[unit]` is the name of a fault, or a function of (request, answer) that gives what to send: chunks, and
    numbers for seconds between them.
    """

    def __init__(self, **modes):
        self.modes = {int(unit.removeprefix("unit")): mode for unit, mode in modes.items()}
        self.requests = []
        self._buffer = b""
        self._busy = 0.0

    framed = staticmethod(framed)
    faults = property(lambda _self: FAULTS)

    def feed(self, data, write):
        """Take bytes from the line; `write` puts answers on it."""
        self._buffer += data
        while len(self._buffer) >= 8:
            request, self._buffer = self._buffer[:8], self._buffer[8:]
            assert framed(request[:-2]) == request
            self.requests.append(request)
            self._answer(request, write)

    def _answer(self, request, write):
        mode = self.modes.get(request[0], "silent")
        chunks = (mode if callable(mode) else self.faults[mode])(request, self.good(request))
        loop = asyncio.get_running_loop()
        # Timers that are due at the very same time are called in any order.
        self._busy = max(self._busy + 1e-6, loop.time())
        for chunk in chunks:
            if isinstance(chunk, bytes):
                loop.call_at(self._busy, write, chunk)
            else:
                self._busy += chunk

    def good(self, request):
        """The right answer to a request."""
        unit, function = request[0], request[1]
        if function in {5, 6}:
            return self.framed(request[:6])  # which writes a single one
        address, count = int.from_bytes(request[2:4], "big"), int.from_bytes(request[4:6], "big")
        values = b"".join(self.register(unit, address + n).to_bytes(2, "big") for n in range(count))
        if function <= 2:
            values = values[: (count + 7) // 8]
        return self.framed(bytes([unit, function, len(values)]) + values)

    def register(self, unit, address):
        return (1000 * unit + address if address else len(self.requests)) % 65536


FAULTS = {
    "good": lambda _request, answer: [answer],
    "silent": lambda _request, _answer: [],
    "bad crc": lambda _request, answer: [answer[:-1] + bytes([answer[-1] ^ 1])],
    "short": lambda _request, answer: [answer[:-3]],
    "wrong unit": lambda _request, answer: [framed(bytes([answer[0] + 1]) + answer[1:-2])],
    "wrong function": lambda _request, answer: [framed(answer[:1] + bytes([answer[1] ^ 7]) + answer[2:-2])],
    "exception": lambda request, _answer: [framed(bytes([request[0], request[1] | 0x80, 2]))],
    "noise before": lambda _request, answer: [b"\x00\x5a\xc3\xff" + answer],
    "noise only": lambda _request, _answer: [bytes(range(40, 60))],
    "echo": lambda request, answer: [request + answer],
    "echo apart": lambda request, answer: [request[:3], 0.005, request[3:], 0.005, answer],
    "echo only": lambda request, _answer: [request],
    "wrong length": lambda _request, answer: [framed(answer[:2] + bytes([answer[2] - 2]) + answer[3:-4])],
    "split": lambda _request, answer: [answer[:2], 0.005, answer[2:5], 0.005, answer[5:]],
    "twice": lambda _request, answer: [answer + answer],
    "twice apart": lambda _request, answer: [answer, 0.005, answer],
    "late": lambda _request, answer: [LATE, answer],
}


class Pty:
    """A serial port that is none: what is plugged in at its other end is a slave."""

    def __init__(self, slave):
        self.master, self._port = os.openpty()
        for end in (self.master, self._port):
            tty.setraw(end)
        os.set_blocking(self.master, False)
        self.path = os.ttyname(self._port)
        self._slave = slave
        asyncio.get_running_loop().add_reader(self.master, self._read)

    def _read(self):
        self._slave.feed(os.read(self.master, 512), self._write)

    def _write(self, data):
        with contextlib.suppress(OSError):
            os.write(self.master, data)

    def unplug(self):
        if self.master >= 0:
            asyncio.get_running_loop().remove_reader(self.master)
            os.close(self.master)
            os.close(self._port)
            self.master = -1


@contextlib.asynccontextmanager
async def on_pty(slave, scheme="rtu", settings="baudrate=115200"):
    """Gives the url of the slave's serial port."""
    pty = Pty(slave)
    try:
        yield f"{scheme}:{pty.path}?{settings}"
    finally:
        pty.unplug()


@contextlib.asynccontextmanager
async def on_converter(slave, scheme="rtu"):
    """Gives the url of a TCP converter; answers go to whoever is connected when they come, as with real ones."""
    connected = []

    def write(data):
        if connected and not connected[-1].is_closing():
            connected[-1].write(data)

    async def converter(reader, writer):
        connected.append(writer)
        slave.hang_up = writer.close
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(512):
                slave.feed(data, write)

    async with serving(converter) as port:
        yield f"{scheme}+tcp://127.0.0.1:{port}"
