"""Turns: the sources of one line are polled one at a time, and no plugin can keep the gateway from stopping."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog

from gatewayd.model import Burst, Polled
from gatewayd.plugin import Line
from gatewayd.sources.calls import CallFailed, Calls
from gatewayd.sources.line import KeptLine
from gatewayd.sources.polled import PolledSource, ScheduledPoll
from gatewayd.sources.quarantine import COST_FACTOR
from gatewayd.sources.status import SourceStatus, State

STOP_LIMIT = 5.0
"""Seconds after which a line that does not stop is abandoned."""
STUCK = "stuck in a call into the plugin that does not let itself be broken off"

log = structlog.get_logger()


class Turns:
    """The turns of some sources on their line; each source has a poll at least."""

    def __init__(self, line: Line, name: str, sources: Sequence[PolledSource]) -> None:
        self.name = name
        self._calls = Calls()
        self._line = KeptLine(line, name, sources, self._calls)
        self._sources = sources
        self._polls = [poll for source in sources for poll in source.polls]
        self._gate = 0.0
        """When the line has time again for what is quarantined."""
        self._turn = 0
        self._stuck = False

    async def run(self) -> None:
        """Take turns until cancelled, then close everything. What does not stop in time is abandoned."""
        turns = asyncio.create_task(self._take_turns(), name=f"turns on {self.name}")
        try:
            await asyncio.wait({turns})
        finally:
            await self._stop(turns)

    def progressing(self, now: int) -> bool:
        """Whether the line does something when it should, successfully or not."""
        return now <= self._calls.expected

    def look(self, now: int) -> None:
        """Log once when a plugin holds the line up, and once when it goes on."""
        stuck = not self.progressing(now)
        if stuck and not self._stuck:
            log.error("line_stuck", line=self.name, sources=self._names(), reason=STUCK)
        if self._stuck and not stuck:
            log.info("line_freed", line=self.name)
        self._stuck = stuck

    def status(self, now: int) -> list[SourceStatus]:
        """How each of its sources is doing."""
        each = [source.status() for source in self._sources]
        if self.progressing(now):
            return each
        return [replace(status, state=State.FAILING, last_error=STUCK) for status in each]

    async def _take_turns(self) -> None:
        try:
            while not self._calls.stopping:
                await self._take(await self._next())
        finally:
            await self._line.close()

    async def _next(self) -> ScheduledPoll:
        """Wait for the next turn: of the poll that is due first, else of the one whose last turn was first."""
        poll = min(self._polls, key=self._order)
        delay = max(0.0, poll.ready(self._gate) - _time())
        self._calls.expect(delay)
        await asyncio.sleep(delay)
        return poll

    def _order(self, poll: ScheduledPoll) -> tuple[float, int]:
        return poll.ready(self._gate), poll.turn

    async def _take(self, poll: ScheduledPoll) -> None:
        missed = poll.schedule.take(_time())
        self._turn = poll.turn = self._turn + 1
        if not await self._line.opened():
            poll.source.cut_off(poll, self._line.down, missed)
            return
        begun = _time()
        try:
            inputs = await self._read(poll, missed)
        except CallFailed as failure:
            poll.source.unanswered(poll, str(failure), missed)
            await self._line.recover(poll.source, failure)
            self._suffer(poll, failure, _time() - begun)
        else:
            poll.source.answered(poll, inputs, missed, _time() - begun)

    async def _read(self, poll: ScheduledPoll, missed: int) -> Sequence[Polled | Burst]:
        source = poll.source
        if not source.is_open:
            await self._calls.call(source.source.open, source.limit)
            source.is_open = True
        return await self._calls.call(lambda: poll.read(missed), source.limit)

    def _suffer(self, poll: ScheduledPoll, failure: CallFailed, cost: float) -> None:
        """All that is quarantined on a shared line has one share of its time together."""
        quarantined = poll.source.suffer(poll, failure, _time(), cost)
        if quarantined and len(self._sources) > 1:
            self._gate = _time() + COST_FACTOR * cost

    async def _stop(self, turns: asyncio.Task[None]) -> None:
        self._calls.stopping = True
        turns.cancel()
        _, pending = await asyncio.wait({turns}, timeout=STOP_LIMIT)
        if pending:
            log.error("line_abandoned", line=self.name, sources=self._names(), reason=STUCK)
            asyncio._unregister_task(turns)  # noqa: SLF001 - documented; else the end of the event loop waits for it
        elif not turns.cancelled():
            turns.result()

    def _names(self) -> list[str]:
        return [source.name for source in self._sources]


def _time() -> float:
    return asyncio.get_running_loop().time()
