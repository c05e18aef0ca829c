"""Holding: for how long a plugin keeps the event loop from everybody else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

LOOK = 0.001
"""Seconds between looks whether something else can run."""


async def held(work: Callable[[], Awaitable[object]]) -> float:
    """For how many seconds at most nothing else could run while this was done."""
    loop = asyncio.get_running_loop()
    late, due = 0.0, loop.time()

    async def look() -> None:
        nonlocal late, due
        while True:
            late = max(late, loop.time() - due)
            due = loop.time() + LOOK
            await asyncio.sleep(LOOK)

    watch = asyncio.create_task(look(), name="watch on the event loop")
    try:
        await asyncio.sleep(0)
        await work()
        await asyncio.sleep(2 * LOOK)
    finally:
        watch.cancel()
    return late
