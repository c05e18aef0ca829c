"""Upkeep: what others look for in the state folder is looked at again and again, and made again when it is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from gatewayd.daemon.succession import ended

LOOK = 5.0
"""Seconds between looks."""


@asynccontextmanager
async def kept_up(*parts: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Have each part see to itself now and then, in this order."""
    looking = asyncio.create_task(_look(parts), name="upkeep")
    try:
        yield
    finally:
        await ended(looking)


async def _look(parts: tuple[Callable[[], Awaitable[None]], ...]) -> None:
    while True:
        await asyncio.sleep(LOOK)
        for part in parts:
            await part()
