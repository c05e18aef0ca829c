"""Judging: the engine of a config, and what it says and derives while it is fed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

import numpy as np

from gatewayd.config import Config
from gatewayd.engine.derived import Derived
from gatewayd.engine.engine import Engine
from gatewayd.engine.plan import ONE_BY_ONE, Plan, PlannedModel
from gatewayd.model import Input, Quality
from gatewayd.records import Output, Saved
from gatewayd.replay.alarms import Alarms
from gatewayd.replay.answering import BOOT, answers
from gatewayd.replay.drawn import Drawn
from gatewayd.replay.outcome import Outcome

UNCERTAIN = int(Quality.UNCERTAIN)
NO_VALUES = [np.nan, np.nan]


class Judging:
    """Alarms, changes, scores and the traces of derived channels of a config that is fed one input after the other.

    `raised`: an alarm about a machine is raised now; `changed`: a change was told since that was last set to False;
    `score`: the highest of the models' scores, NaN where there is none. `shift` (ns) is added to all times.
    `saved` is what the engine has said must be saved.
    """

    def __init__(self, config: Config) -> None:
        self.alarms = Alarms()
        self.changes: list[int] = []
        self.saved: dict[tuple[str, str], Saved] = {}
        self.shift = 0
        self.raised = False
        self.changed = False
        self.score = np.nan
        self._config = config
        self._plan = replace(config.plan, summary_every=0, alarms=ONE_BY_ONE)
        self._scores: dict[tuple[int, ...], float] = {
            each.outputs: np.nan for each in config.plan.derivers if isinstance(each, PlannedModel)
        }
        self._shown = dict.fromkeys(_shown(config.plan))
        together = config.plan.derivations()
        self._drawn = {each: Drawn(len(each)) for each in together if not self._shown.keys().isdisjoint(each)}
        self._engine = Engine(self._plan, BOOT, self._watch)

    def begin(self, boot: str, saved: Iterable[Saved], time: int) -> None:
        """Go on with a new engine that begins at `time` of a boot with what an earlier one saved."""
        self._engine = Engine(self._plan, boot, self._watch)
        self._take(self._engine.restore(saved, time))
        self.alarms.go_on(self._engine.alarms(), time + self.shift)
        self.raised = self.alarms.machine

    def take_over(self, boot: str, saved: Iterable[Saved], going_on: Collection[str], time: int) -> None:
        """Go on with another engine, as at a reload."""
        engine = Engine(self._plan, boot, self._watch)
        self._take(engine.take_over(self._engine, saved, going_on, time))
        self._engine = engine
        self.alarms.go_on(engine.alarms(), time + self.shift)
        self.raised = self.alarms.machine

    def feed(self, item: Input, *, answer: bool = True) -> None:
        """Feed one input, and the answers to what the engine asks unless these come by themselves."""
        output = self._engine.feed(item)
        self._take(output)
        if answer and output.requests:
            for further in answers(self._engine, self._config, output.requests):
                self._take(further)

    def stop(self, time: int) -> None:
        """Stop the engine; `saved` is then what the next one goes on with."""
        self._take(self._engine.stop(time))

    def settle(self) -> None:
        """Draw what was derived since the last time into the traces."""
        for drawn in self._drawn.values():
            drawn.draw()

    def outcome(self) -> Outcome:
        """Where all that is said and derived is found."""
        drawn = self._drawn.items()
        places = {number: (each.traces, column) for outputs, each in drawn for column, number in enumerate(outputs)}
        traces = {number: places[number] for number in self._shown}
        return Outcome(alarms=self.alarms, changes=self.changes, traces=traces)

    def _take(self, output: Output) -> None:
        if output.records:
            self.alarms.take(output.records, self.shift)
            self.raised = self.alarms.machine
        if output.saved:
            self.saved |= {(each.stage, each.name): each for each in output.saved}

    def _watch(self, derived: Derived) -> None:
        outputs, time = derived.outputs, derived.time + self.shift
        drawn = self._drawn.get(outputs)
        if drawn is not None:
            drawn.add(time, derived.values, derived.qualities)
        if outputs in self._scores:
            self._score(outputs, time, derived)

    def _score(self, model: tuple[int, ...], time: int, derived: Derived) -> None:
        """A model's score, and whether it tells a change; they are usable together or not at all."""
        score, change = derived.values.tolist() if max(derived.qualities.tolist()) <= UNCERTAIN else NO_VALUES
        self._scores[model] = score
        there = [each for each in self._scores.values() if each == each]  # noqa: PLR0124 - NaN is not itself
        self.score = max(there) if there else np.nan
        if change == 1:
            self.changed = True
            self.changes.append(time)


def _shown(plan: Plan) -> Iterator[int]:
    """The derived channels that a page shows: health scores, and all that is judged."""
    yield from (each.outputs[0] for each in plan.derivers if isinstance(each, PlannedModel))
    yield from (rule.channel for rule in plan.rules if plan.channels[rule.channel].derived)
