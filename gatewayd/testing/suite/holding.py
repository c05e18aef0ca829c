"""Holding: for how long a plugin keeps the event loop from everybody else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

LOOK = 0.001
"""Seconds between looks whether something else can run."""
SCHEDULING = Path("/proc/thread-self/schedstat")
"""Where Linux tells of a thread for how many nanoseconds it has run, and waited until it may run."""


async def held(work: Callable[[], Awaitable[object]]) -> float:
    """For how many seconds at most nothing else could run while this was done.

    What other processes take of the processor does not count, where the kernel tells of it.
    """
    late, begun, due = 0.0, own_time(), 0.0

    async def look() -> None:
        nonlocal late, due
        while True:
            now = own_time() - begun
            late = max(late, now - due)
            due = now + LOOK
            await asyncio.sleep(LOOK)

    watch = asyncio.create_task(look(), name="watch on the event loop")
    try:
        await asyncio.sleep(0)
        await work()
        await asyncio.sleep(2 * LOOK)
    finally:
        watch.cancel()
    return late


def own_time() -> float:
    """A time in seconds that stands still while this thread is ready to run and has no processor."""
    while True:
        waited, now = kept_waiting(), time.monotonic()
        if kept_waiting() == waited:  # else it has waited just between these two
            return now - waited


def kept_waiting() -> float:
    """For how many seconds this thread has been ready to run and had no processor; 0 where that is not told."""
    try:
        return int(SCHEDULING.read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
