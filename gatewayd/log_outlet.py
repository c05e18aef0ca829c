"""The outlet of the log: a thread writes its lines, so that a journal that does not take them stops nothing else."""

from __future__ import annotations

import atexit
import os
import threading
from collections import deque
from collections.abc import Callable

MOST = 1000
"""Lines that may wait to be written; those that come then are dropped."""
LAST_WORDS = 2.0
"""Seconds that the last lines have at the end of the process."""


class Outlet:
    """Lines on their way to a descriptor, as the `file` of a structlog logger.

    `tell` is called with the number of lines that were dropped when the next ones can be written.
    """

    def __init__(self, descriptor: int, tell: Callable[[int], None]) -> None:
        self._descriptor = descriptor
        self._tell = tell
        self._waiting: deque[str] = deque()
        self._dropped = 0
        self._news = threading.Condition()
        self._busy = False
        threading.Thread(target=self._empty, name="log", daemon=True).start()
        atexit.register(self.settle, LAST_WORDS)

    def write(self, text: str) -> int:
        """Have it written; never waits."""
        with self._news:
            if len(self._waiting) < MOST:
                self._waiting.append(text)
                self._news.notify_all()
            else:
                self._dropped += 1
        return len(text)

    def flush(self) -> None:
        """Nothing: the thread does it."""

    def settle(self, seconds: float) -> bool:
        """Wait until all is written, for so long at most; whether it is."""
        with self._news:
            return self._news.wait_for(lambda: not (self._waiting or self._busy), seconds)

    def _empty(self) -> None:
        while True:
            with self._news:
                self._busy = False
                self._news.notify_all()
                self._news.wait_for(lambda: self._waiting)
                lines = "".join(self._waiting)
                self._waiting.clear()
                self._busy = True
            lost = self._written(lines.encode(errors="replace"))
            with self._news:
                dropped, self._dropped = self._dropped, 0
            if dropped and not lost:
                self._tell(dropped)

    def _written(self, data: bytes) -> bool:
        """Write; whether nobody reads any more: a log is no reason to end."""
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError:
            return True
        return False
