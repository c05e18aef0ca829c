"""The uplink for a soak: the network between the gateway and its broker fails in several ways."""

import asyncio
from contextlib import asynccontextmanager

from fault_proxy import fault_proxy
from soak_modbus import tcp_site

DEVICES = 6
"""As many as the broker takes 300 messages a second of, on a machine that does other things as well."""


class BrokerSite:
    """In turns the connection is broken off, closed, and broken off after acknowledgements were lost on it."""

    most_waiting = 500
    """Messages that wait at most when a sample is taken: each holds a dozen blocks."""

    def __init__(self, devices, proxy):
        self.breaks = 0
        self.sources = devices.sources
        self.port = proxy.port
        self._proxy = proxy

    def amiss(self):
        return []

    async def break_off(self, number):
        before = self._proxy.connections
        match number % 3:
            case 0:
                self._proxy.reset()
            case 1:
                self._proxy.hang_up()
            case 2:
                self._proxy.drops_pubacks = True
                await asyncio.sleep(0.05)
                self._proxy.drops_pubacks = False
                self._proxy.reset()
        while self._proxy.connections == before:
            await asyncio.sleep(0.01)
        self.breaks += 1


@asynccontextmanager
async def broker_site(folder, broker):
    async with tcp_site(folder, devices=DEVICES, spoilt=0) as devices, fault_proxy(broker) as proxy:
        yield BrokerSite(devices, proxy)
