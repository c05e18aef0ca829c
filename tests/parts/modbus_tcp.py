"""A Modbus TCP server that sends whatever the test says, byte by byte.

Holding register n of every device is n, unless the test says otherwise.
"""

import asyncio
import struct
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from gatewayd.testing import serving


@dataclass
class Asked:
    """One request."""

    transaction: int
    unit: int
    function: int
    address: int
    count: int

    def answer(self, **other):
        """The right answer, but for what the test wants to be `other`; `body` replaces function code and data."""
        values = struct.pack(f">{self.count}H", *range(self.address, self.address + self.count))
        function = other.get("function", self.function)
        body = other.get("body", bytes([function, len(values)]) + values)
        head = (
            other.get("transaction", self.transaction),
            other.get("protocol", 0),
            other.get("length", len(body) + 1),
        )
        return struct.pack(">HHHB", *head, other.get("unit", self.unit)) + body


@asynccontextmanager
async def tcp_device(answer, asked=None, *, pieces=0, hang_up=False):
    """Serve: `answer(request)` gives bytes to send, None to hang up, or an awaitable of these. Gives the url.

    `asked` collects the requests. Answers are sent in pieces of so many bytes; after each the device may hang up.
    """

    async def device(reader, writer):
        with suppress(ConnectionError):  # the gateway broke it off
            await answered(reader, writer)

    async def answered(reader, writer):
        while head := await reader.read(7):
            transaction, _, length, unit = struct.unpack(">HHHB", head)
            request = Asked(transaction, unit, *struct.unpack(">BHH", await reader.readexactly(length - 1)))
            if asked is not None:
                asked.append(request)
            given = answer(request)
            given = await given if hasattr(given, "__await__") else given
            if given is None:
                return
            for begin in range(0, len(given), pieces or len(given) or 1):
                writer.write(given[begin : begin + (pieces or len(given))])
                await asyncio.sleep(0)
            if hang_up:
                return

    async with serving(device) as port:
        yield f"tcp://127.0.0.1:{port}"
