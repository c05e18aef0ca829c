"""Standing: how the sources of an isolated line are doing, over all of its processes and while it has none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import msgspec

from gatewayd import clock
from gatewayd.configured import ConfiguredSource
from gatewayd.foreign import one_line
from gatewayd.isolation.messages import Beat, RubbishError
from gatewayd.model import Polled
from gatewayd.sources import Accounts, OwnProcess, SourceStatus, State
from gatewayd.sources.health.status import SECOND, Health

MOST = 1000
"""Facts of one kind about a source that are kept."""
TOO_MUCH = 2**63
"""Seconds, bytes or whatever."""


@dataclass(slots=True)
class Counts:
    """The polls of one source, counted here, because a process forgets them when it ends."""

    polls: int = 0
    failed: int = 0
    missed: int = 0


class Standing:
    """The last word about each source."""

    def __init__(self, sources: Sequence[ConfiguredSource]) -> None:
        now = clock.now()
        self._latest = {each.name: replace(_unheard(each, now), line=_line(each)) for each in sources}
        self._earlier = {each.name: Accounts() for each in sources}
        self._counts = {each.name: Counts() for each in sources}
        self._by_group = {group: self._counts[each.name] for each in sources for group in each.groups}
        self._since = 0
        """When the line lost its process; 0: it has one."""
        self._why = ""
        self._failures = 0
        self._state = State.FAILING

    def count(self, polled: Polled) -> None:
        """Take the outcome of a poll in."""
        if not polled.continued:
            counts = self._by_group[polled.group]
            counts.polls += 1
            counts.failed += polled.failed
            counts.missed += polled.missed

    def heard(self, beat: Beat, pid: int) -> None:
        """What the process says of its sources. Raises RubbishError."""
        if {status.name for status in beat.statuses} != self._latest.keys():
            raise RubbishError("talked rubbish: of sources that it does not have")
        process = OwnProcess(pid, _possible(beat.memory), self._failures)
        for told in beat.statuses:
            before = self._latest[told.name]
            status = msgspec.convert(_possible(msgspec.to_builtins(told)), SourceStatus)
            accounts = status.accounts.after(self._earlier[told.name])
            self._latest[told.name] = replace(
                status, name=before.name, plugin=before.plugin, line=before.line, accounts=accounts, process=process
            )

    def rose(self) -> None:
        """There is a process that works."""
        self._since = 0

    def fell(self, why: str, failures: int, *, again: bool) -> None:
        """The process failed; `again`: not for the first time in a row."""
        now = clock.now()
        self._since = self._since or now
        self._why = one_line(why)
        self._failures = failures
        self._state = State.QUARANTINED if again else State.FAILING
        for name, status in self._latest.items():
            self._earlier[name] = status.accounts
            self._latest[name] = replace(status, last_error=self._why, last_error_age=0.0, process=None)

    def status(self, now: int) -> Iterable[SourceStatus]:
        """How each source is doing at `now` (`gatewayd.clock`)."""
        for name, status in self._latest.items():
            counts = self._counts[name]
            counted = replace(status, polls=counts.polls, failed=counts.failed, missed=counts.missed)
            if not self._since:
                yield counted
                continue
            seconds = (now - self._since) / SECOND
            yield replace(counted, state=self._state, seconds=seconds, last_error=self._why, last_error_age=seconds)


def _unheard(source: ConfiguredSource, now: int) -> SourceStatus:
    """A source before its process has said anything."""
    return Health(source.name, source.plugin).status(now, {})


def _line(source: ConfiguredSource) -> str:
    return source.name if source.line is None else source.line.name


def _possible(told: Any) -> Any:
    """What is told, with numbers that can be (else RubbishError) and texts that fit."""
    if isinstance(told, str):
        return one_line(told)
    if isinstance(told, dict):
        return {_possible(key): _possible(each) for key, each in islice(told.items(), MOST)}
    if isinstance(told, list | tuple):
        return list(map(_possible, told[:MOST]))
    if told is not None and not abs(told) < TOO_MUCH:  # NaN is not less either
        raise RubbishError(f"talked rubbish: a number that cannot be, {told}")
    return told
