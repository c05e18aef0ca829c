"""A TCP server on a free port of this machine, whose connections all end with it: most of a fake device."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[int]:
    """Call `handler(reader, writer)` for each connection, and close that when it returns; gives the port.

    Connections are accepted here and not by `asyncio.start_server`, which loses those that are being accepted as it
    is closed: nobody closes them.
    """
    loop = asyncio.get_running_loop()
    connections: set[asyncio.Task[None]] = set()

    def accept() -> None:
        with suppress(BlockingIOError, ConnectionError):
            task = asyncio.create_task(_handle(handler, listener.accept()[0]), name="connection to a fake device")
            connections.add(task)
            task.add_done_callback(connections.discard)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        loop.add_reader(listener, accept)
        try:
            yield listener.getsockname()[1]
        finally:
            loop.remove_reader(listener)
            await asyncio.sleep(0)  # each has begun by now, and will close what it has
            await _end(connections)


async def _handle(handler: Handler, connection: socket.socket) -> None:
    connection.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=connection)
    try:
        await handler(reader, writer)
    finally:
        writer.close()


async def _end(connections: set[asyncio.Task[None]]) -> None:
    tasks = list(connections)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)
