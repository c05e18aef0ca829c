"""The compiled configuration: names have become numbers, tables have become tuples, nothing is left to look up."""

from __future__ import annotations

from dataclasses import dataclass

from gatewayd.engine.plan.derived import (
    PlannedAsset,
    PlannedDeriver,
    PlannedForecast,
    PlannedFormula,
    PlannedModel,
    PlannedTotal,
    leading,
)
from gatewayd.engine.plan.judged import ONE_BY_ONE, USUAL, Condition, PlannedAlarms, PlannedRule, PlannedSensor
from gatewayd.engine.plan.measured import (
    MOST_OVERLAP,
    MOST_VALUES,
    WHOLE,
    PlannedBearing,
    PlannedBurstFeatures,
    PlannedCalculation,
    PlannedChannel,
    PlannedCut,
    PlannedGroup,
    PlannedReadings,
    PlannedShaft,
    PlannedWindow,
)
from gatewayd.model import Kind

__all__ = [
    "MOST_OVERLAP",
    "MOST_VALUES",
    "ONE_BY_ONE",
    "USUAL",
    "WHOLE",
    "Condition",
    "Plan",
    "PlannedAlarms",
    "PlannedAsset",
    "PlannedBearing",
    "PlannedBurstFeatures",
    "PlannedCalculation",
    "PlannedChannel",
    "PlannedCut",
    "PlannedDeriver",
    "PlannedForecast",
    "PlannedFormula",
    "PlannedGroup",
    "PlannedModel",
    "PlannedReadings",
    "PlannedRule",
    "PlannedSensor",
    "PlannedShaft",
    "PlannedTotal",
    "PlannedWindow",
    "leading",
]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the engine needs to know.

    `derivers` stand in the order in which they are to be asked: none needs a channel of a later one. `summary_every` is
    nanoseconds; 0: there are no summaries.
    """

    channels: tuple[PlannedChannel, ...]
    groups: tuple[PlannedGroup, ...]
    windows: tuple[PlannedWindow, ...] = ()
    bursts: tuple[PlannedBurstFeatures, ...] = ()
    calculations: tuple[PlannedCalculation, ...] = ()
    bearings: tuple[PlannedBearing, ...] = ()
    sensors: tuple[PlannedSensor, ...] = ()
    derivers: tuple[PlannedDeriver, ...] = ()
    rules: tuple[PlannedRule, ...] = ()
    readings: tuple[PlannedReadings, ...] = ()
    alarms: PlannedAlarms = USUAL
    summary_every: int = 60_000_000_000

    def derivations(self) -> tuple[tuple[int, ...], ...]:
        """The derived channels (numbers) that always come together, in the order in which one input brings them.

        Those of the sensors of each group, of each window, burst, calculation, bearing, deriver.
        """
        sensors = (tuple(sensor.outputs[0] for sensor in together) for together in self.checked())
        windows = (tuple(number for row in window.outputs for number in row) for window in self.windows)
        bursts = (burst.outputs for burst in self.bursts)
        calculations = (calculation.outputs for calculation in self.calculations)
        bearings = (bearing.outputs for bearing in self.bearings)
        derivers = (deriver.outputs for deriver in self.derivers)
        return tuple(filter(None, (*sensors, *windows, *bursts, *calculations, *bearings, *derivers)))

    def assets(self) -> frozenset[str]:
        """The names of all that can be put into maintenance; a source is an asset, unless it is part of one."""
        ours = {
            each.asset if isinstance(each, PlannedModel) else each.name
            for each in self.derivers
            if isinstance(each, PlannedModel | PlannedAsset)
        }
        return frozenset({*ours, *(rule.asset for rule in self.rules), *(group.source for group in self.groups)} - {""})

    def checked(self) -> tuple[tuple[PlannedSensor, ...], ...]:
        """The sensors whose faults always come together: those of each group; each channel of waveforms alone."""
        groups = {channel: number for number, group in enumerate(self.groups) for channel in group.channels}
        together: dict[tuple[int, int | None], list[PlannedSensor]] = {}
        for sensor in self.sensors:
            alone = sensor.channel if self.channels[sensor.channel].kind is Kind.WAVEFORM else None
            together.setdefault((groups[sensor.channel], alone), []).append(sensor)
        return tuple(map(tuple, together.values()))
