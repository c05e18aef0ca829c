"""The calculator: has the plan's calculations done outside the event loop, and feeds what comes of them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence

from gatewayd.calculator.health import CalculationStatus, Health
from gatewayd.calculator.lane import Lane
from gatewayd.calculator.worker import Job
from gatewayd.configured import Calculation
from gatewayd.engine.plan import Plan
from gatewayd.model import Input, Request

OURS = "gatewayd"
"""Whose code it is when it is no plugin's."""
LIMIT = 10.0
"""Seconds that a calculation may take before it is given up."""
SWITCH = 0.0005
"""Seconds for which code in Python may keep the interpreter from the event loop; by default ten times as long."""


class Calculator:
    """A lane, with a thread, for each plugin whose code is to be called: none of them can hold another one up.

    The windows that one input completes are computed one after the other; those that come while a calculation is at
    work on earlier ones are passed over. It is made, and called, where the event loop runs.
    """

    def __init__(
        self, calculations: Sequence[Calculation], plan: Plan, feed: Callable[[Input], None], *, limit: float = LIMIT
    ) -> None:
        if calculations:
            sys.setswitchinterval(SWITCH)
        self._lanes: dict[str, Lane] = {}
        self._news = asyncio.Event()
        self._calculations = calculations
        self._results = [planned.results for planned in plan.calculations]
        self._lane_of = []
        for number, calculation in enumerate(calculations):
            plugin = calculation.plugin or OURS
            lane = self._lanes.setdefault(plugin, Lane(plugin, feed, self._news.set, limit))
            lane.health[number] = Health(calculation.name, plugin)
            self._lane_of.append(lane)

    async def run(self) -> None:
        """Feed what comes of it, for ever."""
        while True:
            await self._news.wait()
            self._news.clear()
            for lane in self._lanes.values():
                lane.settle()

    def compute(self, requests: Sequence[Request]) -> None:
        """Have what one input asks for computed. Nothing is fed meanwhile."""
        numbers = {request.calculation for request in requests}
        at_work = {number for number in numbers if self._lane_of[number].at_work(number)}
        for request in requests:
            number = request.calculation
            job = Job(request, self._calculations[number], self._results[number])
            self._lane_of[number].take(job, passed_over=number in at_work)

    def status(self) -> tuple[CalculationStatus, ...]:
        """How each calculation is doing."""
        return tuple(lane.health[number].status() for number, lane in enumerate(self._lane_of))

    def close(self) -> None:
        """Feed what has been computed, when it no longer runs, and abandon what has not."""
        for lane in self._lanes.values():
            lane.close()
