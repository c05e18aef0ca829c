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
)
from gatewayd.engine.plan.judged import ONE_BY_ONE, Condition, PlannedAlarms, PlannedRule, PlannedSensor
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

__all__ = [
    "MOST_OVERLAP",
    "MOST_VALUES",
    "ONE_BY_ONE",
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
]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the engine needs to know.

    `derivers` stand in the order in which they are to be asked: none needs a channel of a later one.
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
    alarms: PlannedAlarms = ONE_BY_ONE
    summary_every: int = 60_000_000_000

    def derivations(self) -> tuple[tuple[int, ...], ...]:
        """The derived channels (numbers) that always come together, in the order in which one input brings them.

        Those of each sensor, window, burst, calculation, bearing, deriver.
        """
        sensors = (sensor.outputs for sensor in self.sensors)
        windows = (tuple(number for row in window.outputs for number in row) for window in self.windows)
        bursts = (burst.outputs for burst in self.bursts)
        calculations = (calculation.outputs for calculation in self.calculations)
        bearings = (bearing.outputs for bearing in self.bearings)
        derivers = (deriver.outputs for deriver in self.derivers)
        return tuple(filter(None, (*sensors, *windows, *bursts, *calculations, *bearings, *derivers)))
