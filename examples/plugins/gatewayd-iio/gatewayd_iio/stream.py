"""The stream of scans from a device node, without a thread: the event loop tells when there is something to read."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path

from gatewayd.plugin import SourceError


class Stream:
    """An open device node; to be closed."""

    def __init__(self, node: Path) -> None:
        self._node = node
        self._descriptor = os.open(node, os.O_RDONLY | os.O_NONBLOCK)

    async def read(self, size: int) -> bytes:
        """So many bytes, as they come. Raises SourceError when no more will come."""
        data = bytearray()
        while len(data) < size:
            try:
                piece = os.read(self._descriptor, size - len(data))
            except BlockingIOError:
                await self._readable()
                continue
            if not piece:
                raise SourceError(f"{self._node} has ended: the device is gone")
            data += piece
            await asyncio.sleep(0)
        return bytes(data)

    def drain(self) -> None:
        """Forget what is left of an earlier burst; that there is nothing is told in several ways."""
        with suppress(OSError):
            while os.read(self._descriptor, 65536):
                pass

    def close(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        loop.add_reader(self._descriptor, readable.set)
        try:
            await readable.wait()
        finally:
            loop.remove_reader(self._descriptor)
