"""The reserve: a file that only takes up room, given up when a full disk lets nothing be written or even deleted."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import structlog

PATIENCE = 60.0
"""Seconds between attempts to make it again."""
HINT = "free some room on this disk; until then the outbox does not grow, and drops its oldest messages when it is full"


log = structlog.get_logger()


class Reserve:
    """The reserve beside a database; it is a convenience, so nothing here ever raises OSError.

    That the disk is full, or nearly, is logged when it is found out and when it is over.
    """

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size
        self._next = 0.0
        self._there = False
        self._released = False
        self._full = False

    def resize(self, size: int) -> None:
        """Have another size from the next time on at which it is replenished, which may be at once."""
        if size != self._size:
            self._size, self._there, self._next = size, False, 0.0

    def look(self) -> None:
        """See whether it is still there: the folder that it was in may have been removed."""
        self._there = self._there and self._path.exists()

    def release(self, why: str) -> None:
        """Give the room back to the disk, if there is any to give, because nothing can be written."""
        self._next = time.monotonic() + PATIENCE
        self._there = False
        full = self._disk_is_full(why)
        with contextlib.suppress(OSError):
            self._path.unlink()
            if not full:
                log.warning("outbox_reserve_released", path=str(self._path), reason=why)
                self._released = True

    def replenish(self) -> bool:
        """Have the reserve, if the disk has the room and it is not too soon to try; gives whether it is there."""
        if self._there or time.monotonic() < self._next:
            return self._there
        self._next = time.monotonic() + PATIENCE
        if self._disk_is_full("there is no room for the outbox's reserve", self._held()):
            return False
        try:
            self._make()
        except OSError:
            with contextlib.suppress(OSError):
                self._path.unlink()
            return False
        self._there = True
        self._trouble_ends()
        return True

    def _held(self) -> int:
        """Bytes that the reserve has already, perhaps of another size."""
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    def _disk_is_full(self, why: str, ours: int = 0) -> bool:
        """Whether the disk has less than twice the room of the reserve, which else would be made of what it was for.

        Of that `ours` bytes are taken by the reserve already.
        """
        try:
            disk = os.statvfs(self._path.parent)
        except OSError:
            return False
        free = disk.f_bavail * disk.f_frsize
        if free + ours >= 2 * self._size:
            return False
        if not self._full:
            self._full = True
            log.error("outbox_disk_full", path=str(self._path.parent), free=free, reason=why, hint=HINT)
        return True

    def _trouble_ends(self) -> None:
        if self._full:
            log.info("outbox_disk_full_ended", path=str(self._path.parent))
        if self._released:
            log.info("outbox_reserve_restored", path=str(self._path))
        self._full = self._released = False

    def _make(self) -> None:
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.truncate(handle, min(self._size, os.fstat(handle).st_size))
            os.posix_fallocate(handle, 0, self._size)
        finally:
            os.close(handle)
