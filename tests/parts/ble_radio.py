"""A radio on a fake BlueZ, and waiting for what it should do at once."""

import asyncio
from contextlib import asynccontextmanager

from gatewayd_plugins.ble.adapter.radio import Radio


@asynccontextmanager
async def opened(mode="active", wanted=()):
    """A radio that is open, and looks for what is wanted."""
    radio = Radio("hci0", mode)
    for each in wanted:
        radio.look_for(**each)
    await radio.open()
    try:
        yield radio
    finally:
        await radio.close()


async def until(true, limit=20.0):
    """Wait until something is so. Raises TimeoutError."""
    async with asyncio.timeout(limit):
        while not true():
            await asyncio.sleep(0.002)
