"""The throttle: rows that the broker would not take yet, and how long to leave it in peace."""

from __future__ import annotations

import asyncio

import structlog

from gatewayd.uplink.backoff import Backoff
from gatewayd.uplink.row import MessageClass, Row

FIRST, LONGEST = 1.0, 60.0
"""Seconds of peace after the first time, and at most."""

log = structlog.get_logger()


class Throttle:
    """Rows to be sent again, one by one; `free` is set while there are none."""

    def __init__(self, pauses: Backoff | None = None) -> None:
        self.free = asyncio.Event()
        self.free.set()
        self._pauses = pauses or Backoff(FIRST, LONGEST)
        self._rows: list[Row] = []
        self._held = asyncio.Event()
        self._pause = 0.0

    @property
    def holds(self) -> bool:
        """Whether there are any."""
        return not self.free.is_set()

    def put(self, row: Row, why: str) -> None:
        """The broker would not take this row yet."""
        if not self.holds:
            log.warning("uplink_throttled", reason=why)
        self.free.clear()
        self._rows.append(row)
        self._rows.sort(key=lambda each: (each.message_class is not MessageClass.EVENT, each.id))
        self._pause = self._pause or self._pauses.next()
        self._held.set()

    async def next(self) -> Row:
        """Wait until there is one, and until the broker had its peace."""
        await self._held.wait()
        await asyncio.sleep(self._pause)
        self._pause = 0.0
        row = self._rows.pop(0)
        if not self._rows:
            self._held.clear()
        return row

    def answered(self) -> None:
        """The row that was given is settled, or has come back."""
        if not self._pause:
            self._pauses.worked(LONGEST + 1)  # it has not come back: the next time begins with a short pause
        if not self._rows and self.holds:
            self.free.set()
            log.info("uplink_throttled_ended")
