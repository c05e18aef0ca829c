"""Derivation: what one table of features computes of a channel, as terms, calculations and derived channels."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gatewayd.config.draft import Draft
from gatewayd.config.features.computing import Foreign, Own
from gatewayd.config.features.fitting import Machine, suitable, term
from gatewayd.config.findings import Place
from gatewayd.config.settings import Feature
from gatewayd.configured import Calculation
from gatewayd.engine.plan import WHOLE, PlannedCalculation, PlannedChannel, PlannedCut
from gatewayd_ext.terms import Term


class Derivation(msgspec.Struct, frozen=True):
    """A table on its way into the draft: its `name`, which of its `keys` are mentioned, and what is right in it."""

    name: str
    table: Feature
    keys: set[str]
    own: Sequence[Own]
    foreign: Sequence[Foreign]
    machine: Machine
    place: Place
    draft: Draft

    def suiting(self, numbers: Sequence[int], longest: int = 0) -> Derivation:
        """Only the features that suit these channels, all of one kind; what is wrong with the others is noted."""
        own = suitable(self.own, [self.draft.channels[number] for number in numbers], longest)
        return msgspec.structs.replace(self, own=own)

    def extent(self) -> tuple[int, int]:
        """The window in ns and in values; 0 where it is not given so."""
        window = self.table.window
        return (0, 0) if window is None else (window.time.nanoseconds, window.samples)

    def every(self, otherwise: int) -> int:
        """The hop in ns."""
        return otherwise if self.table.every is None else self.table.every.nanoseconds

    def terms(self, number: int) -> tuple[Term, ...]:
        """The features of a channel as the kernels take them."""
        return tuple(term(each, self.draft.channels[number], self.machine) for each in self.own)

    def outputs(self, number: int, pace: int) -> tuple[int, ...]:
        """The channels that they make, with a value every `pace` ns."""
        return self._derived(number, self.own, pace)

    def calculate(
        self, number: int, pace: int, *, how: PlannedCut = WHOLE, window: int | None = None, column: int = 0
    ) -> None:
        """Plan the features of plugins of a channel."""
        channel = self.draft.channels[number]
        for each, output in zip(self.foreign, self._derived(number, self.foreign, pace), strict=True):
            name = f"{channel.name}.{each.text}"
            planned = PlannedCalculation(name, number, (output,), how, window, column, self.machine.shaft)
            function = each.type.calculation(channel.unit, each.parameters)
            self.draft.add_calculation(planned, Calculation(name, each.plugin, function))

    def _derived(self, number: int, features: Sequence[Own | Foreign], pace: int) -> tuple[int, ...]:
        origin = self.draft.channels[number]
        derived = [
            PlannedChannel(f"{origin.name}.{each.text}", _unit(each, origin.unit), origin.source, derived=True)
            for each in features
        ]
        pairs = zip(derived, features, strict=True)
        return tuple(self.draft.derive(channel, pace, self.place.table, each.place) for channel, each in pairs)


def _unit(feature: Own | Foreign, of: str) -> str:
    """The unit of a feature of a channel in unit `of`."""
    if isinstance(feature, Own):
        return feature.definition.unit.of(of)
    return of if feature.type.unit is None else feature.type.unit
