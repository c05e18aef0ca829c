"""Absence: while a line has no process, each of its polls has an outcome when it is due: that it had no answer."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from contextlib import suppress

from gatewayd import clock
from gatewayd.configured import ConfiguredSource
from gatewayd.engine.plan import Plan
from gatewayd.model import Polled
from gatewayd.sources.reading.intake import Intake


class Absence:
    """The polls of some sources while nobody does them; `tell` takes their outcomes."""

    def __init__(self, sources: Sequence[ConfiguredSource], plan: Plan, tell: Callable[[Polled], None]) -> None:
        names = [channel.short_name for channel in plan.channels]
        self._intakes = {
            group: Intake(source.plugin, group, tuple(names[number] for number in plan.groups[group].channels), {})
            for source in sources
            for group in source.groups
        }
        self._intervals = {group: plan.groups[group].interval / 1e9 for group in self._intakes}
        self._due: dict[int, float] = {}
        self._tell = tell
        self._reason = ""
        self._absent = False
        self._news = asyncio.Event()

    def begin(self, reason: str, grace: float = 0.0) -> None:
        """There is no process, for this reason; no poll is due for `grace` seconds that was not due before."""
        self._reason = reason
        self._absent = True
        now = _time()
        for group, interval in self._intervals.items():
            self._due[group] = min(self._due.get(group, math.inf), now + max(grace, interval))
        self._news.set()

    def end(self) -> None:
        """There is one."""
        self._absent = False

    def done(self, group: int) -> None:
        """A poll of this group had an outcome."""
        self._due[group] = _time() + self._intervals[group]

    async def run(self) -> None:
        """Tell the outcomes of what is due, until cancelled."""
        while True:
            now = _time()
            group, due = min(self._due.items(), key=lambda item: item[1])
            if self._absent and due <= now:
                self._tell_of(group, due, now)
                await asyncio.sleep(0)
            else:
                await self._rest(due - now if self._absent else None)

    def _tell_of(self, group: int, due: float, now: float) -> None:
        missed = int((now - due) / self._intervals[group])
        self._tell(self._intakes[group].failed(self._reason, clock.now(), missed))
        self._due[group] = due + (missed + 1) * self._intervals[group]

    async def _rest(self, seconds: float | None) -> None:
        """Wait for so long, or until a process is lost."""
        self._news.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()


def _time() -> float:
    return asyncio.get_running_loop().time()
