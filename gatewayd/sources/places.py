"""Places: a line with its sources, each with its way into the engine; how one is set up, and its sources exchanged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from gatewayd.configured import ConfiguredSource, same_line
from gatewayd.engine.plan import Plan
from gatewayd.model import Input, Kind
from gatewayd.plugin import Line, Poll
from gatewayd.sources.calling.weighing import Scale
from gatewayd.sources.lines.parties import NoLine, Party, parties
from gatewayd.sources.lines.polled import PolledSource
from gatewayd.sources.lines.turns import Turns
from gatewayd.sources.polling import Apart, Polling
from gatewayd.sources.reading.intake import Intake
from gatewayd.sources.timing.schedule import head_start
from gatewayd.sources.way import Numbers, Way


@dataclass(slots=True, eq=False)
class Place:
    """A line that is polled, the sources on it by their names, and the way of each.

    `turns` is the same as `line` where its turns are taken in this process; `number` is that of the line. `task` polls
    it, if anything does.
    """

    line: Polling
    sources: dict[str, ConfiguredSource]
    ways: dict[str, Way]
    shared: Line | None = None
    turns: Turns | None = None
    polled: dict[str, PolledSource] = field(default_factory=dict)
    number: int = 0
    task: asyncio.Task[None] | None = None

    def takes(self, group: Sequence[ConfiguredSource], kept: Collection[str]) -> bool:
        """Whether it can go on with the sources of `group`, which share a line, of which `kept` are what they were."""
        staying = [each for each in group if each.name in self.sources and each.name in kept]
        if not staying or self.isolated != group[0].isolated or isinstance(self.shared, NoLine):
            return False
        if self.isolated:
            return len(staying) == len(group) == len(self.sources)
        return self.line.progressing() and same_line(staying[0].line, self.sources[staying[0].name].line)

    @property
    def isolated(self) -> bool:
        """Whether it has a process of its own."""
        return self.turns is None

    def scales(self) -> list[Scale]:
        """By which it is weighed what its sources hold."""
        return [Scale(each.health.account, (each.source, self.shared)) for each in self.polled.values()]

    def lead_to(self, numbers: Numbers) -> None:
        """All ways lead to an engine of another plan."""
        for way in self.ways.values():
            way.lead_to(numbers)

    def close(self) -> None:
        """All ways lead nowhere any more."""
        for way in self.ways.values():
            way.close()


class Placing:
    """Sets places up for a plan; what is polled there is fed to `feed`."""

    def __init__(self, plan: Plan, numbers: Numbers, feed: Callable[[Input], None]) -> None:
        self._plan = plan
        self._feed = feed
        self._numbers = numbers

    def isolated(self, group: Sequence[ConfiguredSource], apart: Apart) -> Place:
        """The sources of one line, in a process of their own."""
        way = Way(self._numbers, [each.name for each in group], self._feed)
        line = apart(group, self._plan, way)
        return Place(line, {each.name: each for each in group}, dict.fromkeys((each.name for each in group), way))

    def here(self, party: Party, number: int) -> Place:
        """The sources of one line, in this process."""
        alone = len(party.members) == 1
        sources = {configured.name: configured for configured, _ in party.members}
        ways = {name: self._way(name) for name in sources}
        polled = {
            configured.name: self._polled(configured, limit, number, ways[configured.name], alone=alone)
            for configured, limit in party.members
        }
        turns = Turns(party.line, list(polled.values()))
        return Place(turns, sources, ways, party.line, turns, polled, number)

    def exchange(self, place: Place, group: Sequence[ConfiguredSource], kept: Collection[str]) -> list[Party]:
        """Have a place go on with the sources of `group`; those of them that cannot use its line are given back."""
        before = list(place.polled.values())
        staying = [each for each in group if each.name in kept and each.name in place.sources]
        joining = [replace(each, line=place.shared) for each in group if each not in staying]
        for name in place.sources.keys() - {each.name for each in staying}:
            place.ways.pop(name).close()
            del place.sources[name], place.polled[name]
        place.lead_to(self._numbers)
        for each in staying:
            place.sources[each.name] = each
        others = []
        for party in parties(joining):
            if party.line is place.shared:
                self._join(place, party)
            else:
                others.append(party)
        polled = list(place.polled.values())
        if place.turns is not None and polled != before:
            place.turns.exchange(polled)
        return others

    def _join(self, place: Place, party: Party) -> None:
        for configured, limit in party.members:
            name = configured.name
            place.ways[name] = self._way(name)
            place.sources[name] = configured
            place.polled[name] = self._polled(configured, limit, place.number, place.ways[name], alone=False)

    def _way(self, name: str) -> Way:
        return Way(self._numbers, (name,), self._feed)

    def _polled(self, configured: ConfiguredSource, limit: float, line: int, way: Way, *, alone: bool) -> PolledSource:
        source = PolledSource(configured.name, configured.plugin, configured.source, limit, way, alone=alone)
        for poll, group, seconds in zip(configured.polls, configured.groups, configured.planned, strict=True):
            intake = self._intake(configured, poll, group)
            source.schedule(poll, intake, seconds, head_start(line, poll.interval))
        return source

    def _intake(self, configured: ConfiguredSource, poll: Poll, group: int) -> Intake:
        channels = self._plan.channels
        prefix = f"{configured.name}."
        names = tuple(channels[number].name.removeprefix(prefix) for number in self._plan.groups[group].channels)
        names = poll.channels if names == poll.channels else names  # the tuple of its blocks: it compares faster
        numbers = {name: self._numbers.channels[prefix + name] for name in poll.channels}
        waveforms = {name: number for name, number in numbers.items() if channels[number].kind is Kind.WAVEFORM}
        return Intake(configured.plugin, group, names, waveforms, configured.ranges)
