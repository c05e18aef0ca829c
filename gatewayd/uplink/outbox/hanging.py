"""Hanging: a disk that neither writes nor refuses to holds the writer up, so it is the event loop that must notice."""

from __future__ import annotations

import time
from pathlib import Path

import structlog

from gatewayd.uplink.outbox.reports import Reports
from gatewayd.uplink.outbox.writer import Writer

HANGS = 10.0
"""Seconds without a sign of life of the writer after which records are sent that are not stored."""
LOOK = 1.0
"""Seconds between looks."""

log = structlog.get_logger()


class Hanging:
    """Looks at the writer again and again until it is closed. `why` says what is wrong, empty: nothing."""

    def __init__(self, path: Path, writer: Writer, reports: Reports) -> None:
        self.why = ""
        self._path = path
        self._writer = writer
        self._reports = reports
        self._beat = self._since = writer.beat
        self._silent = 0
        self._next = reports.loop.call_later(LOOK, self._look)

    def close(self) -> None:
        """Look no more."""
        self._next.cancel()

    def _look(self) -> None:
        """Silence is counted in looks: a process that was stopped, as with its machine, is no hint of the disk."""
        beat = self._writer.beat
        self._silent = self._silent + 1 if beat == self._beat else 0
        hangs = self._silent * LOOK >= HANGS
        if hangs and not self.why:
            self._begin()
        elif self.why and not hangs:
            self._end()
        self._beat = beat
        self._next = self._reports.loop.call_later(LOOK, self._look)

    def _begin(self) -> None:
        silent = f"the disk does not answer for more than {HANGS:g} s"
        self.why = silent if self._writer.is_alive() else "its writer has ended by a mistake of ours"
        log.error("outbox_write_failed", path=str(self._path), reason=self.why)
        self._since = self._beat
        self._reports.unwritable(self.why)

    def _end(self) -> None:
        self.why = ""
        if self._writer.refused:  # which tells itself of how that goes on
            return
        seconds = round(time.monotonic() - self._since, 1)
        log.info("outbox_write_recovered", path=str(self._path), seconds=seconds)
        self._reports.writable()
