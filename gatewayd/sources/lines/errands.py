"""Errands: what is done on a line besides its polls, when somebody asks for it: one at a time, between two turns."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gatewayd.errors import GatewaydError
from gatewayd.sources.lines.polled import PolledSource

MOST = 8
"""Errands that may wait for one line."""


class ErrandError(GatewaydError):
    """An errand was not done; its text says why."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be done with a source, and where it is told how it went."""

    source: PolledSource
    call: Callable[[], Awaitable[None]]
    outcome: asyncio.Future[None]

    def done(self, failure: str = "") -> None:
        """Say how it went; nobody may listen any more."""
        if self.outcome.done():
            return
        if failure:
            self.outcome.set_exception(ErrandError(failure))
        else:
            self.outcome.set_result(None)


class Errands:
    """Those of one line that wait, and the rest between turns, which a new one ends."""

    def __init__(self) -> None:
        self._waiting: deque[Errand] = deque()
        self._resting: asyncio.Future[None] | None = None
        self._closed = ""

    async def run(self, source: PolledSource, call: Callable[[], Awaitable[None]]) -> None:
        """Have `call` made when the line is free. Raises ErrandError when it failed or cannot be."""
        if self._closed:
            raise ErrandError(self._closed)
        if len(self._waiting) >= MOST:
            raise ErrandError(f"{MOST} others wait for the line already")
        errand = Errand(source, call, asyncio.get_running_loop().create_future())
        self._waiting.append(errand)
        self.wake()
        try:
            await errand.outcome
        finally:
            if errand in self._waiting:  # who asked has given up
                self._waiting.remove(errand)

    @property
    def waiting(self) -> bool:
        """Whether there is something to be done."""
        return bool(self._waiting)

    def next(self) -> Errand | None:
        """The one that has waited longest, if somebody still waits for it."""
        while self._waiting:
            errand = self._waiting.popleft()
            if not errand.outcome.done():
                return errand
        return None

    async def rest(self, seconds: float) -> None:
        """Sleep until an errand comes, at most so long."""
        if seconds <= 0 or self._waiting:
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        self._resting = loop.create_future()
        timer = loop.call_later(seconds, self.wake)
        try:
            await self._resting
        finally:
            timer.cancel()
            self._resting = None

    def close(self, why: str) -> None:
        """Do no more of them."""
        self._closed = why
        while errand := self.next():
            errand.done(why)

    def wake(self) -> None:
        """End the rest."""
        if self._resting and not self._resting.done():
            self._resting.set_result(None)
