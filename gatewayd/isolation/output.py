"""Output: what a child process prints is read, so that it never waits, and logged as far as that is reasonable."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence

import structlog

from gatewayd.foreign import one_line
from gatewayd.isolation.budgets import Budget

CHUNK = 1 << 16
PAUSE = 0.02
"""Seconds between two reads: 3 MB a second are read at most. Who prints more than that waits."""
AT_ONCE = 60
"""Lines that are logged without delay: two tracebacks."""

log = structlog.get_logger()


class Output:
    """The reading end of the pipe that is a process's stdout and stderr."""

    def __init__(self, descriptor: int, line: str, rate: float) -> None:
        self._descriptor = descriptor
        self._line = line
        self._budget = Budget(rate, AT_ONCE)
        self._rest = b""
        self._dropped = 0
        self._timer: asyncio.TimerHandle | None = None
        os.set_blocking(descriptor, False)
        self._wait()

    def close(self) -> None:
        """Log what is left and let go."""
        if self._descriptor < 0:
            return
        self._read(final=True)
        self._tell_dropped()
        if self._timer:
            self._timer.cancel()
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)
        self._descriptor = -1

    def _wait(self) -> None:
        asyncio.get_running_loop().add_reader(self._descriptor, self._read)

    def _read(self, *, final: bool = False) -> None:
        loop = asyncio.get_running_loop()
        try:
            chunk = os.read(self._descriptor, CHUNK)
        except BlockingIOError:
            if not final:
                return
            chunk = b""
        loop.remove_reader(self._descriptor)
        if chunk and not final:
            self._timer = loop.call_later(PAUSE, self._wait)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if final or len(self._rest) > CHUNK:
            lines.append(self._rest)
            self._rest = b""
        self._tell(list(filter(None, map(bytes.strip, lines))), loop.time())

    def _tell(self, lines: Sequence[bytes], now: float) -> None:
        """Log what may be logged of the lines that have come `now`."""
        for number, line in enumerate(lines):
            if not self._budget.spend(1, now):
                self._dropped += len(lines) - number
                return
            self._tell_dropped()
            self._tell_one(line)

    def _tell_one(self, line: bytes) -> None:
        log.info("process_printed", line=self._line, text=one_line(line[:CHUNK].decode(errors="replace")))

    def _tell_dropped(self) -> None:
        if self._dropped:
            log.warning("process_prints_too_much", line=self._line, lines_dropped=self._dropped)
            self._dropped = 0
