"""Phrases: what a part of the plan does, in words."""

from __future__ import annotations

import math

from gatewayd.duration import written
from gatewayd.engine.plan import Condition, PlannedCut, PlannedRule, PlannedSensor, PlannedShaft, PlannedWindow

NANO = 1e9


def spell(nanoseconds: int) -> str:
    """A length of time."""
    return written(nanoseconds / NANO)


def window(planned: PlannedWindow) -> str:
    """A window of single values."""
    length = spell(planned.span) if planned.span else f"{planned.samples} values"
    return f"of the last {length}, {every(planned.every)}"


def cut(planned: PlannedCut) -> str:
    """Windows of waveforms."""
    if not (planned.span or planned.samples):
        return "of each burst"
    length = spell(planned.span) if planned.span else f"{planned.samples} values"
    hop = spell(planned.every) if planned.every else "half of that"
    return f"of pieces of {length}, every {hop}"


def every(nanoseconds: int) -> str:
    """How often."""
    return f"every {spell(nanoseconds)}" if nanoseconds else "at every poll"


def turning(shaft: PlannedShaft | None) -> str:
    """The speed of a shaft, where it is not in a channel."""
    if shaft is None or shaft.channel is not None:
        return ""
    if shaft.constant:
        return f", shaft at {shaft.constant:g} Hz"
    return f", shaft looked for between {shaft.low:g} and {shaft.high:g} Hz"


def checks(sensor: PlannedSensor) -> str:
    """What is checked of a sensor."""
    found = [
        f"range {sensor.low:g} to {sensor.high:g}" if math.isfinite(sensor.low) or math.isfinite(sensor.high) else "",
        "" if sensor.rest == 0 else "stuck" if sensor.rest < 0 else f"stuck for {spell(sensor.rest)}",
        "" if math.isinf(sensor.jump) else f"jumps of {sensor.jump:g} a second" if sensor.jump else "jumps",
        "" if math.isinf(sensor.dropouts) else f"dropouts above {sensor.dropouts:.0%}",
        "mount" if sensor.mount else "",
    ]
    return f"checked first: {', '.join(filter(None, found)) or 'nothing'}"


def alarm(rule: PlannedRule) -> str:
    """When a rule raises which alarm."""
    parts = [f"{rule.severity} alarm when {_condition(rule)}"]
    if rule.on_delay:
        parts.append(f"for {spell(rule.on_delay)}")
    if rule.deadband and rule.condition not in (Condition.FLAT, Condition.STALE):
        parts.append(f"(deadband {rule.deadband:g})")
    if rule.latch:
        parts.append("until it is acknowledged")
    return " ".join(parts) + (f": {rule.text}" if rule.text else "")


def _condition(rule: PlannedRule) -> str:
    match rule.condition:
        case Condition.ABOVE:
            return f"above {rule.high:g}"
        case Condition.BELOW:
            return f"below {rule.low:g}"
        case Condition.OUTSIDE:
            return f"outside {rule.low:g} to {rule.high:g}"
        case Condition.RATE:
            return f"changing by more than {rule.high:g} a second over {spell(rule.span)}"
        case Condition.STALE:
            return f"without a good value for {spell(rule.span)}"
        case Condition.FLAT:
            return f"within {rule.deadband:g} for {spell(rule.span)}"
