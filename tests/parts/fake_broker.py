"""Brokers that are none, or only half: each is a few bytes of MQTT."""

import asyncio
from contextlib import asynccontextmanager

from gatewayd.testing import serving

CONNACK = bytes([0x20, 3, 0, 0, 0])
"""MQTT 5: welcome, no session, no properties."""
DISCONNECT_TAKEN_OVER = bytes([0xE0, 2, 0x8E, 0])


@asynccontextmanager
async def broker_that_says(*replies, ends=False):
    """Answers the first packets that come with these bytes each, and all later ones with nothing; then may close."""

    async def serve(reader, writer):
        for reply in replies:
            await reader.read(65536)
            writer.write(reply)
        while not ends and await reader.read(65536):
            pass

    async with serving(serve) as port:
        yield port


@asynccontextmanager
async def slow_broker(seconds):
    """Lets everybody in and acknowledges each packet that it hears, as the first, second, ... but takes its time."""

    async def serve(reader, writer):
        await reader.read(65536)
        writer.write(CONNACK)
        number = 0
        while await reader.read(65536):
            await asyncio.sleep(seconds)
            number += 1
            writer.write(bytes([0x40, 2, 0, number]))

    async with serving(serve) as port:
        yield port
