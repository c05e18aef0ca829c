"""The engine: the one place that knows the order of the stages. One input goes in, what it leads to comes out.

A pure function of the plan, the saved state and the inputs: the same inputs give the same records, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gatewayd.engine.alarms import JUDGING, Transition
from gatewayd.engine.derived import Derived
from gatewayd.engine.plan import Plan
from gatewayd.engine.readings import ReadingsStage
from gatewayd.engine.rules import Rules
from gatewayd.engine.summaries import Summaries
from gatewayd.engine.windows import WINDOWS, BurstFeatures, Windows
from gatewayd.model import NOTHING, Alarm, AnyRecord, Burst, Input, Output, Polled, Saved, Tick


class Engine:
    """Windows, features, rules, readings and summaries behind one door.

    `boot` is the boot that the times of all inputs belong to. Inputs must be fed from one thread.
    """

    def __init__(self, plan: Plan, boot: str) -> None:
        self.plan = plan
        self._windows = Windows(plan, boot)
        self._bursts = BurstFeatures(plan)
        self._rules = Rules(plan, boot)
        self._readings = ReadingsStage(plan, boot)
        self._summaries = Summaries(plan, boot)

    def restore(self, saved: Iterable[Saved], time: int) -> Output:
        """Go on at `time` from what an earlier run saved, as far as the definitions are still the same.

        What it saved when it was stopped is good for one time only: after a crash it would be out of date.
        """
        saved = tuple(saved)
        self._windows.restore(saved)
        output = _output((), self._rules.restore(saved, time))
        used = tuple(Saved(item.stage, item.name, "", b"") for item in saved if item.stage in (WINDOWS, JUDGING))
        return replace(output, saved=output.saved + used)

    def feed(self, item: Input) -> Output:
        """Take one input in and give what follows from it."""
        if isinstance(item, Polled):
            return self._polled(item)
        if isinstance(item, Burst):
            return self._burst(item)
        return self._tick(item)

    def stop(self, time: int) -> Output:
        """The last words at `time`: what was gathered goes out, windows and memories are saved."""
        summaries = self._summaries.take(time, self._rules.open_alarms)
        return Output((*summaries, *self._readings.take()), self._windows.state() + self._rules.memories(time))

    def alarms(self) -> tuple[Alarm, ...]:
        """The alarms that are raised now."""
        return self._rules.raised()

    def _polled(self, polled: Polled) -> Output:
        summaries = self._summaries.due(polled.time, self._rules.open_alarms)
        self._summaries.polled(polled)
        transitions = self._rules.polled(polled)
        transitions += self._judged(self._windows.push(polled))
        first = not self._readings.begun(polled.group)
        return _output([*summaries, *self._readings.push(polled)], transitions, urgent=first)

    def _burst(self, burst: Burst) -> Output:
        summaries = self._summaries.due(burst.time, self._rules.open_alarms)
        self._summaries.burst(burst)
        transitions = self._rules.burst(burst)
        transitions += self._judged(self._bursts.push(burst))
        return _output(summaries, transitions)

    def _judged(self, features: Sequence[Derived]) -> list[Transition]:
        transitions: list[Transition] = []
        for derived in features:
            self._summaries.derived(derived)
            transitions += self._rules.derived(derived)
        return transitions

    def _tick(self, tick: Tick) -> Output:
        summaries = self._summaries.due(tick.time, self._rules.open_alarms)
        return _output([*summaries, *self._readings.due(tick.time)], self._rules.tick(tick.time))


def _output(records: Sequence[AnyRecord], transitions: Sequence[Transition], *, urgent: bool = False) -> Output:
    """Alarms first; they and their state are urgent."""
    if not transitions:
        return Output(tuple(records), urgent=urgent) if records else NOTHING
    alarms = tuple(transition.alarm for transition in transitions)
    return Output((*alarms, *records), tuple(transition.saved for transition in transitions), urgent=True)
