"""Hours of an asyncio program in milliseconds: time jumps to the next timer whenever there is nothing else to do."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar
from unittest import mock

from gatewayd import clock

T = TypeVar("T")

START = 1000.0
"""Seconds on the clock of a simulation when it begins."""


class _Skipping(selectors.DefaultSelector):
    """Instead of waiting, lets the time pass; `moment` is how many real seconds it waits for what is outside."""

    now = START
    moment = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        forever = timeout is None
        ready = super().select(None if forever and self.moment else min(self.moment, max(0.0, timeout or 0.0)))
        if not ready and forever:
            raise AssertionError("the simulation waits for ever: nothing is left that could happen")
        if not ready:
            self.now += max(timeout or 0.0, 0.0)
        return ready


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop on its own time, in seconds, that begins at START."""

    def __init__(self, moment: float = 0.0) -> None:
        self._skipping = _Skipping()
        self._skipping.moment = moment
        super().__init__(self._skipping)

    def time(self) -> float:
        """The simulated time."""
        return self._skipping.now

    def pass_by(self, seconds: float) -> None:
        """Let time pass without anything happening meanwhile."""
        self._skipping.now += seconds


def simulate(coroutine: Coroutine[Any, Any, T], moment: float = 0.0) -> T:
    """Run a coroutine in simulated time, by which gatewayd's clock goes too; give what it returns.

    Time does not wait for what is outside, a socket or a thread, unless it gets a `moment`: so many real seconds before
    each jump. 0.003 is enough for a socket of this machine.
    """
    loop = SimulatedLoop(moment)

    def now() -> int:
        return round(loop.time() * 1e9)

    with (
        mock.patch.object(clock, "now", now),
        asyncio.Runner(loop_factory=lambda: loop) as runner,
    ):
        return runner.run(coroutine)


def hold(seconds: float) -> None:
    """Let time pass as blocking code does, while nothing else can run; in a simulation only."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop, SimulatedLoop):
        raise TypeError("hold() is for what runs in simulate(); elsewhere time.sleep() blocks")
    loop.pass_by(seconds)
