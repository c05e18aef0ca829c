"""Faults of sensors in words."""

from __future__ import annotations

from gatewayd.engine.alarms.conditions import duration, number, reading
from gatewayd.engine.plan import PlannedSensor
from gatewayd.records import SensorFault
from gatewayd_ext.guarding import Fact

A_JUMP = "too far from the last value to be believed at once"


def words(fact: Fact, sensor: PlannedSensor, unit: str, time: int) -> str:
    """What is found of a sensor of single values, as it is at `time`; empty when it is nothing."""
    value, lasted = reading(fact.value, unit), duration(time - fact.since)
    said = ""
    match SensorFault(fact.fault):
        case SensorFault.OUT_OF_RANGE:
            below = fact.value < sensor.low
            end = f"below {number(sensor.low, unit)}" if below else f"above {number(sensor.high, unit)}"
            said = f"out of range at {value}, {end}"
        case SensorFault.CLIPPED:
            said = f"clipped at {value}, an end of its range"
        case SensorFault.STUCK:
            said = f"stuck at {value if fact.same else 'the same few values'} for {lasted}"
        case SensorFault.FLAT:
            said = f"flat line at {value} for {lasted}, without its usual noise"
        case SensorFault.JUMPS:
            said = f"jumps that come back at once, the last one to {reading(fact.spike, unit)}"
        case SensorFault.DROPOUTS:
            said = f"dropouts, {share(fact.missing)} of the last polls gave no good value"
    return said


def share(part: float) -> str:
    """A part of a whole, for people."""
    return f"{part:.0%}".replace("%", " %")
