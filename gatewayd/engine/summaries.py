"""Summaries: what each channel of a source did over one period, in a few numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from gatewayd.engine.plan import Plan
from gatewayd.engine.windows import Derived
from gatewayd.model import Burst, Bytes, ChannelSummary, Floats, Kind, Polled, Summary
from gatewayd_ext import Tally

NOT_FINITE = "not a finite number"
_ONE = np.zeros(1)


@dataclass(slots=True)
class TalliedChannels:
    """Channels whose values always come together, and what they came to in this period."""

    numbers: tuple[int, ...]
    names: tuple[str, ...]
    tally: Tally = field(init=False)
    reasons: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tally = Tally(len(self.numbers))

    def push(self, values: Floats, qualities: Bytes, reasons: Mapping[str, str]) -> None:
        """Count one value of each channel in."""
        self.tally.push(values, qualities)
        if reasons:
            self.reasons.update(reasons)

    def close(self) -> list[ChannelSummary]:
        """The period's numbers; the next period begins."""
        rows = np.empty((len(self.names), 6))
        self.tally.read(rows)
        self.tally.clear()
        reasons, self.reasons = self.reasons, {}
        return [_channel(name, row, reasons) for name, row in zip(self.names, rows.tolist(), strict=True)]


def _channel(name: str, row: Sequence[float], reasons: Mapping[str, str]) -> ChannelSummary:
    count, bad, mean, low, high, last = row
    reason = reasons.get(name, NOT_FINITE) if bad else ""
    if not count:
        return ChannelSummary(name=name, count=0, bad=int(bad), reason=reason)
    return ChannelSummary(
        name=name, count=int(count), bad=int(bad), mean=mean, min=low, max=high, last=last, reason=reason
    )


@dataclass(slots=True)
class SourcePeriod:
    """One source in the present period."""

    name: str
    parts: list[TalliedChannels] = field(default_factory=list)
    polls: int = 0
    failed: int = 0
    missed: int = 0


class Summaries:
    """Tallies of every channel, closed together at the end of each period.

    Periods are the multiples of the period's length on the boot clock; the first one is shorter. What comes in
    with an earlier time after its period was closed is counted in the next one.
    """

    def __init__(self, plan: Plan, boot: str) -> None:
        self._boot = boot
        self._every = plan.summary_every
        self._start: int | None = None
        self._end = 0
        self._sources = {channel.source: SourcePeriod(channel.source) for channel in plan.channels}
        self._plan = plan
        self._groups = [self._tallied(group.channels) for group in plan.groups]
        waveforms = [n for n, channel in enumerate(plan.channels) if channel.kind is Kind.WAVEFORM]
        self._waveforms = {number: self._tallied((number,)) for number in waveforms}
        self._windows = [self._tallied(tuple(n for row in window.outputs for n in row)) for window in plan.windows]
        self._bursts = [self._tallied(features.outputs) for features in plan.bursts]

    def _tallied(self, numbers: tuple[int, ...]) -> TalliedChannels:
        source = self._plan.channels[numbers[0]].source
        names = tuple(self._plan.channels[number].name.removeprefix(f"{source}.") for number in numbers)
        tallied = TalliedChannels(numbers, names)
        self._sources[source].parts.append(tallied)
        return tallied

    def polled(self, polled: Polled) -> None:
        """Count a poll and its values."""
        self._groups[polled.group].push(polled.values, polled.qualities, polled.reasons)
        period = self._sources[self._plan.groups[polled.group].source]
        period.polls += 1
        period.failed += polled.failed
        period.missed += polled.missed

    def burst(self, burst: Burst) -> None:
        """Count a waveform; its values are summed up by its features."""
        quality = np.array([burst.quality], dtype=np.uint8)
        tallied = self._waveforms[burst.channel]
        tallied.push(_ONE, quality, {tallied.names[0]: burst.reason} if burst.reason else {})

    def window(self, derived: Derived) -> None:
        """Count the features of a window."""
        self._windows[derived.origin].push(derived.values, derived.qualities, {})

    def burst_features(self, derived: Derived) -> None:
        """Count the features of a burst."""
        self._bursts[derived.origin].push(derived.values, derived.qualities, {})

    def due(self, time: int, open_alarms: Callable[[], Mapping[str, tuple[str, ...]]]) -> list[Summary]:
        """The summaries of a period that is over at `time`; `open_alarms` gives the names of rules, by source."""
        if self._start is None:
            self._begin(time)
        if time < self._end:
            return []
        alarms = open_alarms()
        summaries = [self._close(source, alarms.get(source.name, ())) for source in self._sources.values()]
        self._begin(time)
        return summaries

    def _begin(self, time: int) -> None:
        first = self._start is None
        self._start = time if first else time - time % self._every
        self._end = time - time % self._every + self._every

    def _close(self, source: SourcePeriod, alarms: tuple[str, ...]) -> Summary:
        summary = Summary(
            boot=self._boot,
            source=source.name,
            start=self._start or 0,
            end=self._end,
            channels=tuple(channel for part in source.parts for channel in part.close()),
            alarms=alarms,
            polls=source.polls,
            failed=source.failed,
            missed=source.missed,
        )
        source.polls = source.failed = source.missed = 0
        return summary
