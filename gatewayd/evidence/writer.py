"""The writer: the one thread that makes and writes files of evidence."""

from __future__ import annotations

import math
import queue
import threading
import time

import structlog

from gatewayd.evidence.case import Case
from gatewayd.evidence.content import contents
from gatewayd.evidence.facts import Facts
from gatewayd.evidence.folder import Folder, TooLargeError
from gatewayd.evidence.redating import Redating

MOST = 64
"""Cases that may wait for the disk."""
STUCK = 30.0
"""Seconds after which the disk counts as stuck, so that no more may wait for it: they hold what the ring has let go."""

LOOK = 10.0
"""Seconds between looks at the clock while there is nothing to write."""

log = structlog.get_logger()


class Writer(threading.Thread):
    """Writes what is put until it is closed. An alarm whose evidence cannot be written goes without, and is counted."""

    def __init__(self, folder: Folder, facts: Facts) -> None:
        super().__init__(name="evidence", daemon=True)
        self.files = self.bytes = 0
        self.without = 0
        """Cases that were not written."""
        self.failing = ""
        """Why not."""
        self._folder = folder
        self._facts = facts
        self._cases: queue.Queue[tuple[Case, Facts] | None] = queue.Queue(MOST + 1)
        self._redating = Redating(folder)
        self._opened = False
        self._neglected = False
        """Whether what is kept could not be counted, or not be dated anew."""
        self._begun = math.inf
        """When it began to write the case that it is writing."""

    def put(self, case: Case) -> None:
        """Have a case written; where too many wait it goes without."""
        if self._cases.qsize() >= MOST:
            self._trouble(f"{MOST} alarms wait for the disk already")
        elif time.monotonic() - self._begun > STUCK:
            self._trouble(f"the disk has been busy for {STUCK:g} s")
        else:
            self._cases.put_nowait((case, self._facts))

    def turn_to(self, facts: Facts) -> None:
        """The cases that are put from now on are described by other facts."""
        self._facts = facts

    def close(self) -> None:
        """There will be nothing more."""
        self._cases.put_nowait(None)

    def run(self) -> None:
        """Work until it is closed."""
        self._attempt(None)
        while (put := self._next()) is not None:
            self._begun = time.monotonic()
            self._attempt(*put)
            self._begun = math.inf

    def _next(self) -> tuple[Case | None, Facts | None] | None:
        """Wait for the next case; none now and then, to look at the clock."""
        try:
            return self._cases.get(timeout=LOOK)
        except queue.Empty:
            return None, None

    def _attempt(self, case: Case | None, facts: Facts | None = None) -> None:
        try:
            if not self._opened:
                self._folder.open()
                self._opened = True
            if case is not None and facts is not None:
                self._write(case, facts)
        except OSError as error:
            self._trouble(str(error), lost=case is not None)
        except Exception as bug:  # noqa: BLE001 - one alarm that we cannot describe must not cost all others theirs
            self._trouble(f"a bug of gatewayd: {bug!r}", lost=case is not None, bug=bug)
        else:
            self._look_after()

    def _look_after(self) -> None:
        """See to all that is kept; what fails here costs no alarm its evidence."""
        try:
            self._redating.look()
            self.files, self.bytes = self._folder.figures()
        except Exception as error:  # neither the disk nor a bug of ours may end the thread
            if not self._neglected:
                bug = None if isinstance(error, OSError) else error
                log.error("evidence_not_looked_after", reason=str(error) or repr(error), exc_info=bug)
            self._neglected = True
        else:
            if self._neglected:
                log.info("evidence_looked_after_again")
            self._neglected = False

    def _write(self, case: Case, facts: Facts) -> None:
        for data in contents(case, facts):
            try:
                self._folder.put(case.alarm, data)
            except TooLargeError:
                continue
            if self.failing:
                log.info("evidence_goes_on", without=self.without)
            self.failing = ""
            return
        self._trouble("it is more than half of what all evidence may take ([evidence] max_size)")

    def _trouble(self, reason: str, *, lost: bool = True, bug: Exception | None = None) -> None:
        self.without += lost
        if not self.failing:
            log.error("evidence_left_out", reason=reason, exc_info=bug)
        self.failing = reason
