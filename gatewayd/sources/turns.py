"""Turns: the sources of one line are polled one at a time, and no plugin can keep the gateway from stopping."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog

from gatewayd import clock
from gatewayd.plugin import Line
from gatewayd.sources.calls import CallFailed, Calls
from gatewayd.sources.errands import Errand, Errands
from gatewayd.sources.line import LONGEST_CARE, KeptLine
from gatewayd.sources.order import Order
from gatewayd.sources.pacing import Pacing
from gatewayd.sources.polled import PolledSource, ScheduledPoll
from gatewayd.sources.status import SECOND, SourceStatus, State

GRACE = 5.0
"""Seconds that the calls of a turn may take to end after they were broken off."""
STOP_LIMIT = 5.0
"""Seconds after which a line that does not stop is abandoned."""
EARLY = 1e-6
"""Seconds by which a turn may begin before it is due: a timer may ring a little early."""
STUCK = "stuck in a call into the plugin that does not let itself be broken off"

log = structlog.get_logger()


class Turns:
    """The turns of some sources on their line; each source has a poll at least."""

    def __init__(self, line: Line, sources: Sequence[PolledSource]) -> None:
        self.name = line.name
        self._calls = Calls()
        self._line = KeptLine(line, sources, self._calls)
        self._sources = sources
        self._order = Order([poll for source in sources for poll in source.polls])
        self._pacing = Pacing(sources) if len(sources) > 1 else None
        self._expected = clock.now() + int(GRACE * SECOND)
        """When (`gatewayd.clock`) the next turn must have ended, if nothing is stuck."""
        self._turn = 0
        self._in_turn = sources[0]
        self._stuck = False
        self._errands = Errands()

    @property
    def members(self) -> Sequence[str]:
        """The names of its sources."""
        return [source.name for source in self._sources]

    async def run(self) -> None:
        """Take turns until cancelled, then close everything. What does not stop in time is abandoned."""
        turns = asyncio.create_task(self._take_turns(), name=f"turns on {self.name}")
        try:
            await asyncio.wait({turns})
        finally:
            await self._stop(turns)

    def progressing(self, now: int) -> bool:
        """Whether the line does something when it should, successfully or not."""
        return now <= self._expected and not self._calls.ignored

    def look(self, now: int) -> None:
        """Log once when a plugin holds the line up, and once when it goes on."""
        stuck = not self.progressing(now)
        if stuck and not self._stuck:
            log.error("line_stuck", **self._stuck_in())
        if self._stuck and not stuck:
            log.info("line_freed", line=self.name)
        self._stuck = stuck

    def status(self, now: int) -> list[SourceStatus]:
        """How each of its sources is doing."""
        each = [source.health.status(now, source.acquaintance.known()) for source in self._sources]
        if self.progressing(now):
            return each
        overdue = max(0, now - self._expected) / SECOND
        waits = f"waits for {self._in_turn.name}, which is {STUCK}"
        reasons = {self._in_turn.name: STUCK}
        return [
            replace(
                status,
                state=State.FAILING,
                seconds=overdue,
                last_error=reasons.get(status.name, waits),
                last_error_age=overdue,
            )
            for status in each
        ]

    async def write(self, source: str, channel: str, value: float) -> None:
        """Have a source set a channel, when the line is free. Raises ErrandError when that was not done."""
        polled = next(each for each in self._sources if each.name == source)
        await self._errands.run(polled, lambda: polled.source.write(channel, value))

    def recall(self, memories: Mapping[str, bytes]) -> None:
        """Give each source what it remembered in an earlier run."""
        for source in self._sources:
            if memory := memories.get(source.name):
                source.acquaintance.recall(memory)

    def memories(self) -> Mapping[str, bytes]:
        """What each source wants to remember, of those that can say."""
        each = ((source.name, source.acquaintance.memory()) for source in self._sources)
        return {name: memory for name, memory in each if memory is not None}

    async def _take_turns(self) -> None:
        try:
            while True:
                await self._undisturbed()
        except GeneratorExit:  # abandoned, and now thrown away: there is no event loop any more
            raise
        except BaseException:
            await self._line.close()
            raise

    async def _undisturbed(self) -> None:
        """One turn. That a plugin cancels the task that calls it, now or later, is no reason to stop."""
        try:
            poll = await self._next()
            if not self._errands.waiting:
                await self._take(poll)
            elif errand := self._errands.next():
                await self._do(errand)
        except asyncio.CancelledError:
            if self._calls.stopping:
                raise

    async def _next(self) -> ScheduledPoll:
        """Wait for the next turn, or for an errand."""
        while True:
            now = _time() + EARLY
            at, poll = self._order.next(now)
            delay = at - now + EARLY if at > now else 0.0
            longest = delay + 2 * poll.source.limit + LONGEST_CARE + GRACE
            self._expected = clock.now() + int(longest * SECOND)
            await self._errands.rest(delay)
            if not delay or poll.is_brief or self._errands.waiting:
                return poll

    async def _do(self, errand: Errand) -> None:
        """What somebody asked for, in place of a turn."""
        self._in_turn = source = errand.source
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
        self._in_turn = source = poll.source
        self._calls.account = source.health.account
        if not (self._line.is_open or await self._line.opened()):
            source.unanswered(poll, self._line.down, missed)
            source.health.cut_off(self._line.down)
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
        cost = now - begun if self._pacing else failure.held
        poll.source.suffer(poll, failure, now, cost)
        self._order.failed(poll, now, cost)

    async def _stop(self, turns: asyncio.Task[None]) -> None:
        self._calls.stopping = True
        self._errands.close("gatewayd is stopping or reading its config again: ask again in a moment")
        turns.cancel()
        _, pending = await asyncio.wait({turns}, timeout=STOP_LIMIT)
        if pending:
            log.error("line_abandoned", **self._stuck_in())
            asyncio._unregister_task(turns)  # noqa: SLF001 - documented; else the end of the event loop waits for it
        elif not turns.cancelled():
            turns.result()

    def _stuck_in(self) -> dict[str, str]:
        source = self._in_turn
        return {"line": self.name, "source": source.name, "plugin": source.plugin, "reason": STUCK}


def _time() -> float:
    return asyncio.get_running_loop().time()
