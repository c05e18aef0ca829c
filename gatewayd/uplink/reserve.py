"""The reserve: a file that only takes up room, given up when a full disk lets nothing be written or even deleted."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

SIZE = 256 << 10
PATIENCE = 60.0
"""Seconds between attempts to make it again."""


class Reserve:
    """The reserve beside a database; it is a convenience, so nothing here ever raises OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._next = 0.0
        self._there = False

    def release(self) -> bool:
        """Give the room back to the disk; False if there was none to give."""
        self._next = time.monotonic() + PATIENCE
        self._there = False
        with contextlib.suppress(OSError):
            self._path.unlink()
            return True
        return False

    def replenish(self) -> None:
        """Have the reserve, if the disk has the room and it is not too soon to try."""
        if self._there or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + PATIENCE
        try:
            self._make()
            self._there = True
        except OSError:
            with contextlib.suppress(OSError):
                self._path.unlink()

    def _make(self) -> None:
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(handle, 0, SIZE)
        finally:
            os.close(handle)
