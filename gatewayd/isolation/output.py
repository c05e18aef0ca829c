"""Output: what a child process prints is read, so that it never waits, and logged as far as that is reasonable."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable

import structlog

from gatewayd.foreign import one_line
from gatewayd.isolation.budgets import Budget

CHUNK = 1 << 16
PAUSE = 0.02
"""Seconds between two reads: 3 MB a second are read at most. Who prints more than that waits."""
AT_ONCE = 60
"""Lines that are logged without delay: two tracebacks."""
TELL = 10.0
"""Seconds from the first line that is dropped until it is told how many were."""

log = structlog.get_logger()


class Output:
    """The reading end of the pipe that is a process's stdout and stderr."""

    def __init__(self, descriptor: int, line: str, rate: float) -> None:
        self._descriptor = descriptor
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._budget = Budget(rate, AT_ONCE)
        self._rest = b""
        self._dropped = 0
        self._next_read: asyncio.TimerHandle | None = None
        self._next_word: asyncio.TimerHandle | None = None
        os.set_blocking(descriptor, False)
        self._wait()

    def close(self) -> None:
        """Log what is left and let go; called once."""
        self._loop.remove_reader(self._descriptor)
        if self._next_read:
            self._next_read.cancel()
        self._tell((self._rest + (self._chunk() or b"")).split(b"\n"))
        os.close(self._descriptor)
        if self._next_word:
            self._next_word.cancel()
            self._tell_dropped()

    def _wait(self) -> None:
        self._loop.add_reader(self._descriptor, self._read)

    def _read(self) -> None:
        self._loop.remove_reader(self._descriptor)
        chunk = self._chunk()
        if chunk is None:
            return
        self._next_read = self._loop.call_later(PAUSE, self._wait)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > CHUNK:
            lines.append(self._rest)
            self._rest = b""
        self._tell(lines)

    def _chunk(self) -> bytes | None:
        """What is there at present; None when nobody has the other end any more."""
        try:
            return os.read(self._descriptor, CHUNK) or None
        except BlockingIOError:
            return b""

    def _tell(self, lines: Iterable[bytes]) -> None:
        """Log what may be logged of some lines."""
        now = self._loop.time()
        lines = list(filter(None, map(bytes.strip, lines)))
        for number, line in enumerate(lines):
            if not self._budget.spend(1, now):
                self._drop(len(lines) - number)
                return
            log.info("process_printed", line=self._line, text=one_line(line[:CHUNK].decode(errors="replace")))

    def _drop(self, lines: int) -> None:
        self._dropped += lines
        if not self._next_word:
            self._next_word = self._loop.call_later(TELL, self._tell_dropped)

    def _tell_dropped(self) -> None:
        log.warning("process_prints_too_much", line=self._line, lines_dropped=self._dropped)
        self._dropped = 0
        self._next_word = None
