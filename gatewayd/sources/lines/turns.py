"""Turns: the sources of one line are polled one at a time, and no plugin can keep the gateway from stopping."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence

import structlog

from gatewayd.plugin import Line
from gatewayd.sources.calling.calls import CallFailed, Calls
from gatewayd.sources.health.status import SourceStatus
from gatewayd.sources.lines.errands import Errand, ErrandError, Errands
from gatewayd.sources.lines.line import LONGEST_CARE, KeptLine
from gatewayd.sources.lines.order import Order
from gatewayd.sources.lines.pacing import Pacing
from gatewayd.sources.lines.polled import PolledSource, ScheduledPoll
from gatewayd.sources.lines.watch import Watch

GRACE = 5.0
"""Seconds that the calls of a turn may take to end after they were broken off."""
STOP_LIMIT = 5.0
"""Seconds after which a line that does not stop is abandoned."""
EARLY = 1e-6
"""Seconds by which a turn may begin before it is due: a timer may ring a little early."""

log = structlog.get_logger()


class Turns:
    """The turns of some sources on their line; each source has a poll at least."""

    def __init__(self, line: Line, sources: Sequence[PolledSource]) -> None:
        self.name = line.name
        self._calls = Calls()
        self._line = KeptLine(line, sources, self._calls)
        self._watch = Watch(line.name, self._calls, sources[0])
        self._turn = 0
        self._errands = Errands()
        self._did_errand = False
        """Whether the last turn was an errand; then a poll that is due comes before the next one."""
        self._coming: Sequence[PolledSource] = ()
        """The sources from the next turn on, if these are to be others."""
        self._take_on(sources)

    def _take_on(self, sources: Sequence[PolledSource]) -> None:
        self._sources = self._line.sources = sources
        for source in sources:
            source.health.line = self.name
        self._order = Order([poll for source in sources for poll in source.polls])
        self._pacing = Pacing(sources) if len(sources) > 1 else None
        self._longest = 2 * max(source.limit for source in sources) + LONGEST_CARE + GRACE
        """Seconds that a turn may take, whoever's it is: open, poll, and putting right what failed."""

    @property
    def _latest(self) -> Sequence[PolledSource]:
        """Its sources, also while the turn of others is not over yet."""
        return self._coming or self._sources

    @property
    def members(self) -> Sequence[str]:
        """The names of its sources."""
        return [source.name for source in self._latest]

    def exchange(self, sources: Sequence[PolledSource]) -> None:
        """Take the turns of these sources, from the next one on. The line stays open; who leaves it is closed."""
        self._coming = sources
        self._errands.wake()

    async def run(self) -> None:
        """Take turns until cancelled, then close everything. What does not stop in time is abandoned."""
        turns = asyncio.create_task(self._take_turns(), name=f"turns on {self.name}")
        try:
            await asyncio.wait({turns})
        finally:
            self._watch.until = math.inf
            await self._stop(turns)

    def progressing(self) -> bool:
        """Whether the line does something when it should, successfully or not."""
        return self._watch.progressing()

    def look(self) -> None:
        """Log once when a plugin holds the line up, and once when it goes on."""
        self._watch.look()

    def status(self, now: int) -> Sequence[SourceStatus]:
        """How each of its sources is doing."""
        return self._watch.seen([source.health.status(now, source.acquaintance.known()) for source in self._sources])

    async def write(self, source: str, channel: str, value: float) -> None:
        """Have a source set a channel, when the line is free. Raises ErrandError when that was not done."""
        polled = next((each for each in self._sources if each.name == source), None)
        if polled is None:
            raise ErrandError("its line is only taking it on: ask again in a moment")
        await self._errands.run(polled, lambda: polled.source.write(channel, value))

    def recall(self, memories: Mapping[str, bytes]) -> None:
        """Give each source what it remembered in an earlier run."""
        for source in self._latest:
            if memory := memories.get(source.name):
                source.acquaintance.recall(memory)

    def memories(self) -> Mapping[str, bytes]:
        """What each source wants to remember, of those that can say."""
        each = ((source.name, source.acquaintance.memory()) for source in self._latest)
        return {name: memory for name, memory in each if memory is not None}

    async def _take_turns(self) -> None:
        try:
            while True:
                await self._undisturbed()
        except GeneratorExit:  # abandoned, and now thrown away: there is no event loop any more
            raise
        except BaseException:  # however it ends, the plugin's line is closed; it is raised again
            await self._line.close()
            raise

    async def _undisturbed(self) -> None:
        """One turn. That a plugin cancels the task that calls it, now or later, is no reason to stop."""
        try:
            poll = await self._next()
            self._did_errand = poll is None
            if self._coming:
                await self._go_over()
            elif poll:
                await self._take(poll)
            elif errand := self._errands.next():
                await self._do(errand)
        except asyncio.CancelledError:
            if self._calls.stopping:
                raise

    async def _next(self) -> ScheduledPoll | None:
        """Wait for the next turn; None: it is an errand's."""
        while True:
            now = _time() + EARLY
            at, poll = self._order.next(now)
            delay = at - now + EARLY if at > now else 0.0
            self._watch.until = now + delay + self._longest
            await self._errands.rest(delay)
            if self._coming or (self._errands.waiting and (delay or not self._did_errand)):
                return None
            if not delay or poll.is_brief:
                return poll

    async def _go_over(self) -> None:
        """To the sources that are to have turns from now on."""
        sources = self._coming
        for source in self._sources:
            if source not in sources:
                await self._line.leave(source)
        for source in sources:
            source.share(alone=len(sources) == 1)
        self._take_on(sources)
        if self._coming is sources:  # and no others have been named meanwhile
            self._coming = ()

    async def _do(self, errand: Errand) -> None:
        """What somebody asked for, in place of a turn."""
        if errand.source not in self._sources:
            errand.done("it is polled no more")
            return
        begun = _time()
        self._watch.in_turn = source = errand.source
        self._calls.account = source.health.account
        try:
            if not (self._line.is_open or await self._line.opened()):
                errand.done(self._line.down)
                return
            await self._opened(source)
            await self._calls.call(errand.call, source.limit)
        except CallFailed as failure:
            errand.done(str(failure))
            await self._line.recover(source, broken_off=failure.broken_off)
        else:
            errand.done()
        finally:
            source.health.account.busy += _time() - begun
            errand.done("it was broken off")

    async def _opened(self, source: PolledSource) -> None:
        if not source.is_open:
            source.is_open = source.acquaintance.is_new = True
            await self._calls.call(source.source.open, source.limit)

    async def _take(self, poll: ScheduledPoll) -> None:
        begun = _time()
        if self._pacing:
            self._pacing.review(begun)
        missed = poll.schedule.take(begun)
        self._turn = poll.turn = self._turn + 1
        self._watch.in_turn = source = poll.source
        self._calls.account = source.health.account
        if not (self._line.is_open or await self._line.opened()):
            source.unanswered(poll, self._line.down, missed)
            source.health.cut_off(self._line.down)
            source.health.account.busy += _time() - begun
            return
        try:
            await self._opened(source)
            inputs = await self._calls.call(lambda: poll.read(missed), source.limit)
        except CallFailed as failure:
            source.unanswered(poll, str(failure), missed)
            await self._line.recover(source, broken_off=failure.broken_off)
            self._suffer(poll, failure, begun)
        else:
            source.answered(poll, inputs, missed, _time() - begun)

    def _suffer(self, poll: ScheduledPoll, failure: CallFailed, begun: float) -> None:
        now = _time()
        poll.source.health.account.busy += now - begun
        cost = now - begun if self._pacing else failure.held
        poll.source.suffer(poll, failure, now, cost)
        self._order.failed(poll, now, cost)

    async def _stop(self, turns: asyncio.Task[None]) -> None:
        self._calls.stopping = True
        self._errands.close("gatewayd is stopping or reading its config again: ask again in a moment")
        turns.cancel()
        _, pending = await asyncio.wait({turns}, timeout=STOP_LIMIT)
        if pending:
            log.error("line_abandoned", **self._watch.blamed())
            _abandon(turns)
        elif not turns.cancelled():
            turns.result()


def _abandon(task: asyncio.Task[None]) -> None:
    """Neither wait for the task at the end of the event loop nor have it complain of that."""
    asyncio._unregister_task(task)  # noqa: SLF001 - documented
    task._log_destroy_pending = False  # type: ignore[attr-defined]  # noqa: SLF001 - as asyncio does itself


def _time() -> float:
    return asyncio.get_running_loop().time()
