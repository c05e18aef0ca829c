"""The field: all sources of the config, each on its line, polled until the gateway stops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

import structlog

from gatewayd import clock
from gatewayd.configured import ConfiguredSource
from gatewayd.engine.plan import Plan
from gatewayd.model import Input, Kind
from gatewayd.plugin import Poll
from gatewayd.sources.calling.weighing import Scale, weigh
from gatewayd.sources.health.status import SourceStatus
from gatewayd.sources.lines.parties import Party, parties, sharing
from gatewayd.sources.lines.polled import PolledSource
from gatewayd.sources.lines.turns import Turns
from gatewayd.sources.polling import Apart, Polling
from gatewayd.sources.reading.intake import Intake
from gatewayd.sources.timing.schedule import head_start

LOOK = 5.0
"""Seconds between looks for lines that are stuck."""
LATE = 1.0
"""Seconds by which a look is only late when something has held up the event loop; then all lines seem stuck."""

log = structlog.get_logger()


class Field:
    """Everything that is polled.

    `feed` takes the outcomes, one at a time; what it raises ends `run`. `apart` takes the sources that are isolated;
    without it they are polled here like all others.
    """

    def __init__(
        self,
        sources: Iterable[ConfiguredSource],
        plan: Plan,
        feed: Callable[[Input], None],
        apart: Apart | None = None,
    ) -> None:
        self._feed = feed
        self._plan = plan
        self._numbers = {channel.name: number for number, channel in enumerate(plan.channels)}
        sources = list(sources)
        for source in (each for each in sources if not each.polls):
            log.warning("source_not_polled", source=source.name, reason="its channels are known only with a recording")
        polled = [each for each in sources if each.polls]
        self._scales: list[Scale] = []
        here = [each for each in polled if apart is None or not each.isolated]
        self._lines: list[Polling] = [self._turns(party, number) for number, party in enumerate(parties(here))]
        if apart is not None:
            isolated = [each for each in polled if each.isolated]
            self._lines += [apart(together, plan, feed) for together in sharing(isolated)]

    async def run(self) -> None:
        """Poll until cancelled, then close every source and line, in bounded time.

        Raises an exception group when `feed` raised.
        """
        async with asyncio.TaskGroup() as tasks:
            for line in self._lines:
                tasks.create_task(line.run(), name=f"line {line.name}")
            tasks.create_task(self._look(), name="stuck lines")
            tasks.create_task(weigh(self._scales), name="accounts")

    def status(self) -> list[SourceStatus]:
        """How each source is doing."""
        now = clock.now()
        return [status for line in self._lines for status in line.status(now)]

    async def write(self, source: str, channel: str, value: float) -> None:
        """Have a source set a channel. Raises ErrandError when that was not done."""
        line = next(line for line in self._lines if source in line.members)
        await line.write(source, channel, value)

    def recall(self, memories: Mapping[str, bytes]) -> None:
        """Give the sources what they remembered in an earlier run; called before `run`."""
        for line in self._lines:
            line.recall(memories)

    def memories(self) -> Mapping[str, bytes]:
        """What each source wants to remember, of those that can say."""
        return {name: memory for line in self._lines for name, memory in line.memories().items()}

    def progressing(self) -> bool:
        """Whether polls are attempted when due, on one line at least; whether devices answer does not matter."""
        return not self._lines or any(line.progressing() for line in self._lines)

    async def _look(self) -> None:
        time = asyncio.get_running_loop().time
        while True:
            due = time() + LOOK
            await asyncio.sleep(LOOK)
            if time() - due < LATE:
                for line in self._lines:
                    line.look()

    def _turns(self, party: Party, number: int) -> Turns:
        """The turns of the line with this number."""
        alone = len(party.members) == 1
        sources = [self._polled(configured, limit, number, alone=alone) for configured, limit in party.members]
        self._scales += [Scale(source.health.account, (source.source, party.line)) for source in sources]
        return Turns(party.line, sources)

    def _polled(self, configured: ConfiguredSource, limit: float, line: int, *, alone: bool) -> PolledSource:
        source = PolledSource(configured.name, configured.plugin, configured.source, limit, self._feed, alone=alone)
        for poll, group, seconds in zip(configured.polls, configured.groups, configured.planned, strict=True):
            intake = self._intake(configured, poll, group)
            source.schedule(poll, intake, seconds, head_start(line, poll.interval))
        return source

    def _intake(self, configured: ConfiguredSource, poll: Poll, group: int) -> Intake:
        channels = self._plan.channels
        prefix = f"{configured.name}."
        names = tuple(channels[number].name.removeprefix(prefix) for number in self._plan.groups[group].channels)
        names = poll.channels if names == poll.channels else names  # the tuple of its blocks: it compares faster
        numbers = {name: self._numbers[prefix + name] for name in poll.channels}
        waveforms = {name: number for name, number in numbers.items() if channels[number].kind is Kind.WAVEFORM}
        return Intake(configured.plugin, group, names, waveforms, configured.ranges)
