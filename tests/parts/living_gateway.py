"""The daemon in the test's own process, with orders instead of signals."""

import asyncio
from contextlib import asynccontextmanager

from gatewayd.config import load
from gatewayd.daemon.orders import Orders
from gatewayd.daemon.run import Run

PATIENCE = 20.0


class LivingGateway:
    """A run of the daemon; `told` is what the last reload changed."""

    def __init__(self, path):
        self.path = path
        self.orders = Orders()
        self.run = Run(load(path), self.orders, ())

    async def reload(self, text):
        """Write another config and have it read; what comes of it is given, or raised."""
        self.path.write_text(text)
        async with asyncio.timeout(PATIENCE):
            return await self.orders.ask_reload()

    def source(self, name):
        return next((each for each in self.run.status().sources if each.name == name), None)

    async def polled(self, name, times):
        """Wait until a source has been polled so many times."""
        async with asyncio.timeout(PATIENCE):
            while (source := self.source(name)) is None or source.polls < times:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def living(path):
    gateway = LivingGateway(path)
    task = asyncio.create_task(gateway.run.until_ending(), name="gateway")
    try:
        async with asyncio.timeout(PATIENCE):
            while not gateway.run.started:
                await asyncio.wait({task}, timeout=0.01)
                if task.done():
                    task.result()
        yield gateway
    finally:
        gateway.orders.order_stop()
        async with asyncio.timeout(PATIENCE):
            await task
