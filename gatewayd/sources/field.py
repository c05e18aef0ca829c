"""The field: all sources of the config, each on its line, polled until the gateway stops, over reloads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import count

import structlog

from gatewayd import clock
from gatewayd.configured import ConfiguredSource
from gatewayd.engine.plan import Plan
from gatewayd.model import Input
from gatewayd.sources.calling.weighing import Scale, weigh
from gatewayd.sources.health.status import SourceStatus
from gatewayd.sources.lines.errands import ErrandError
from gatewayd.sources.lines.parties import parties, sharing
from gatewayd.sources.places import Place, Placing
from gatewayd.sources.polling import Apart
from gatewayd.sources.way import Numbers

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
        self._apart = apart
        self._numbers = count()
        placing = Placing(plan, Numbers(plan), feed)
        self._places = [place for group in sharing(_polled(sources)) for place in self._new(group, placing)]
        self._scales: list[Scale] = []
        self._weigh_all()
        self._tasks: asyncio.TaskGroup | None = None
        self._exchanging = asyncio.Lock()

    async def run(self) -> None:
        """Poll until cancelled, then close every source and line, in bounded time.

        Raises an exception group when `feed` raised.
        """
        async with asyncio.TaskGroup() as self._tasks:
            for place in self._places:
                self._begin(place)
            self._tasks.create_task(self._look(), name="stuck lines")
            self._tasks.create_task(weigh(self._scales), name="accounts")

    def exchange(
        self,
        sources: Iterable[ConfiguredSource],
        plan: Plan,
        numbers: Numbers,
        kept: Collection[str],
        memories: Mapping[str, bytes],
    ) -> None:
        """From the next input on, poll these sources for an engine of this plan, with its numbers.

        `kept` are those that are what they were: their objects, connections, schedules and counts go on. A line with
        one of them stays open; others are closed, and when that is done, what is new begins, with what it remembers.
        """
        placing = Placing(plan, numbers, self._feed)
        before, self._places = self._places, []
        ahead: list[Place] = []
        going_on: set[str] = set()
        for group in sharing(_polled(sources)):
            place = next((each for each in before if each.takes(group, kept)), None)
            if place is None:
                ahead += self._new(group, placing)
            else:
                before.remove(place)
                going_on |= place.sources.keys() & kept
                self._places.append(place)
                ahead += [placing.here(party, next(self._numbers)) for party in placing.exchange(place, group, kept)]
        for place in before:
            place.close()
        self._places += ahead
        for place in self._places:
            if recalled := {name: memories[name] for name in place.sources.keys() & memories.keys() - going_on}:
                place.line.recall(recalled)
        self._weigh_all()
        if self._tasks is not None:
            self._tasks.create_task(self._follow(before, ahead), name="lines exchanged")

    def status(self) -> list[SourceStatus]:
        """How each source is doing."""
        now = clock.now()
        return [status for place in self._places for status in place.line.status(now)]

    async def write(self, source: str, channel: str, value: float) -> None:
        """Have a source set a channel. Raises ErrandError when that was not done."""
        place = next((place for place in self._places if source in place.line.members), None)
        if place is None:
            raise ErrandError("it is not polled")
        await place.line.write(source, channel, value)

    def recall(self, memories: Mapping[str, bytes]) -> None:
        """Give the sources what they remembered in an earlier run; called before `run`."""
        for place in self._places:
            place.line.recall(memories)

    def memories(self) -> Mapping[str, bytes]:
        """What each source wants to remember, of those that can say."""
        return {name: memory for place in self._places for name, memory in place.line.memories().items()}

    def progressing(self) -> bool:
        """Whether polls are attempted when due, on one line at least; whether devices answer does not matter."""
        return not self._places or any(place.line.progressing() for place in self._places)

    def _new(self, group: Sequence[ConfiguredSource], placing: Placing) -> list[Place]:
        """Places for the sources of one line."""
        if self._apart is not None and group[0].isolated:
            return [placing.isolated(group, self._apart)]
        return [placing.here(party, next(self._numbers)) for party in parties(group)]

    def _begin(self, place: Place) -> None:
        if self._tasks is not None:
            place.task = self._tasks.create_task(place.line.run(), name=f"line {place.line.name}")

    async def _follow(self, leaving: Sequence[Place], coming: Sequence[Place]) -> None:
        """Poll new lines when those that leave are closed: they may need the same port."""
        async with self._exchanging:
            tasks = [place.task for place in leaving if place.task is not None]
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)
            for place in coming:
                if place in self._places:  # unless there was another reload meanwhile
                    self._begin(place)

    async def _look(self) -> None:
        time = asyncio.get_running_loop().time
        while True:
            due = time() + LOOK
            await asyncio.sleep(LOOK)
            if time() - due < LATE:
                for place in self._places:
                    place.line.look()

    def _weigh_all(self) -> None:
        self._scales[:] = [scale for place in self._places for scale in place.scales()]


def _polled(sources: Iterable[ConfiguredSource]) -> list[ConfiguredSource]:
    """Those that can be polled."""
    sources = list(sources)
    for source in (each for each in sources if not each.polls):
        log.warning("source_not_polled", source=source.name, reason="its channels are known only with a recording")
    return [each for each in sources if each.polls]
