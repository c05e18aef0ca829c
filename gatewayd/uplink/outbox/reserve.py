"""The reserve: a file that only takes up room, given up when a full disk lets nothing be written or even deleted."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import structlog

PATIENCE = 60.0
"""Seconds between attempts to make it again."""


log = structlog.get_logger()


class Reserve:
    """The reserve beside a database; it is a convenience, so nothing here ever raises OSError."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size
        self._next = 0.0
        self._there = False
        self._released = False

    def release(self) -> None:
        """Give the room back to the disk, if there is any to give."""
        self._next = time.monotonic() + PATIENCE
        self._there = False
        with contextlib.suppress(OSError):
            self._path.unlink()
            log.warning("outbox_reserve_released", path=str(self._path))
            self._released = True

    def replenish(self) -> bool:
        """Have the reserve, if the disk has the room and it is not too soon to try; gives whether it is there."""
        if self._there or time.monotonic() < self._next:
            return self._there
        self._next = time.monotonic() + PATIENCE
        try:
            disk = os.statvfs(self._path.parent)
            if disk.f_bavail * disk.f_frsize < 2 * self._size:  # or it would be made of what it was given up for
                return False
            self._make()
            self._there = True
            if self._released:
                log.info("outbox_reserve_restored", path=str(self._path))
            self._released = False
        except OSError:
            with contextlib.suppress(OSError):
                self._path.unlink()
        return self._there

    def _make(self) -> None:
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(handle, 0, self._size)
        finally:
            os.close(handle)
