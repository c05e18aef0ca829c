"""Growth: how many bytes there are that were not there before."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

from gatewayd.testing.suite.possessions import SETTLING

MANY_TIMERS = 200


@contextmanager
def counted() -> Iterator[None]:
    """Count what is allocated from now on."""
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()


async def held_bytes() -> int:
    """What was allocated since the count began and is still there, when all that goes by itself has gone.

    An event loop keeps timers that were called off, with all that they know, until they are more than a hundred and
    most of its timers; so we call off that many.
    """
    await asyncio.sleep(SETTLING)
    loop = asyncio.get_running_loop()
    for _ in range(MANY_TIMERS):
        loop.call_later(3600.0, gc.collect).cancel()
    for _ in range(2):
        await asyncio.sleep(0)
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
