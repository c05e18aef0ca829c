"""Summaries: what each channel of a source did over one period, in a few numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from gatewayd.engine.alarms.standing import Standing, Standings
from gatewayd.engine.derived import Derived
from gatewayd.engine.measuring.reasons import FALLBACK
from gatewayd.engine.plan import Plan
from gatewayd.model import Burst, Bytes, Floats, Kind, Polled, Quality
from gatewayd.records import ChannelSummary, Summary
from gatewayd_ext import Tally

NOT_FINITE = "not a finite number"


class TalliedChannels:
    """Channels whose values always come together, and what they came to in this period.

    A channel that has no name here is passed over. `fallback` is the reason of bad values that came without one.
    """

    def __init__(self, names: Sequence[str | None], fallback: str) -> None:
        self._names = names
        self._fallback = fallback
        self._tally = Tally(len(names))
        self._reasons: dict[str, str] = {}

    def push(self, values: Floats, qualities: Bytes, reasons: Mapping[str, str]) -> None:
        """Count one value of each channel in."""
        self._tally.push(values, qualities)
        if reasons:
            self._reasons.update(reasons)

    def close(self) -> list[ChannelSummary]:
        """The period's numbers, of the channels that had values; the next period begins."""
        rows = np.empty((len(self._names), 6))
        self._tally.read(rows)
        self._tally.clear()
        named = [(name, row) for name, row in zip(self._names, rows.tolist(), strict=True) if name is not None]
        summaries = [self._summary(name, row) for name, row in named if row[0] or row[1]]
        self._reasons = {}
        return summaries

    def _summary(self, name: str, row: Sequence[float]) -> ChannelSummary:
        count, bad, mean, low, high, last = row
        reason = self._reasons.get(name, self._fallback) if bad else ""
        if not count:
            return ChannelSummary(name=name, count=0, bad=int(bad), reason=reason)
        return ChannelSummary(
            name=name, count=int(count), bad=int(bad), mean=mean, min=low, max=high, last=last, reason=reason
        )


@dataclass(slots=True)
class CountedBursts:
    """The waveforms of one channel in this period: only their number, for their features sum them up."""

    name: str
    good: int = 0
    bad: int = 0
    reason: str = ""
    gaps: int = 0
    clipped: int = 0

    def push(self, burst: Burst) -> None:
        """Count one waveform in."""
        self.missing(burst.quality, burst.reason)
        self.good += burst.quality <= Quality.UNCERTAIN
        self.gaps += burst.gap
        self.clipped += burst.clipped

    def missing(self, quality: int, reason: str) -> None:
        """Count one waveform that should have come, if it is bad that it did not."""
        if quality == Quality.BAD:
            self.bad += 1
            self.reason = reason

    def close(self) -> list[ChannelSummary]:
        """The period's numbers, if there were any; the next period begins."""
        summary = ChannelSummary(
            name=self.name, count=self.good, bad=self.bad, reason=self.reason, gaps=self.gaps, clipped=self.clipped
        )
        self.good, self.bad, self.reason, self.gaps, self.clipped = 0, 0, "", 0, 0
        return [summary] if summary.count or summary.bad else []


@dataclass(slots=True)
class SourcePeriod:
    """One source in the present period."""

    name: str
    parts: list[TalliedChannels | CountedBursts] = field(default_factory=list)
    polls: int = 0
    failed: int = 0
    missed: int = 0


class Summaries:
    """Tallies of every channel, closed together at the end of each period.

    Periods are the multiples of the period's length on the boot clock; the first and the last one are shorter. What
    comes in with an earlier time after its period was closed is counted in the next one. A source of which there is
    nothing to say (no polls, no alarms) has no summary, a channel without values no place in it. A period of no length
    means that nobody wants summaries.
    """

    def __init__(self, plan: Plan, boot: str) -> None:
        self._boot = boot
        self._every = plan.summary_every
        self._start: int | None = None
        self._end = -(2**63) if self._every else 2**63  # the first input begins the first period, if there are any
        self._plan = plan
        self._sources = {channel.source: SourcePeriod(channel.source) for channel in plan.channels}
        self._periods = [self._sources[group.source] for group in plan.groups]
        self._groups = [self._tallied(group.source, group.channels, NOT_FINITE) for group in plan.groups]
        self._waveforms = {
            number: self._counted(number)
            for number, channel in enumerate(plan.channels)
            if channel.kind is Kind.WAVEFORM
        }
        self._awaited = [
            [(column, self._waveforms[n]) for column, n in enumerate(group.channels) if n in self._waveforms]
            for group in plan.groups
        ]
        self._derived = {
            outputs: self._tallied(plan.channels[outputs[0]].source, outputs, FALLBACK)
            for outputs in plan.derivations()
        }

    def _tallied(self, source: str, numbers: Sequence[int], fallback: str) -> TalliedChannels:
        channels = [self._plan.channels[number] for number in numbers]
        names = [None if channel.kind is Kind.WAVEFORM else channel.short_name for channel in channels]
        tallied = TalliedChannels(names, fallback)
        self._sources[source].parts.append(tallied)
        return tallied

    def _counted(self, number: int) -> CountedBursts:
        channel = self._plan.channels[number]
        counted = CountedBursts(channel.short_name)
        self._sources[channel.source].parts.append(counted)
        return counted

    def polled(self, polled: Polled) -> None:
        """Count a poll and its values."""
        if not self._every:
            return
        self._groups[polled.group].push(polled.values, polled.qualities, polled.reasons)
        period = self._periods[polled.group]
        period.polls += not polled.continued
        period.failed += polled.failed
        period.missed += polled.missed
        for column, waveform in self._awaited[polled.group]:
            waveform.missing(int(polled.qualities[column]), polled.reasons.get(waveform.name, ""))

    def burst(self, burst: Burst) -> None:
        """Count a waveform."""
        if self._every:
            self._waveforms[burst.channel].push(burst)

    def derived(self, derived: Derived) -> None:
        """Count derived values."""
        if self._every:
            self._derived[derived.outputs].push(derived.values, derived.qualities, derived.reasons)

    def due(self, time: int, standings: Standings) -> list[Summary]:
        """The summaries of a period that is over at `time`; `standings` tells how it stands with rules, by source."""
        if time < self._end:
            return []
        summaries = self.take(self._end, standings)
        self._start = time if self._start is None else time - time % self._every
        self._end = time - time % self._every + self._every
        return summaries

    def take(self, end: int, standings: Standings) -> list[Summary]:
        """The summaries of what there is of the period, up to `end`."""
        if self._start is None:
            return []
        found = standings()
        summaries = [self._summary(each, end, found.get(each.name, Standing())) for each in self._sources.values()]
        return [
            each for each in summaries if each.polls or each.missed or each.channels or each.alarms or each.suspended
        ]

    def _summary(self, source: SourcePeriod, end: int, standing: Standing) -> Summary:
        summary = Summary(
            boot=self._boot,
            source=source.name,
            start=self._start or 0,
            end=end,
            channels=tuple(channel for part in source.parts for channel in part.close()),
            alarms=tuple(standing.alarms),
            suspended=standing.suspended,
            polls=source.polls,
            failed=source.failed,
            missed=source.missed,
        )
        source.polls = source.failed = source.missed = 0
        return summary
