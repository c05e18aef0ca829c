"""The pulse: notices when a process gives no sign of life, but not when we ourselves were asleep."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

LATE = 1.0
"""Seconds by which a look is only late when our own event loop was held up, and signs of life are still unread."""


class Pulse:
    """Calls `silent` once when there was no beat for `limit` seconds."""

    def __init__(self, limit: float, silent: Callable[[], None]) -> None:
        self._limit = limit
        self._silent = silent
        self._loop = asyncio.get_running_loop()
        self._last = self._loop.time()
        self._timer = self._loop.call_later(limit, self._look)

    def beat(self, limit: float) -> None:
        """A sign of life; the next one is due within `limit` seconds."""
        self._last = self._loop.time()
        if limit != self._limit:
            self._limit = limit
            self._set(self._last + limit)

    def stop(self) -> None:
        """Listen no more."""
        self._timer.cancel()

    def _look(self) -> None:
        now = self._loop.time()
        if now - self._timer.when() > LATE:
            self._set(now + self._limit)
        elif now - self._last < self._limit:
            self._set(self._last + self._limit)
        else:
            self._silent()

    def _set(self, when: float) -> None:
        self._timer.cancel()
        self._timer = self._loop.call_at(when, self._look)
