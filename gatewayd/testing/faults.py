"""A faulty wire between a source and its device: silent, late, cut, garbled or in crumbs, whenever the test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from gatewayd.testing.server import serving

CHUNK = 65536


class FaultyWire:
    """Passes everything on until told otherwise; what it is told holds for later connections as well.

    All faults but `refuses` concern what the device answers: what a source asks always gets there.
    """

    def __init__(self, target: int) -> None:
        self.port = 0
        """Where the source must connect to."""
        self.connections = 0
        """How many there have been."""
        self.silent = False
        """Nothing comes back, and nobody is told."""
        self.delay = 0.0
        """Seconds by which answers are late."""
        self.cuts_after: int | None = None
        """Bytes of answers after which a connection is cut off."""
        self.crumb = 0
        """Answers come in pieces of so many bytes; 0: as they are."""
        self.garbles = False
        """Every byte of an answer has some bits turned over."""
        self.refuses = False
        """New connections are closed at once."""
        self._target = target
        self._writers: set[asyncio.StreamWriter] = set()

    def heal(self) -> None:
        """No faults any more."""
        self.silent = self.garbles = self.refuses = False
        self.delay, self.cuts_after, self.crumb = 0.0, None, 0

    def cut(self) -> None:
        """Close all connections that there are."""
        for writer in list(self._writers):
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it."""
        self.connections += 1
        if self.refuses:
            return
        with suppress(OSError):
            device_reader, device_writer = await asyncio.open_connection("127.0.0.1", self._target)
            self._writers.add(writer)
            try:
                await self._pass_on(reader, writer, device_reader, device_writer)
            finally:
                self._writers.discard(writer)
                device_writer.close()

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        device_reader: asyncio.StreamReader,
        device_writer: asyncio.StreamWriter,
    ) -> None:
        ways = (
            asyncio.create_task(_copy(reader, device_writer), name="asked through a faulty wire"),
            asyncio.create_task(self._answer(device_reader, writer), name="answered through a faulty wire"),
        )
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _answer(self, device: asyncio.StreamReader, source: asyncio.StreamWriter) -> None:
        passed = 0
        while data := await device.read(CHUNK):
            await asyncio.sleep(self.delay)
            if self.silent:
                continue
            rest = None if self.cuts_after is None else max(0, self.cuts_after - passed)
            await self._send(_turned_over(data[:rest]) if self.garbles else data[:rest], source)
            passed += len(data)
            if rest is not None and rest <= len(data):
                return
        if self.silent:
            await asyncio.Event().wait()  # that the device has hung up is no more told than the rest

    async def _send(self, data: bytes, source: asyncio.StreamWriter) -> None:
        step = self.crumb or max(1, len(data))
        for begin in range(0, len(data), step):
            source.write(data[begin : begin + step])
            await source.drain()
            if self.crumb:
                await asyncio.sleep(0.001)  # so that each goes out, and is read, by itself


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()


def _turned_over(data: bytes) -> bytes:
    """Not the same turn for every byte, so that no check sum is right by accident."""
    return bytes(byte ^ (0x55 + 13 * place) & 0xFF or byte ^ 0xFF for place, byte in enumerate(data))


@asynccontextmanager
async def faulty_wire(target: int) -> AsyncIterator[FaultyWire]:
    """A wire to this port of this machine; without faults at first."""
    wire = FaultyWire(target)
    async with serving(wire.serve) as wire.port:
        yield wire
