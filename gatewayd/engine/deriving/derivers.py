"""Derivers: formulas, totals, running states, models, forecasts: what follows from the latest values of some channels.

A deriver is asked when the slowest of its inputs has come, and sees the latest values of the others. What it gives may
be the input of later ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from gatewayd.engine.derived import Derived
from gatewayd.engine.deriving.assets import Asset
from gatewayd.engine.deriving.deriver import Deriver, Maker
from gatewayd.engine.deriving.forecasts import Trending
from gatewayd.engine.deriving.formulas import Formula
from gatewayd.engine.deriving.totals import Total
from gatewayd.engine.latest import LATEST, Latest
from gatewayd.engine.models.models import Model
from gatewayd.engine.paces import paces
from gatewayd.engine.plan import (
    Plan,
    PlannedAsset,
    PlannedForecast,
    PlannedFormula,
    PlannedModel,
    PlannedTotal,
    leading,
)
from gatewayd.engine.said import Said
from gatewayd.model import Command
from gatewayd.models.card import ModelStatus
from gatewayd.records import Cause, Saved

MAKERS: Mapping[type, Maker] = {
    PlannedFormula: Formula,
    PlannedTotal: Total,
    PlannedAsset: Asset,
    PlannedModel: Model,
    PlannedForecast: Trending,
}


class Derivers:
    """All derivers of a plan, by the channels that lead them."""

    def __init__(self, plan: Plan, boot: str) -> None:
        self._boot = boot
        found = paces(plan)
        self._latest = Latest(plan)
        self._all = [MAKERS[type(planned)](planned, plan, found, boot) for planned in plan.derivers]
        self._by_output = {output: deriver for deriver in self._all for output in deriver.plan.outputs}
        self._led: dict[tuple[int, ...], list[Deriver]] = {}
        leaders = _leaders(plan, found)
        for deriver, leader in zip(self._all, leaders, strict=True):
            self._led.setdefault(leader, []).append(deriver)
        self._inputs = sorted({channel for deriver in self._all for channel in deriver.plan.inputs})
        needed = set(self._inputs)
        self._needed = {together for together in _together(plan) if not needed.isdisjoint(together)}

    def arrived(self, came: Derived, said: Said) -> Iterable[Derived]:
        """What follows from channels that came together: each is to be judged before the next is asked for."""
        return self._following(came, said) if self._all and came.outputs in self._needed else ()

    def _following(self, came: Derived, said: Said) -> Iterator[Derived]:
        latest, time = self._latest, came.time
        latest.take(came.outputs, time, came.values, came.qualities)
        for deriver in self._led.get(came.outputs, ()):
            inputs = deriver.plan.inputs
            derived = deriver.step(latest.row(inputs, time), partial(latest.why, inputs, time), said)
            if derived is not None:
                yield derived

    def command(self, command: Command, said: Said) -> Iterator[Derived]:
        """Do what an operator orders."""
        for deriver in self._all:
            derived = deriver.command(command, said)
            if derived is not None:
                yield derived

    def explain(self, channel: int) -> tuple[Cause, ...]:
        """What moved a channel (its number) to where it is, as far as whoever derives it can tell."""
        deriver = self._by_output.get(channel)
        return () if deriver is None else deriver.explain(channel)

    def models(self) -> tuple[ModelStatus, ...]:
        """How each model stands now."""
        return tuple(deriver.status() for deriver in self._all if isinstance(deriver, Model))

    def state(self, time: int) -> tuple[Saved, ...]:
        """What must be kept of all of them over a stop at `time`."""
        latest = (self._latest.state(self._inputs, self._boot),) if self._all else ()
        return (*latest, *(saved for deriver in self._all for saved in deriver.state(time)))

    def restore(self, saved: Iterable[Saved], time: int) -> None:
        """Go on at `time` with what an earlier run saved."""
        by_name = {(item.stage, item.name): item for item in saved}
        self._latest.restore(by_name.get((LATEST, "")), self._boot)
        for deriver in self._all:
            deriver.restore(by_name, time)

    def take_over(self, before: Derivers) -> None:
        """Go on where the derivers of an engine of another plan are, which is not used any more; restored already."""
        were = {each.plan.name: each for each in before._all if isinstance(each, Model)}
        for deriver in self._all:
            if isinstance(deriver, Model) and deriver.plan.name in were:
                deriver.take_over(were[deriver.plan.name])


def _leaders(plan: Plan, found: Mapping[int, int]) -> list[tuple[int, ...]]:
    """The channels that come together with the slowest input of each deriver, the last of these in the plan's order."""
    sets = _together(plan)
    home = {channel: place for place, channels in enumerate(sets) for channel in channels}
    return [
        sets[max((found.get(channel, 0), home[channel]) for channel in leading(planned))[1]]
        for planned in plan.derivers
    ]


def _together(plan: Plan) -> list[tuple[int, ...]]:
    """The channels that always come together, in the order in which one input brings them."""
    return [*(group.channels for group in plan.groups), *plan.derivations()]
