"""A wire that is cut: a proxy that breaks a connection off in the middle of what comes back."""

import asyncio
import contextlib
import socket
import struct
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from gatewayd.testing import serving

RESET = struct.pack("ii", 1, 0)


class Wire:
    """Passes on; when `cut_at` is a number, only so many bytes more come back, and then the connection is gone."""

    def __init__(self, port):
        self._port = port
        self.cut_at = None
        self.resets = False
        """By RST, without a goodbye."""
        self.connections = 0

    async def serve(self, reader, writer):
        self.connections += 1
        theirs, to_them = await asyncio.open_connection("127.0.0.1", self._port)
        passing = asyncio.create_task(self._pass_on(reader, to_them))
        try:
            with contextlib.suppress(OSError):
                while (data := await theirs.read(4096)) and await self._back(data, writer):
                    pass
        finally:
            passing.cancel()
            to_them.close()

    async def _back(self, data, writer):
        whole = self.cut_at is None or len(data) <= self.cut_at
        writer.write(data if whole else data[: self.cut_at])
        await writer.drain()
        if whole:
            self.cut_at = None if self.cut_at is None else self.cut_at - len(data)
            return True
        self.cut_at = None
        if self.resets:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()
        return False

    async def _pass_on(self, reader, to_them):
        with contextlib.suppress(OSError):
            while data := await reader.read(4096):
                to_them.write(data)


@asynccontextmanager
async def wire_to(url):
    """A wire to the device at a url; gives it and its url."""
    parts = urlsplit(url)
    wire = Wire(parts.port)
    async with serving(wire.serve) as port:
        yield wire, f"{parts.scheme}://127.0.0.1:{port}"
