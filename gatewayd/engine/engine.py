"""The engine: the one place that knows the order of the stages. One input goes in, what it leads to comes out.

A pure function of the plan, the saved state and the inputs: the same inputs give the same records, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import partial

from gatewayd.engine.alarms.rule import JUDGING
from gatewayd.engine.alarms.rules import Rules
from gatewayd.engine.alarms.standing import Maintained, Suspension
from gatewayd.engine.derived import Derived
from gatewayd.engine.deriving.derivers import Derivers
from gatewayd.engine.latest import LATEST
from gatewayd.engine.measuring.bearings import VOTES, Bearings
from gatewayd.engine.measuring.bursts import BurstFeatures
from gatewayd.engine.measuring.calculations import Calculations
from gatewayd.engine.measuring.cuts import Cut, Cuts
from gatewayd.engine.measuring.shafts import SHAFTS, Shafts
from gatewayd.engine.measuring.windows import WINDOWS, Windows
from gatewayd.engine.plan import Plan
from gatewayd.engine.presents import Present, Presents
from gatewayd.engine.readings import ReadingsStage
from gatewayd.engine.said import Said
from gatewayd.engine.sensors.sensors import Sensors
from gatewayd.engine.summaries import Summaries
from gatewayd.model import Burst, Command, Computed, Input, Polled, Request, Tick
from gatewayd.models.card import ModelStatus
from gatewayd.records import Alarm, Cause, Output, Saved, Verdict

ONCE = (WINDOWS, JUDGING, SHAFTS, VOTES, LATEST)
"""The stages whose state is saved when the engine stops, and is good for one start only."""
Watch = Callable[[Derived], None]
"""Is shown what is derived."""


class Engine:
    """Windows, features, calculations, verdicts, derivers, rules, readings and summaries behind one door.

    `boot` is the boot that the times of all inputs belong to. Inputs must be fed from one thread. `watch` is shown all
    that is derived, as it comes.
    """

    def __init__(self, plan: Plan, boot: str, watch: Watch | None = None) -> None:
        self.plan = plan
        self.boot = boot
        self._watch = watch
        self._sensors = Sensors(plan, boot)
        self._shafts = Shafts(plan, boot)
        self._windows = Windows(plan, boot)
        self._cuts = Cuts(plan)
        self._bursts = BurstFeatures(plan, self._shafts)
        self._calculations = Calculations(plan, self._shafts)
        self._bearings = Bearings(plan, boot)
        self._derivers = Derivers(plan, boot)
        self._rules = Rules(plan, boot, partial(_explained, self._sensors, self._derivers))
        self._readings = ReadingsStage(plan, boot)
        self._summaries = Summaries(plan, boot)
        self._presents = Presents(plan)

    def restore(self, saved: Iterable[Saved], time: int) -> Output:
        """Go on at `time` from what an earlier run saved, as far as the definitions are still the same.

        What it saved when it was stopped is good for one time only: after a crash it would be out of date.
        """
        saved = tuple(saved)
        said = Said()
        self._sensors.restore(saved, time)
        self._windows.restore(saved)
        self._shafts.restore(saved)
        self._derivers.restore(saved, time)
        self._rules.restore(saved, time, said)
        said.saved += self._bearings.restore(saved)
        said.saved += (Saved(item.stage, item.name, "", b"") for item in saved if item.stage in ONCE)
        return Output(tuple(said.urgent), tuple(said.saved), urgent=bool(said.urgent))

    def take_over(self, before: Engine, saved: Iterable[Saved], going_on: Collection[str], time: int) -> Output:
        """Go on at `time` where an engine of another plan is, which is not used any more.

        `saved` is all that it ever saved, and its `state`. Besides, signals that wait for their continuation go on, the
        course of models, and the present summary of the sources `going_on`. What else was gathered goes out.
        """
        self._cuts.take_over(before._cuts)
        summaries = self._summaries.take_over(before._summaries, going_on, time, before._rules.standing)
        readings = before._readings.take()
        output = self.restore(saved, time)
        self._derivers.take_over(before._derivers)
        return replace(output, records=(*summaries, *readings, *output.records))

    def feed(self, item: Input) -> Output:
        """Take one input in and give what follows from it."""
        if isinstance(item, Polled):
            return self._polled(item)
        if isinstance(item, Burst):
            return self._burst(item)
        if isinstance(item, Computed):
            return self._computed(item)
        if isinstance(item, Command):
            return self._command(item)
        return self._tick(item)

    def stop(self, time: int) -> Output:
        """The last words at `time`: what was gathered goes out, windows, votes and memories are saved."""
        summaries = self._summaries.stop(time, self._rules.standing)
        return Output((*summaries, *self._readings.take()), self.state(time))

    def state(self, time: int) -> tuple[Saved, ...]:
        """Windows, votes and memories as they are at `time`."""
        stages = (self._windows, self._shafts, self._bearings)
        states = (each for stage in stages for each in stage.state())
        return (*self._sensors.state(time), *states, *self._derivers.state(time), *self._rules.state(time))

    def definitions(self) -> dict[tuple[str, str], str]:
        """By stage and name, what is remembered belongs to: under another definition it is of no use.

        Of an engine that has been fed nothing.
        """
        stages = (self._windows, self._shafts, self._bearings)
        states = (each for stage in stages for each in stage.state())
        saved = (*self._sensors.state(0), *states, *self._derivers.state(0))
        return {(item.stage, item.name): item.definition for item in saved} | self._rules.definitions()

    def present(self, channels: Iterable[int]) -> dict[int, Present]:
        """The last values of some channels, by their numbers, as far as they had one."""
        return self._presents.of(channels)

    def alarms(self) -> tuple[Alarm, ...]:
        """The alarms that are open now: raised, acknowledged, or returned and not acknowledged."""
        return self._rules.open_alarms()

    def shelved(self) -> tuple[Alarm, ...]:
        """What was told of the rules that are shelved now."""
        return self._rules.shelved()

    def suspended(self) -> tuple[Suspension, ...]:
        """The rules that should judge and do not, or whose alarm is shelved."""
        return self._rules.suspended()

    def maintained(self) -> tuple[Maintained, ...]:
        """The assets that are in maintenance now."""
        return self._rules.maintained()

    def verdicts(self) -> tuple[Verdict, ...]:
        """What is judged of each bearing now, where judging has begun."""
        return self._bearings.now()

    def models(self) -> tuple[ModelStatus, ...]:
        """How each model stands now."""
        return self._derivers.models()

    def _polled(self, polled: Polled) -> Output:
        said = self._begin(polled.time)
        polled, faults = self._sensors.polled(polled, said)
        self._presents.polled(polled)
        self._summaries.polled(polled)
        self._shafts.polled(polled)
        self._rules.polled(polled)
        if self.plan.derivers:
            channels = self.plan.groups[polled.group].channels
            self._follow(Derived(channels, polled.time, polled.values, polled.qualities), said)
        for fault in faults:
            self._judge(fault, said)
        for number, window in self._windows.push(polled):
            if window.outputs:
                self._judge(window.features(polled.time), said)
            self._ask(self._calculations.of_hop(number, window, polled.time), said)
        first = not self._readings.begun(polled.group)
        said.records += self._readings.push(polled)
        return self._settled(said, urgent=first)

    def _burst(self, burst: Burst) -> Output:
        said = self._begin(burst.time)
        burst, faults = self._sensors.burst(burst, said)
        self._presents.burst(burst)
        self._summaries.burst(burst)
        self._rules.burst(burst, said)
        for fault in faults:
            self._judge(fault, said)
        self._cut(self._cuts.push(burst), said)
        return self._settled(said)

    def _computed(self, computed: Computed) -> Output:
        said = Said()
        judged = self._bearings.computed(computed)
        if judged is None:
            self._judge(self._calculations.computed(computed), said)
            return self._settled(said)
        if judged.verdict is not None and judged.saved is not None:
            said.urgent.append(judged.verdict)
            said.saved.append(judged.saved)
        self._judge(judged.derived, said)
        return self._settled(said)

    def _tick(self, tick: Tick) -> Output:
        said = self._begin(tick.time)
        self._cut(self._cuts.due(tick.time), said)
        self._rules.tick(tick.time, said)
        said.records += self._readings.due(tick.time)
        return self._settled(said)

    def _command(self, command: Command) -> Output:
        said = self._begin(command.time)
        for derived in self._derivers.command(command, said):
            self._judge(derived, said)
        self._rules.command(command, said)
        return self._settled(said, urgent=True)

    def _begin(self, time: int) -> Said:
        said = Said()
        self._summaries.due(time, self._rules.standing)
        self._rules.due(time, said)
        return said

    def _settled(self, said: Said, *, urgent: bool = False) -> Output:
        self._rules.settle(said)
        said.records = [*self._summaries.made(), *said.records]
        return said.output(urgent=urgent)

    def _cut(self, cuts: Iterable[Cut], said: Said) -> None:
        for cut in cuts:
            for derived in self._bursts.push(cut):
                self._judge(derived, said)
            self._ask(self._calculations.of_cut(cut), said)

    def _ask(self, asked: Iterable[Request | Derived], said: Said) -> None:
        """Pass requests on; what cannot be asked for is as bad as what was not answered."""
        for each in asked:
            if isinstance(each, Request):
                said.requests.append(each)
            else:
                self._judge(each, said)

    def _judge(self, derived: Derived, said: Said) -> None:
        if self._watch is not None:
            self._watch(derived)
        self._presents.derived(derived)
        self._sensors.derived(derived)
        self._summaries.derived(derived)
        self._shafts.derived(derived)
        self._rules.derived(derived)
        self._follow(derived, said)

    def _follow(self, came: Derived, said: Said) -> None:
        """Derive what follows from channels that came together, and judge it."""
        for derived in self._derivers.arrived(came, said):
            self._judge(derived, said)


def _explained(sensors: Sensors, derivers: Derivers, channel: int) -> tuple[Cause, ...]:
    return sensors.explain(channel) or derivers.explain(channel)
