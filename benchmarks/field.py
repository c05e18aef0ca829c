"""A field of simulated Modbus TCP devices on free ports of this machine, whose float32 values count the reads.

Prints its ports as a line of JSON, then serves until it is ended. Use: field.py DEVICES
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys

REQUEST = struct.Struct(">HHHBBHH")


class Device(asyncio.Protocol):
    """One connection to one device; reads are numbered from 1."""

    reads = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each whole request: requests are small and come in one piece on loopback."""
        for start in range(0, len(data) - REQUEST.size + 1, REQUEST.size):
            self.transport.write(self.answer(data[start : start + REQUEST.size]))  # type: ignore[attr-defined]

    def answer(self, request: bytes) -> bytes:
        """The registers asked for: the number of the read as float32, again and again."""
        transaction, _, _, unit, function, _, count = REQUEST.unpack(request)
        self.reads += 1
        values = struct.pack(">f", self.reads % 10_000_000 + 0.5) * ((count + 1) // 2)
        return struct.pack(">HHHBBB", transaction, 0, 3 + 2 * count, unit, function, 2 * count) + values[: 2 * count]


async def main(devices: int) -> None:
    """Serve."""
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(Device, "127.0.0.1", 0) for _ in range(devices)]
    print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)
    await asyncio.Event().wait()


asyncio.run(main(int(sys.argv[1])))
