"""The engine: the one place that knows the order of the stages. One input goes in, what it leads to comes out.

A pure function of the plan, the saved state and the inputs: the same inputs give the same records, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable

from gatewayd.engine.alarms import Transition
from gatewayd.engine.plan import Plan
from gatewayd.engine.readings import ReadingsStage
from gatewayd.engine.rules import Rules
from gatewayd.engine.summaries import Summaries
from gatewayd.engine.windows import BurstFeatures, Windows
from gatewayd.model import NOTHING, AnyRecord, Burst, Input, Output, Polled, Saved, Tick

WINDOWS = "windows"


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
        """Go on from what an earlier run saved, as far as the definitions are still the same."""
        saved = list(saved)
        self._restore_windows(saved)
        return _output((), list(self._rules.restore(saved, time)))

    def feed(self, item: Input) -> Output:
        """Take one input in and give what follows from it."""
        if isinstance(item, Polled):
            return self._polled(item)
        if isinstance(item, Burst):
            return self._burst(item)
        return self._tick(item)

    def stop(self) -> Output:
        """The last words: what was gathered goes out, and the windows are saved."""
        return Output(records=tuple(self._readings.take()), saved=tuple(self._save_windows()))

    def _polled(self, polled: Polled) -> Output:
        records: list[AnyRecord] = list(self._close_period(polled.time))
        self._summaries.polled(polled)
        transitions = list(self._rules.group(polled.group, polled.time, polled.values, polled.qualities))
        for derived in self._windows.push(polled):
            self._summaries.window(derived)
            transitions += self._rules.derived(derived.outputs, derived.time, derived.values, derived.qualities)
        records += self._readings.push(polled)
        return _output(records, transitions)

    def _burst(self, burst: Burst) -> Output:
        records = list(self._close_period(burst.time))
        self._summaries.burst(burst)
        transitions: list[Transition] = []
        for derived in self._bursts.push(burst):
            self._summaries.burst_features(derived)
            transitions += self._rules.derived(derived.outputs, derived.time, derived.values, derived.qualities)
        return _output(records, transitions)

    def _tick(self, tick: Tick) -> Output:
        records: list[AnyRecord] = list(self._close_period(tick.time))
        records += self._readings.due(tick.time)
        return _output(records, list(self._rules.tick(tick.time)))

    def _close_period(self, time: int) -> list[AnyRecord]:
        return list(self._summaries.due(time, self._rules.open_alarms))

    def _save_windows(self) -> Iterable[Saved]:
        for window in self._windows.all:
            yield Saved(WINDOWS, window.name, window.definition, window.state())

    def _restore_windows(self, saved: Iterable[Saved]) -> None:
        by_name = {item.name: item for item in saved if item.stage == WINDOWS}
        for window in self._windows.all:
            item = by_name.get(window.name)
            if item is not None and item.definition == window.definition:
                window.restore(item.data)


def _output(records: Iterable[AnyRecord], transitions: list[Transition]) -> Output:
    if not transitions:
        records = tuple(records)
        return Output(records) if records else NOTHING
    alarms = tuple(transition.alarm for transition in transitions)
    return Output((*alarms, *records), tuple(transition.saved for transition in transitions), urgent=True)
