"""A serial port that a test holds the other end of: the fake of a bus, on a pseudo-terminal."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from gatewayd.testing.server import Handler


@asynccontextmanager
async def serial_port(handler: Handler) -> AsyncIterator[str]:
    """Run `handler(reader, writer)`, which is what is on the bus; gives the path of the port, to be opened by a source.

    What a source writes is what `reader` gets, byte for byte; baud rate and parity make no difference.
    """
    ours, theirs = os.openpty()
    tty.setraw(ours)
    tty.setraw(theirs)
    reader, writer = await _streams(ours)
    device = asyncio.create_task(_run(handler, reader, writer), name="device on a fake serial port")
    try:
        yield os.ttyname(theirs)
    finally:
        device.cancel()
        await asyncio.gather(device, return_exceptions=True)
        writer.transport.abort()
        os.close(theirs)
        await asyncio.sleep(0)


async def _run(handler: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        await handler(reader, writer)


async def _streams(descriptor: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Streams over our end of the pseudo-terminal; the writer's transport has a descriptor of its own."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await loop.connect_read_pipe(lambda: protocol, os.fdopen(descriptor, "rb", buffering=0))
    out = os.fdopen(os.dup(descriptor), "wb", buffering=0)
    transport, flow = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, out)
    return reader, asyncio.StreamWriter(transport, flow, reader, loop)
