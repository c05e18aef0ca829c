"""Experience: what a device was found to refuse or not to answer, and when to ask for that again. Pure.

Times are seconds of one clock that never goes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.planning.planner import Known
from gatewayd_plugins.modbus.planning.requests import Request

SILENT = 0
"""In place of an exception code: the device did not answer at all, though it answered other requests."""
DEVICE_FAILURE = 4
DAY = 86400.0
FIRST_WAIT = 60.0
"""Seconds until a value that was refused is asked for again; each time twice as long, up to LONGEST_WAIT."""
LONGEST_WAIT = 3600.0
FIRST_SILENT_WAIT = 3600.0
"""The same for a value that got no answer: to ask for it costs a time-out."""
SETTLED = 600.0
"""Seconds for which findings hold even if the device restarts, which it may do all the time."""


@dataclass(slots=True)
class Finding:
    """Something is refused with exception `code`; that is believed `until` a time, and was for `wait` seconds."""

    code: int
    since: float
    wait: float
    until: float


@dataclass(slots=True)
class Bound:
    """The device answers no requests of more than `count` entries; that is believed `until` a time."""

    count: int
    since: float
    until: float


class Experience:
    """What is known of one device. `version` is another one whenever there is something to plan anew for."""

    def __init__(self) -> None:
        self.version = 0
        self.values: dict[Request, Finding] = {}
        """Values that are refused when they are asked for alone."""
        self.holes: dict[Request, Finding] = {}
        """Holes that no request may read over."""
        self.bounds: dict[Table, Bound] = {}
        self._answered: dict[Table, int] = {}

    @property
    def fades(self) -> bool:
        """Whether there is something that `review` may forget."""
        return bool(self.holes or self.bounds)

    @property
    def known(self) -> Known:
        """All of it, for the planner."""
        return Known({table: bound.count for table, bound in self.bounds.items()}, (*self.values, *self.holes))

    def refused(self, value: Request, code: int, now: float) -> None:
        """A value was refused although nothing else was asked for."""
        first = FIRST_SILENT_WAIT if code == SILENT else FIRST_WAIT
        longest = {SILENT: DAY, DEVICE_FAILURE: FIRST_WAIT}.get(code, LONGEST_WAIT)
        before = self.values.get(value)
        wait = first if before is None else min(max(2 * before.wait, first), longest)
        self.values[value] = Finding(code, now, wait, now + wait)
        self.version += before is None

    def barred(self, hole: Request, code: int, now: float) -> None:
        """What nobody wants was refused, and with it a request that read over it."""
        self.holes[hole] = Finding(code, now, DAY, now + DAY)
        self.version += 1

    def bounded(self, table: Table, count: int, now: float) -> None:
        """The device answers no longer requests."""
        self.bounds[table] = Bound(count, now, now + DAY)
        self.version += 1

    def answered(self, request: Request) -> None:
        """A request was answered with data."""
        if request.count > self._answered.get(request.table, 0):
            self._answered[request.table] = request.count
        if self.values and self.values.pop(request, None) is not None:
            self.version += 1
            for finding in self.values.values():  # the device has come to itself, perhaps in all of it
                finding.until = 0.0

    def longest_answered(self, table: Table) -> int:
        """How long a request was that the device has answered; 0: it answered none."""
        return self._answered.get(table, 0)

    def spared(self, request: Request, now: float) -> int | None:
        """The exception code that a request would only be refused with again; None: make it."""
        finding = self.values.get(request)
        return finding.code if finding is not None and now < finding.until else None

    def review(self, now: float) -> None:
        """Forget the holes and bounds that were believed for long enough; values are asked for by themselves."""
        over = [hole for hole, finding in self.holes.items() if finding.until <= now]
        for hole in over:
            del self.holes[hole]
        loose = [table for table, bound in self.bounds.items() if bound.until <= now]
        for table in loose:
            del self.bounds[table]
            self._answered.pop(table, None)
        self.version += bool(over or loose)

    def restarted(self, now: float) -> None:
        """The device was away, and may be another now: what was not found just before is to be tried again."""
        believed: Iterator[Finding | Bound] = chain(self.values.values(), self.holes.values(), self.bounds.values())
        for each in believed:
            each.until = min(each.until, max(now, each.since + SETTLED))
