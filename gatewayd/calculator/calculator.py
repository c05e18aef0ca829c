"""The calculator: has the plan's calculations done outside the event loop, and feeds what comes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

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

Identity = tuple[Any, ...]
"""All that makes a calculation what it is, without numbers of a plan."""


class Calculator:
    """A lane, with a thread, for each plugin whose code is to be called: none of them can hold another one up.

    The windows that one input completes are computed one after the other; those that come while a calculation is at
    work on earlier ones are passed over. It is made, and called, where the event loop runs.
    """

    def __init__(
        self, calculations: Sequence[Calculation], plan: Plan, feed: Callable[[Input], None], *, limit: float = LIMIT
    ) -> None:
        self._lanes: dict[str, Lane] = {}
        self._news = asyncio.Event()
        self._feed = feed
        self._limit = limit
        self._identities: list[Identity] = []
        self.turn_to(calculations, plan)

    def turn_to(self, calculations: Sequence[Calculation], plan: Plan) -> None:
        """From now on do the calculations of this plan; results come in its numbers.

        Those that are the same as before go on, what is under way included. What is stuck is left behind.
        """
        before, self._identities = self._identities, [_identity(plan, each, n) for n, each in enumerate(calculations)]
        numbers = {identity: number for number, identity in enumerate(self._identities)}
        self._leave({number: numbers[identity] for number, identity in enumerate(before) if identity in numbers})
        self._calculations = calculations
        self._results = [planned.results for planned in plan.calculations]
        self._lane_of = [self._lane(number, calculation) for number, calculation in enumerate(calculations)]

    def _leave(self, numbers: Mapping[int, int]) -> None:
        """Have calculations called by other numbers, and those without one given up."""
        for lane in list(self._lanes.values()):
            lane.renumber(numbers)
            if lane.stuck or not lane.health:
                del self._lanes[lane.plugin]
                lane.close()

    def _lane(self, number: int, calculation: Calculation) -> Lane:
        plugin = calculation.plugin or OURS
        lane = self._lanes.get(plugin)
        if lane is None:
            lane = self._lanes[plugin] = Lane(plugin, self._feed, self._news.set, self._limit)
        lane.health.setdefault(number, Health(calculation.name, plugin))
        return lane

    async def run(self) -> None:
        """Feed what comes of it, for ever."""
        while True:
            await self._news.wait()
            self._news.clear()
            for lane in list(self._lanes.values()):
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
        """Feed what has been computed, and abandon what has not: nothing is fed after that."""
        for lane in self._lanes.values():
            lane.close()
        self._lanes.clear()


def _identity(plan: Plan, calculation: Calculation, number: int) -> Identity:
    planned = plan.calculations[number]
    window = None if planned.window is None else plan.windows[planned.window]
    shaft = planned.shaft
    return (
        calculation.name,
        calculation.plugin,
        plan.channels[planned.channel],
        tuple(plan.channels[output] for output in planned.outputs),
        planned.cut,
        window and (window.span, window.samples, window.every),
        shaft and replace(shaft, channel=None),
        None if shaft is None or shaft.channel is None else plan.channels[shaft.channel],
        tuple(bearing.orders for bearing in plan.bearings if bearing.calculation == number),
    )
