"""Bearings: the scores of a bearing's windows become votes, and votes a verdict, told when it changes."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from gatewayd.engine.derived import Derived, no_values
from gatewayd.engine.measuring.reasons import FALLBACK
from gatewayd.engine.plan import Plan, PlannedBearing, PlannedShaft
from gatewayd.features.bearings.analysis import Scores
from gatewayd.features.bearings.geometry import Orders
from gatewayd.features.bearings.lines import families
from gatewayd.features.bearings.votes import WINDOWS, Opinion, Votes
from gatewayd.model import Computed, Quality
from gatewayd.records import Fault, Saved, Verdict, definition_hash

VERDICTS = "bearings"
VOTES = "votes"

LINES = {Fault.OUTER_RACE: "BPFO", Fault.INNER_RACE: "BPFI", Fault.BALL: "2 x BSF"}
"""What the lines of each fault are called."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The scores of a window, and the verdict if it is another one, with what must be remembered of it."""

    derived: Derived
    verdict: Verdict | None = None
    saved: Saved | None = None


class Bearing:
    """One bearing: its votes, the verdict that was `told` last, and the same with what the windows say `now`."""

    def __init__(self, bearing: PlannedBearing, plan: Plan, boot: str) -> None:
        self.plan = bearing
        self.definition = _definition(bearing, plan)
        self._boot = boot
        self._channel = plan.channels[bearing.channel].name
        self._names = [plan.channels[output].short_name for output in bearing.outputs]
        self._families = families(Orders(*bearing.orders))
        self._votes = Votes()
        self.told: Verdict | None = None
        self.now: Verdict | None = None

    def computed(self, computed: Computed) -> Judged:
        """Take the scores of one window in; those that are bad are no vote."""
        if computed.quality == Quality.BAD or not np.isfinite(computed.values).all():
            return Judged(no_values(self.plan.outputs, self._names, computed.time, computed.reason or FALLBACK))
        scores = Scores(*computed.values.tolist())
        opinion = self._votes.push(scores)
        values = np.array([opinion.score, scores.outer_race, scores.inner_race, scores.ball])
        derived = Derived(self.plan.outputs, computed.time, values, np.full(4, computed.quality, dtype=np.uint8))
        verdict = self._verdict(opinion, computed.time, scores.shaft)
        if not self._news(opinion):
            if self.told is not None:
                self.now = msgspec.structs.replace(verdict, before=self.told.before)
            return Judged(derived)
        self.told = self.now = verdict
        saved = Saved(VERDICTS, self.plan.name, self.definition, msgspec.msgpack.encode(self.told))
        return Judged(derived, self.told, saved)

    def _news(self, opinion: Opinion) -> bool:
        """Whether it is another verdict; after a start, few windows do not tell that all is well."""
        if opinion.fault is Fault.NONE and opinion.windows < WINDOWS:
            return False
        return self.told is None or opinion.fault is not self.told.fault

    def _verdict(self, opinion: Opinion, time: int, shaft: float) -> Verdict:
        frequency = None if opinion.fault is Fault.NONE else self._families[opinion.fault].order * shaft
        return Verdict(
            boot=self._boot,
            bearing=self.plan.name,
            channel=self._channel,
            fault=opinion.fault,
            before=None if self.told is None else self.told.fault,
            time=time,
            score=opinion.score,
            votes=opinion.votes,
            windows=opinion.windows,
            shaft=shaft,
            frequency=frequency,
            reason=f"{self.plan.name}: {_words(opinion, frequency)}",
        )

    def state(self) -> Saved:
        """The votes."""
        return Saved(VOTES, self.plan.name, self.definition, self._votes.state())

    def restore(self, saved: Saved) -> None:
        """Go on with the votes or the verdict of an earlier run; what cannot be read is passed over."""
        if saved.definition != self.definition:
            return
        with suppress(ValueError, msgspec.MsgspecError):
            if saved.stage == VOTES:
                self._votes.restore(saved.data)
            else:
                self.told = self.now = msgspec.msgpack.decode(saved.data, type=Verdict)


class Bearings:
    """All bearings, by the calculation that scores them."""

    def __init__(self, plan: Plan, boot: str) -> None:
        self._all = [Bearing(bearing, plan, boot) for bearing in plan.bearings]
        self._by_calculation = {bearing.plan.calculation: bearing for bearing in self._all}

    def computed(self, computed: Computed) -> Judged | None:
        """What the scores of a window lead to; None for a calculation that scores no bearing."""
        bearing = self._by_calculation.get(computed.calculation)
        return None if bearing is None else bearing.computed(computed)

    def now(self) -> tuple[Verdict, ...]:
        """What is judged of each bearing that is judged at all, with its present votes and score."""
        return tuple(bearing.now for bearing in self._all if bearing.now is not None)

    def state(self) -> tuple[Saved, ...]:
        """The votes of all bearings."""
        return tuple(bearing.state() for bearing in self._all)

    def restore(self, saved: Iterable[Saved]) -> tuple[Saved, ...]:
        """Go on with the bearings of an earlier run that are the same; give what is to be forgotten of others."""
        by_name = {bearing.plan.name: bearing for bearing in self._all}
        forgotten = []
        for item in saved:
            bearing = by_name.get(item.name)
            if item.stage not in (VERDICTS, VOTES) or not item.data:
                continue
            if bearing is not None and bearing.definition == item.definition:
                bearing.restore(item)
            elif item.stage == VERDICTS:
                forgotten.append(Saved(VERDICTS, item.name, "", b""))
        return tuple(forgotten)


def _words(opinion: Opinion, frequency: float | None) -> str:
    if frequency is None:
        return f"no fault in {opinion.votes} of {opinion.windows} windows"
    lines = f"lines at {frequency:.4g} Hz ({LINES[opinion.fault]}) and its harmonics"
    stand = f"stand out by {opinion.score:.1f} standard deviations"
    return f"{opinion.fault} in {opinion.votes} of {opinion.windows} windows, {lines} {stand}"


def _definition(bearing: PlannedBearing, plan: Plan) -> str:
    """A hash of all that the votes depend on; the plan's numbers change with tables that do not matter."""
    calculation = plan.calculations[bearing.calculation]
    cut = [calculation.cut.span, calculation.cut.samples, calculation.cut.every]
    shaft = None if calculation.shaft is None else _shaft(calculation.shaft, plan)
    return definition_hash([plan.channels[bearing.channel].name, bearing.orders, cut, shaft])


def _shaft(shaft: PlannedShaft, plan: Plan) -> list[Any]:
    channel = None if shaft.channel is None else plan.channels[shaft.channel].name
    return [shaft.constant, channel, shaft.factor, shaft.low, shaft.high]
