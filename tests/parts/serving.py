"""A TCP server on a free port whose connections all end with it."""

import asyncio
from contextlib import asynccontextmanager


@asynccontextmanager
async def serving(handler):
    """Call `handler(reader, writer)` for each connection; gives the port."""
    connections = {}

    def accept(reader, writer):
        task = asyncio.create_task(handler(reader, writer))
        connections[task] = writer
        task.add_done_callback(lambda task: connections.pop(task).close())

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for _ in range(3):  # what was accepted a moment ago gets its connection made
            await asyncio.sleep(0)
        tasks = list(connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)
