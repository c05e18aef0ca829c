"""Judging: the engine of a config, and what it says and derives while it is fed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from gatewayd.config import Config
from gatewayd.engine.derived import Derived
from gatewayd.engine.engine import Engine
from gatewayd.engine.plan import ONE_BY_ONE, Plan, PlannedModel
from gatewayd.model import Input, Quality
from gatewayd.records import Output, Saved
from gatewayd.replay.alarms import Alarms
from gatewayd.replay.answering import BOOT, answers
from gatewayd.replay.outcome import Outcome
from gatewayd.replay.traces import Traces

ABSENT, UNCERTAIN = int(Quality.ABSENT), int(Quality.UNCERTAIN)

Note = Callable[[int, float], None]
"""What is done with the value of a channel at a time; NaN where there is no usable one."""


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
        self._scores: dict[int, float] = {}
        self._traces = {number: Traces(1) for number in _shown(config.plan)}
        self._seen: dict[int, tuple[list[int], list[float]]] = {number: ([], []) for number in self._traces}
        together = config.plan.derivations()
        self._places = {each: notes for each in together if (notes := list(self._notes(each, config.plan)))}
        self._engine = Engine(self._plan, BOOT, self._watch)

    def begin(self, boot: str, saved: Iterable[Saved], time: int) -> None:
        """Go on with a new engine that begins at `time` of a boot with what an earlier one saved."""
        self._engine = Engine(self._plan, boot, self._watch)
        self._take(self._engine.restore(saved, time))
        self.alarms.go_on(self._engine.alarms(), time + self.shift)
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
        for number, (times, values) in self._seen.items():
            self._traces[number].add(np.array(times, dtype=np.int64), np.array(values, dtype=np.float64)[:, None])
            times.clear()
            values.clear()

    def outcome(self) -> Outcome:
        """Where all that is said and derived is found."""
        traces = {number: (traces, 0) for number, traces in self._traces.items()}
        return Outcome(alarms=self.alarms, changes=self.changes, traces=traces)

    def _take(self, output: Output) -> None:
        if output.records:
            self.alarms.take(output.records, self.shift)
            self.raised = self.alarms.machine
        if output.saved:
            self.saved |= {(each.stage, each.name): each for each in output.saved}

    def _watch(self, derived: Derived) -> None:
        places = self._places.get(derived.outputs)
        if places is None:
            return
        values, qualities, time = derived.values.tolist(), derived.qualities.tolist(), derived.time + self.shift
        for place, note in places:
            if qualities[place] != ABSENT:
                note(time, values[place] if qualities[place] <= UNCERTAIN else np.nan)

    def _notes(self, outputs: tuple[int, ...], plan: Plan) -> Iterator[tuple[int, Note]]:
        """What is done with derived channels that come together, by their places."""
        models = [each for each in plan.derivers if isinstance(each, PlannedModel)]
        scores, changing = [each.outputs[0] for each in models], [each.outputs[1] for each in models]
        for place, number in enumerate(outputs):
            if number in scores:
                yield place, partial(self._score, number)
            if number in changing:
                yield place, self._change
            if number in self._seen:
                yield place, partial(_trace, *self._seen[number])

    def _score(self, number: int, time: int, value: float) -> None:  # noqa: ARG002 - a note
        self._scores[number] = value
        there = [score for score in self._scores.values() if score == score]  # noqa: PLR0124 - NaN is not itself
        self.score = max(there) if there else np.nan

    def _change(self, time: int, value: float) -> None:
        if value == 1:
            self.changed = True
            self.changes.append(time)


def _trace(times: list[int], values: list[float], time: int, value: float) -> None:
    times.append(time)
    values.append(value)


def _shown(plan: Plan) -> Iterator[int]:
    """The derived channels that a page shows: health scores, and all that is judged."""
    yield from (each.outputs[0] for each in plan.derivers if isinstance(each, PlannedModel))
    yield from (rule.channel for rule in plan.rules if plan.channels[rule.channel].derived)
