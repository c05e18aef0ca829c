"""Tallies: what the channels of one source came to in the present period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from gatewayd.engine.alarms.standing import Standing
from gatewayd.model import Burst, Bytes, Floats, Quality
from gatewayd.records import ChannelSummary, Summary
from gatewayd_ext import Tally

_ALWAYS = -(2**63)


class TalliedChannels:
    """Channels whose values always come together, and what they came to in this period.

    A channel that has no name here is passed over. `fallback` is the reason of bad values that came without one.
    """

    def __init__(self, names: Sequence[str | None], fallback: str) -> None:
        self.names = tuple(names)
        self._fallback = fallback
        self._tally = Tally(len(names))
        self._reasons: dict[str, str] = {}

    def take_over(self, before: TalliedChannels) -> None:
        """Go on with what another one of the same channels has counted, which counts no more."""
        self._tally, self._reasons = before._tally, before._reasons

    def push(self, values: Floats, qualities: Bytes, reasons: Mapping[str, str]) -> None:
        """Count one value of each channel in."""
        self._tally.push(values, qualities)
        if reasons:
            self._reasons.update(reasons)

    def close(self) -> list[ChannelSummary]:
        """The period's numbers, of the channels that had values; the next period begins."""
        rows = np.empty((len(self.names), 6))
        self._tally.read(rows)
        self._tally.clear()
        named = [(name, row) for name, row in zip(self.names, rows.tolist(), strict=True) if name is not None]
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

    def take_over(self, before: CountedBursts) -> None:
        """Go on with what another one of the same channel has counted."""
        self.good, self.bad, self.reason = before.good, before.bad, before.reason
        self.gaps, self.clipped = before.gaps, before.clipped

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
    """One source in the present period; `size` is the number of its channels.

    It is counted from `since` on, if it came only after the period began.
    """

    name: str
    size: int = 0
    since: int = _ALWAYS
    parts: list[TalliedChannels | CountedBursts] = field(default_factory=list)
    polls: int = 0
    failed: int = 0
    missed: int = 0

    def take_over(self, before: SourcePeriod) -> None:
        """Go on with what was counted of the same source; what it has of channels that are new here began later."""
        tallied = {part.names: part for part in before.parts if isinstance(part, TalliedChannels)}
        bursts = {part.name: part for part in before.parts if isinstance(part, CountedBursts)}
        for part in self.parts:
            if isinstance(part, TalliedChannels):
                if part.names in tallied:
                    part.take_over(tallied[part.names])
            elif part.name in bursts:
                part.take_over(bursts[part.name])
        self.since, self.polls, self.failed, self.missed = before.since, before.polls, before.failed, before.missed

    def close(self, boot: str, start: int, end: int, standing: Standing) -> Summary | None:
        """The summary of the period, if there is anything to say; the next period begins."""
        summary = Summary(
            boot=boot,
            source=self.name,
            start=max(start, self.since),
            end=end,
            channels=tuple(channel for part in self.parts for channel in part.close()),
            alarms=tuple(standing.alarms),
            suspended=standing.suspended,
            polls=self.polls,
            failed=self.failed,
            missed=self.missed,
        )
        self.polls = self.failed = self.missed = 0
        self.since = _ALWAYS
        told = summary.polls or summary.missed or summary.channels or summary.alarms or summary.suspended
        return summary if told else None
