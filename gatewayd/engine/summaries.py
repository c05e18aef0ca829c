"""Summaries: what each channel of a source did over one period, in a few numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from gatewayd.engine.alarms.standing import Standing, Standings
from gatewayd.engine.derived import Derived
from gatewayd.engine.measuring.reasons import FALLBACK
from gatewayd.engine.plan import Plan
from gatewayd.engine.tallies import CountedBursts, SourcePeriod, TalliedChannels
from gatewayd.model import Burst, Kind, Polled
from gatewayd.records import Summary

NOT_FINITE = "not a finite number"
AT_ONCE = 300
"""Channels that are summed up at one input, roughly: a few milliseconds of work."""


@dataclass(slots=True)
class Closing:
    """A period that is over, how it stood with rules at its end, and the sources that are still to be summed up."""

    start: int
    end: int
    standing: Mapping[str, Standing]
    sources: dict[str, SourcePeriod]


class Summaries:
    """Tallies of every channel, closed at the end of each period.

    Periods are the multiples of the period's length on the boot clock; the first and the last one are shorter. What
    comes in with an earlier time after its period was closed is counted in the next one. A source of which there is
    nothing to say (no polls, no alarms) has no summary, a channel without values no place in it. A period of no length
    means that nobody wants summaries.

    Where there are many channels they are not all summed up at the same input, so that none takes long: each source is
    before anything of its next period is counted, and a few more at each input.
    """

    def __init__(self, plan: Plan, boot: str) -> None:
        self._boot = boot
        self._every = plan.summary_every
        self._start: int | None = None
        self._end = -(2**63) if self._every else 2**63  # the first input begins the first period, if there are any
        self._closing: Closing | None = None
        self._made: list[Summary] = []
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
        self._sources[source].size += len(names)
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
        period = self._periods[polled.group]
        if self._closing is not None:
            self._close(period.name)
        self._groups[polled.group].push(polled.values, polled.qualities, polled.reasons)
        period.polls += not polled.continued
        period.failed += polled.failed
        period.missed += polled.missed
        for column, waveform in self._awaited[polled.group]:
            waveform.missing(int(polled.qualities[column]), polled.reasons.get(waveform.name, ""))

    def burst(self, burst: Burst) -> None:
        """Count a waveform."""
        if not self._every:
            return
        if self._closing is not None:
            self._close(self._plan.channels[burst.channel].source)
        self._waveforms[burst.channel].push(burst)

    def derived(self, derived: Derived) -> None:
        """Count derived values."""
        if not self._every:
            return
        if self._closing is not None:
            self._close(self._plan.channels[derived.outputs[0]].source)
        self._derived[derived.outputs].push(derived.values, derived.qualities, derived.reasons)

    def due(self, time: int, standings: Standings) -> None:
        """Close what is over at `time`; `standings` tells how it stands with rules, by source."""
        if time >= self._end:
            self._end_period(self._end, standings)
            self._start = time if self._start is None else time - time % self._every
            self._end = time - time % self._every + self._every
        if self._closing is not None:
            self._close_some()

    def made(self) -> list[Summary]:
        """The summaries that were made since this was last asked."""
        made, self._made = self._made, []
        return made

    def take_over(self, before: Summaries, going_on: Collection[str], time: int, standings: Standings) -> list[Summary]:
        """Go on at `time` where the summaries of another plan are, which `standings` belong to.

        The period of the sources `going_on`, whose channels are what they were, goes on; that of others ends, and what
        is new begins. All periods end when they get another length. Gives the summaries that are made by this.
        """
        if before._every != self._every or before._start is None:
            return before.stop(time, standings)
        before.due(time, standings)
        before._close_all()
        self._start, self._end = before._start, before._end
        for name, source in self._sources.items():
            if name in going_on and name in before._sources:
                source.take_over(before._sources.pop(name))
            else:
                source.since = time
        return before.stop(time, standings)

    def stop(self, end: int, standings: Standings) -> list[Summary]:
        """All summaries that are still to be made, up to `end`."""
        self._end_period(end, standings)
        self._close_all()
        return self.made()

    def _end_period(self, end: int, standings: Standings) -> None:
        self._close_all()
        if self._start is not None and self._sources:
            self._closing = Closing(self._start, end, standings(), dict(self._sources))

    def _close_all(self) -> None:
        while self._closing is not None:
            self._close_some()

    def _close_some(self) -> None:
        room = AT_ONCE
        while self._closing is not None and room > 0:
            name = next(iter(self._closing.sources))
            room -= self._closing.sources[name].size
            self._close(name)

    def _close(self, name: str) -> None:
        """Sum up a source, if that is still to be done."""
        closing = self._closing
        if closing is None or (source := closing.sources.pop(name, None)) is None:
            return
        summary = source.close(self._boot, closing.start, closing.end, closing.standing.get(name, Standing()))
        if summary is not None:
            self._made.append(summary)
        if not closing.sources:
            self._closing = None
