"""The outlet of the log: a thread writes its lines, so that a journal that does not take them stops nothing else."""

from __future__ import annotations

import atexit
import os
import select
import threading
from collections.abc import Callable, Sequence

MOST = 1 << 20
"""Characters that may wait to be written; lines for which there is no room then are dropped."""
LAST_WORDS = 2.0
"""Seconds that the last lines have at the end of the process."""


class Outlet:
    """Lines on their way to a descriptor, as the `file` of a structlog logger.

    `tell` is called with the number of lines that were dropped when lines can be written again.
    """

    def __init__(self, descriptor: int, tell: Callable[[int], None]) -> None:
        self._descriptor = descriptor
        self._tell = tell
        self._begin()
        os.register_at_fork(after_in_child=self._begin)  # there the thread is missing, and a lock may be held for ever
        atexit.register(lambda: self.settle(LAST_WORDS))

    def write(self, text: str) -> int:
        """Have it written; never waits."""
        with self._news:
            if self._waiting and self._size + len(text) > MOST:
                self._dropped += 1
            else:
                self._waiting.append(text)
                self._size += len(text)
                self._news.notify_all()
        return len(text)

    def flush(self) -> None:
        """Nothing: the thread does it."""

    def settle(self, seconds: float) -> bool:
        """Wait until all is written, for so long at most; whether it is."""
        with self._news:
            return self._news.wait_for(lambda: not (self._waiting or self._is_busy), seconds)

    def _begin(self) -> None:
        self._waiting: list[str] = []
        self._size = 0
        self._dropped = 0
        self._is_busy = False
        self._news = threading.Condition()
        threading.Thread(target=self._empty, name="log", daemon=True).start()

    def _empty(self) -> None:
        while True:
            with self._news:
                self._is_busy = False
                self._news.notify_all()
                self._news.wait_for(lambda: self._waiting)
                lines, self._waiting, self._size = self._waiting, [], 0
                self._is_busy = True
            self._put(lines)

    def _put(self, lines: Sequence[str]) -> None:
        try:
            self._write("".join(lines).encode(errors="replace"))
        except OSError:  # nobody reads any more, or the disk is full: that is no reason to end
            with self._news:
                self._dropped += len(lines)
            return
        with self._news:
            dropped, self._dropped = self._dropped, 0
        if dropped:
            self._tell(dropped)

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:  # another program that has the same descriptor has made it so
                select.select([], [self._descriptor], [])
