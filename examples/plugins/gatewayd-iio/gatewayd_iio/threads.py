"""Threads: what blocks for a moment runs in one, and is waited for even when it is no longer wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


async def to_the_end(function: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """What it returns. A thread cannot be broken off: what it does would mix with what is done to the device next."""
    task = asyncio.create_task(asyncio.to_thread(function, *arguments, **options), name="IIO device")
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
