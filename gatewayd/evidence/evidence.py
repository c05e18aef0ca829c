"""Evidence in the daemon: gathers what comes in, and has it written when an alarm is raised, and when time has passed.

For the event loop's thread, or one that it waits for; files are written by a thread of its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import structlog

from gatewayd import clock
from gatewayd.evidence.case import Case
from gatewayd.evidence.facts import Facts
from gatewayd.evidence.folder import Folder
from gatewayd.evidence.ring import Ring, Row
from gatewayd.evidence.writer import Writer
from gatewayd.model import Burst, Bytes, Computed, Floats, Input, Polled
from gatewayd.models.card import ModelStatus
from gatewayd.records import Alarm, AlarmState, AnyRecord, Stamp
from gatewayd.state.storage import has_ended, written_by

MOST_IN_MEMORY = 8 << 20
"""Bytes of rows that came lately, of the last waveforms, and of waveforms that pending alarms hold, each."""
PENDING = 32
"""Alarms that may wait for what comes after them. Of further ones there is what came before."""
CLOSE = 10.0
"""Seconds that closing may take."""

log = structlog.get_logger()


class Derived(Protocol):
    """Values of derived channels that came together."""

    @property
    def outputs(self) -> tuple[int, ...]: ...  # noqa: D102 - as in gatewayd.engine.derived
    @property
    def time(self) -> int: ...  # noqa: D102
    @property
    def values(self) -> Floats: ...  # noqa: D102
    @property
    def qualities(self) -> Bytes: ...  # noqa: D102
    @property
    def reasons(self) -> Mapping[str, str]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class EvidenceStatus:
    """How it is doing: the files and the bytes that they take, the alarms without one; why none is written, if so.

    `written` bytes were written since it began.
    """

    files: int
    bytes: int
    without: int
    written: int
    failing: str


class Evidence:
    """The evidence in `folder`, which never takes more than `max_size` bytes."""

    def __init__(self, folder: Path, max_size: int, facts: Facts) -> None:
        self._limit = min(max_size // 4, MOST_IN_MEMORY)
        self._ring = Ring(facts.before, self._limit)
        self._pending: deque[Case] = deque()
        self._now = 0
        self._folder = Folder(folder, max_size)
        self._writer = Writer(self._folder, facts)
        self._take_on(facts)

    def _take_on(self, facts: Facts) -> None:
        self._facts = facts
        self._groups = [group.channels for group in facts.plan.groups]
        self._sources = [channel.source for channel in facts.plan.channels]

    def open(self) -> None:
        """Remove what a kill has left unfinished, and be ready to write."""
        self._writer.start()

    def turn_to(self, facts: Facts, max_size: int) -> None:
        """Go on with another plan, in which channels have other numbers, and within so many bytes.

        What came of channels that are gone is forgotten, but that they had a part in alarms that are pending.
        """
        names = {channel.name: number for number, channel in enumerate(facts.plan.channels)}
        numbers = {
            number: names[channel.name]
            for number, channel in enumerate(self._facts.plan.channels)
            if channel.name in names
        }
        self._limit = min(max_size // 4, MOST_IN_MEMORY)
        self._folder.resize(max_size)
        self._ring.resize(facts.before, self._limit)
        if len(numbers) < len(self._sources) or any(old != new for old, new in numbers.items()):
            self._ring = self._ring.renumbered(numbers)
            self._pending = deque(case.renumbered(numbers) for case in self._pending)
        self._take_on(facts)
        self._writer.turn_to(facts)
        self._pin()

    def put(self, item: Input) -> None:
        """See what the engine is about to be fed."""
        if isinstance(item, Polled):
            self._ring.put(Row(self._groups[item.group], item.time, item.values, item.qualities, item.reasons))
        elif isinstance(item, Burst):
            self._burst(item)
        if item.time > self._now and not isinstance(item, Computed):
            self._now = item.time
        if self._pending and self._pending[0].end < self._now:
            self._finish()

    def derived(self, derived: Derived) -> None:
        """See what the engine derives."""
        self._ring.put(Row(derived.outputs, derived.time, derived.values, derived.qualities, derived.reasons))

    def told(self, records: Iterable[AnyRecord], models: Callable[[], Sequence[ModelStatus]]) -> None:
        """See what the engine says: each alarm that is raised is a case. `models` tells how models stand."""
        for record in records:
            if isinstance(record, Alarm) and _is_new(record):
                self._begin(record, models())

    def stop(self) -> None:
        """There will be nothing more: what is pending is written as it is."""
        while self._pending:
            self._write(self._pending.popleft())

    async def close(self) -> None:
        """Write what waits, unless the disk takes too long."""
        if not self._writer.is_alive():
            return
        self._writer.close()
        if not await has_ended(self._writer, CLOSE):
            log.warning("evidence_closed_incomplete", reason=f"the disk takes longer than {CLOSE:g} s")

    def status(self) -> EvidenceStatus:
        """How it is doing."""
        writer = self._writer
        return EvidenceStatus(writer.files, writer.bytes, writer.without, written_by(writer.native_id), writer.failing)

    def _burst(self, burst: Burst) -> None:
        self._ring.burst(burst)
        for case in self._pending:
            wanted = self._sources[burst.channel] in case.sources and burst.channel not in case.after
            if wanted and self._has_room(burst.values.nbytes):
                case.after[burst.channel] = burst

    def _has_room(self, size: int) -> bool:
        """Whether what is pending may hold so many bytes of waveforms more."""
        return size + sum(case.weight for case in self._pending) <= self._limit

    def _begin(self, alarm: Alarm, models: Sequence[ModelStatus]) -> None:
        sources = self._facts.sources(alarm)
        case = Case(
            alarm=alarm,
            begin=alarm.time - self._facts.before,
            end=max(self._now, alarm.time) + self._facts.after,
            sources=sources,
            rows=self._ring.rows(),
            before={n: burst for n, burst in self._ring.waves().items() if self._sources[n] in sources},
            models=models,
            dating=clock.dating(),
            whole=self._ring.reaches(alarm.time - self._facts.before),
        )
        self._writer.put(case)
        if len(self._pending) < PENDING and self._has_room(case.weight):
            self._pending.append(replace(case, rows=(), after={}))
            self._pin()

    def _finish(self) -> None:
        """What was waited for has come."""
        while self._pending and self._pending[0].end < self._now:
            case = self._pending.popleft()
            case.complete = True
            self._write(case)

    def _write(self, case: Case) -> None:
        """Write it again with what came since, unless that would take away from what came before."""
        if self._ring.reaches(case.begin) or not case.whole:
            self._writer.put(replace(case, rows=self._ring.rows(), dating=clock.dating()))
        self._pin()

    def _pin(self) -> None:
        self._ring.pinned = min((case.begin for case in self._pending), default=None)


def _is_new(alarm: Alarm) -> bool:
    """Whether it is raised for the first time, and in this boot."""
    return alarm.state is AlarmState.RAISED and alarm.raised == Stamp(clock.boot(), alarm.time)
