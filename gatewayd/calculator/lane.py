"""A lane: the calculations of one plugin take turns in one thread, and none of them is waited for for ever."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

import numpy as np
import structlog

from gatewayd.calculator.health import Health
from gatewayd.calculator.worker import Job, Outcome, Worker, still_running
from gatewayd.model import Computed, Floats, Input, Quality

MOST_WAITING = 64
"""Windows of one burst that may wait for one calculation."""
MOST_ABANDONED = 3
"""Calls of a plugin that may still be running from before reloads, before it is not called any more."""

log = structlog.get_logger()


class Lane:
    """Hands jobs to a worker, one at a time, and feeds what comes of them when it is told to `settle`.

    A call that takes longer than `limit` seconds is given up, and so is whatever else the plugin is to compute until
    the call returns. `wake` is called, in the event loop, when there is something to settle.
    """

    def __init__(self, plugin: str, feed: Callable[[Input], None], wake: Callable[[], None], limit: float) -> None:
        self.plugin = plugin
        self.health: dict[int, Health] = {}
        """That of each calculation, by its number."""
        self._feed = feed
        self._wake = wake
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._worker: Worker | None = None
        self._waiting: deque[Job] = deque()
        self._left: Counter[int] = Counter()
        """How many jobs of each calculation have not ended."""
        self._current: Job | None = None
        self._wanted = True
        """Whether somebody waits for the current one."""
        self._timer: asyncio.TimerHandle | None = None
        self._overdue = False
        self.stuck = False
        """Whether the current one was given up and goes on."""
        self._outcomes: deque[Outcome] = deque()
        self._refused: deque[tuple[Job, str]] = deque()

    def at_work(self, number: int) -> bool:
        """Whether a calculation has not answered all that it was given."""
        return self._left[number] > 0

    def renumber(self, numbers: Mapping[int, int]) -> None:
        """Have all calculations called by other numbers; those that have none any more are nobody's concern."""
        self.health = {numbers[number]: health for number, health in self.health.items() if number in numbers}
        self._left = Counter({numbers[number]: left for number, left in self._left.items() if number in numbers})
        self._waiting = deque(filter(None, (_renumbered(job, numbers) for job in self._waiting)))
        refused = ((_renumbered(job, numbers), reason) for job, reason in self._refused)
        self._refused = deque((job, reason) for job, reason in refused if job)
        if self._current and self._wanted:
            job = _renumbered(self._current, numbers)
            self._current, self._wanted = job or self._current, job is not None

    def take(self, job: Job, *, passed_over: bool) -> None:
        """Have a job done, unless it is to be passed over or the plugin is refused."""
        number = job.request.calculation
        if refusal := self._refusal():
            self._refuse(job, refusal)
        elif passed_over or self._left[number] >= MOST_WAITING:
            self.health[number].passed_over(self._loop.time())
        else:
            self._left[number] += 1
            self._waiting.append(job)
            self._go_on()

    def settle(self) -> None:
        """Feed what has come up since the last time."""
        while self._outcomes:
            self._end(self._outcomes.popleft())
        if self._overdue and self._current:
            self._give_up(self._current)
        self._overdue = False
        while self._refused:
            job, reason = self._refused.popleft()
            self._answer(job, None, reason)

    def close(self) -> None:
        """Feed what has ended; what has not is abandoned."""
        self._waiting.clear()
        self.settle()
        if self._timer:
            self._timer.cancel()
        if self._worker:
            self._worker.leave(busy=self._current is not None)
        if self.stuck and self._current:
            log.warning("feature_abandoned", feature=self._current.calculation.name, plugin=self.plugin)

    def _refusal(self) -> str:
        """Why the plugin is not called, if so."""
        if self.stuck and self._current:
            return f"{self.plugin} is still computing {self._current.calculation.name}"
        if self._worker is None and (running := still_running()[self.plugin]) >= MOST_ABANDONED:
            return f"{running} calls of {self.plugin} from before a reload are still running"
        return ""

    def _refuse(self, job: Job, reason: str) -> None:
        self.health[job.request.calculation].refused(reason)
        self._refused.append((job, reason))
        self._wake()

    def _go_on(self) -> None:
        """Hand the next job over, if the worker is free."""
        if self._current or not self._waiting:
            return
        if self._worker is None:
            self._worker = Worker(self.plugin, self._report)
            self._worker.start()
        self._current, self._wanted = self._waiting.popleft(), True
        self._timer = self._loop.call_later(self._limit, self._expire)
        self._worker.give(self._current)

    def _report(self, outcome: Outcome) -> None:
        """Called by the worker, in its thread."""
        self._outcomes.append(outcome)
        with suppress(RuntimeError):  # the loop is closed: the gateway has stopped
            self._loop.call_soon_threadsafe(self._wake)

    def _expire(self) -> None:
        self._overdue = True
        self._wake()

    def _end(self, outcome: Outcome) -> None:
        """The current job has ended."""
        job, self._current, self._overdue = self._current, None, False
        if self._timer:
            self._timer.cancel()
        was_stuck, self.stuck = self.stuck, False
        if job and self._wanted:
            self._note(job, outcome, was_stuck=was_stuck)
        self._go_on()

    def _note(self, job: Job, outcome: Outcome, *, was_stuck: bool) -> None:
        """Tell what came of a job; of one that was given up, that is told already."""
        number, now = job.request.calculation, self._loop.time()
        health = self.health[number]
        if was_stuck:
            health.returned(outcome.seconds, now)
            return
        self._left[number] -= 1
        if outcome.values is None:
            health.failed(outcome.seconds, outcome.reason, now, outcome.bug)
        else:
            health.answered(outcome.seconds, now)
        self._answer(job, outcome.values, outcome.reason)

    def _give_up(self, job: Job) -> None:
        """The current job has taken too long, and whatever waits would."""
        self.stuck = True
        self._left.clear()
        reason, refusal = f"still computing after {self._limit:g} s", self._refusal()
        if self._wanted:
            self.health[job.request.calculation].stuck(reason, self._loop.time())
            self._answer(job, None, reason)
        while self._waiting:
            self._refuse(self._waiting.popleft(), refusal)

    def _answer(self, job: Job, values: Floats | None, reason: str) -> None:
        request, quality = job.request, job.request.quality
        if values is None:
            values, quality = np.full(job.results, np.nan), Quality.BAD
        elif np.isnan(values).any():
            reason = "the result is NaN"
        self._feed(Computed(request.calculation, request.time, values, quality, reason))


def _renumbered(job: Job, numbers: Mapping[int, int]) -> Job | None:
    """The same job under its new number; None if it has none."""
    number = numbers.get(job.request.calculation)
    return None if number is None else replace(job, request=replace(job.request, calculation=number))
