"""Brokers that are none, or only half: each is a few bytes of MQTT."""

import asyncio
from contextlib import asynccontextmanager, suppress

from gatewayd.testing import serving

CONNACK = bytes([0x20, 3, 0, 0, 0])
"""MQTT 5: welcome, no session, no properties."""
DISCONNECT_TAKEN_OVER = bytes([0xE0, 2, 0x8E, 0])
ANNOUNCED_256_MB = b"\xff\xff\xff\x7f"
"""The length of a packet that is as long as MQTT knows."""


def connack_with(size):
    """MQTT 5: welcome, but the broker takes no packet of more bytes."""
    return bytes([0x20, 8, 0, 0, 5, 0x27, *size.to_bytes(4, "big")])


class Flood:
    """How much of a flood the clients took, as the broker sees it."""

    def __init__(self, port):
        self.port = port
        self.taken = 0
        self.clients = 0


@asynccontextmanager
async def flooding_broker(first, flood, *, most=64 << 20):
    """Answers the first packet with `first`, and goes on with `flood` while that is taken, up to `most` bytes."""
    seen = Flood(0)

    async def serve(reader, writer):
        seen.clients += 1
        await reader.read(65536)
        writer.write(first)
        with suppress(OSError):
            while seen.taken < most:
                writer.write(flood)
                await writer.drain()
                seen.taken += len(flood)
                await asyncio.sleep(0)
            await reader.read()

    async with serving(serve) as seen.port:
        yield seen


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
