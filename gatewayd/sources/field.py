"""The field: all sources of the config, each on its line, polled until the gateway stops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gatewayd import clock
from gatewayd.engine.plan import Plan
from gatewayd.model import Input, Kind
from gatewayd.plugin import Line, Poll, Source, SourceError
from gatewayd.sources.calls import in_words
from gatewayd.sources.intake import Intake
from gatewayd.sources.polled import PolledSource
from gatewayd.sources.quarantine import Patience
from gatewayd.sources.status import SourceStatus
from gatewayd.sources.turns import Turns

LOOK = 5.0
"""Seconds between looks for lines that are stuck."""


class ConfiguredSource(Protocol):
    """What the field needs to know of a source of the config: `groups[i]` is the plan's group that `polls[i]` reads."""

    @property
    def name(self) -> str: ...  # noqa: D102 - fields of a record
    @property
    def plugin(self) -> str: ...  # noqa: D102
    @property
    def source(self) -> Source: ...  # noqa: D102
    @property
    def polls(self) -> Sequence[Poll]: ...  # noqa: D102
    @property
    def groups(self) -> Sequence[int]: ...  # noqa: D102


class NoLine(Line):
    """Stands in for the line of a source that cannot say which one it needs."""

    def __init__(self, reason: str) -> None:
        super().__init__("none")
        self._reason = reason

    async def open(self) -> None:
        """Say why there is none."""
        raise SourceError(self._reason)


@dataclass(frozen=True, slots=True)
class Member:
    """A source and the seconds that its polls may take."""

    configured: ConfiguredSource
    limit: float


@dataclass(frozen=True, slots=True)
class Party:
    """A line and the sources that share it."""

    line: Line
    name: str
    members: list[Member]


class Field:
    """Everything that is polled.

    `feed` takes the outcomes, one at a time; what it raises ends `run`.
    """

    def __init__(self, sources: Iterable[ConfiguredSource], plan: Plan, feed: Callable[[Input], None]) -> None:
        self._feed = feed
        self._plan = plan
        self._numbers = {channel.name: number for number, channel in enumerate(plan.channels)}
        self._lines = [self._turns(party) for party in _parties(each for each in sources if each.polls)]

    async def run(self) -> None:
        """Poll until cancelled, then close every source and line, in bounded time.

        Raises an exception group when `feed` raised.
        """
        async with asyncio.TaskGroup() as tasks:
            for line in self._lines:
                tasks.create_task(line.run(), name=f"line {line.name}")
            tasks.create_task(self._look(), name="stuck lines")

    def status(self) -> list[SourceStatus]:
        """How each source is doing."""
        now = clock.now()
        return [status for line in self._lines for status in line.status(now)]

    def progressing(self, now: int) -> bool:
        """Whether polls are attempted when due, on one line at least; whether devices answer does not matter."""
        return not self._lines or any(line.progressing(now) for line in self._lines)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            now = clock.now()
            for line in self._lines:
                line.look(now)

    def _turns(self, party: Party) -> Turns:
        alone = len(party.members) == 1
        patience = Patience.of_loner if alone else Patience.of_neighbour
        return Turns(party.line, party.name, [self._polled(member, patience) for member in party.members])

    def _polled(self, member: Member, patience: Callable[[float], Patience]) -> PolledSource:
        configured = member.configured
        source = PolledSource(configured.name, configured.plugin, configured.source, member.limit, self._feed)
        for poll, group in zip(configured.polls, configured.groups, strict=True):
            source.schedule(poll, self._intake(configured, poll, group), patience)
        return source

    def _intake(self, configured: ConfiguredSource, poll: Poll, group: int) -> Intake:
        channels = self._plan.channels
        prefix = f"{configured.name}."
        names = tuple(channels[number].name.removeprefix(prefix) for number in self._plan.groups[group].channels)
        numbers = {name: self._numbers[prefix + name] for name in poll.channels}
        waveforms = {name: number for name, number in numbers.items() if channels[number].kind is Kind.WAVEFORM}
        return Intake(configured.plugin, group, names, waveforms)


def _parties(sources: Iterable[ConfiguredSource]) -> list[Party]:
    """Bring the sources together that need the same line."""
    parties: dict[object, Party] = {}
    for configured in sources:
        key, party, member = _seat(configured, parties)
        party.members.append(member)
        parties[key] = party
    return list(parties.values())


def _seat(configured: ConfiguredSource, parties: Mapping[object, Party]) -> tuple[object, Party, Member]:
    """The party that a source belongs to. One that fails to say so gets a line that is never there."""
    source, alone = configured.source, ("alone", configured.name)
    try:
        member = Member(configured, float(source.poll_limit))
        line = source.line()
        if line is None:
            return alone, Party(Line(configured.name), configured.name, []), member
        key = (type(line), line.key)
        party = parties.get(key) or Party(line, line.key, [])
        source.use(party.line)
    except Exception as error:  # noqa: BLE001 - foreign code may raise anything
        reason = f"plugin {configured.plugin!r} cannot name its line: {in_words(error)}"
        return alone, Party(NoLine(reason), configured.name, []), Member(configured, Source.poll_limit)
    return key, party, member
