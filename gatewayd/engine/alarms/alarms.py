"""Alarms: what is told of the life of one, each time with what must be remembered of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from gatewayd.engine.alarms.conditions import Finding
from gatewayd.records import Alarm, AlarmState, Saved, Stamp

ALARMS = "rules"


@dataclass(frozen=True, slots=True)
class Transition:
    """Something happened to an alarm, and what must be remembered of it."""

    alarm: Alarm
    saved: Saved


def going_on(alarm: Alarm, definition: str) -> Transition:
    """It is open: what is told is remembered, too."""
    return Transition(alarm, Saved(ALARMS, alarm.rule, definition, msgspec.msgpack.encode(alarm)))


def cleared(alarm: Alarm, at: Stamp, finding: Finding, **more: Any) -> Transition:
    """It is over: nothing is left to remember."""
    return Transition(moved(alarm, AlarmState.CLEARED, at, finding, **more), Saved(ALARMS, alarm.rule, "", b""))


def moved(alarm: Alarm, state: AlarmState, at: Stamp, finding: Finding, **more: Any) -> Alarm:
    """The same alarm in another state, by what was found at that time."""
    return msgspec.structs.replace(
        alarm,
        boot=at.boot,
        state=state,
        time=at.time,
        value=finding.value,
        limit=finding.limit,
        reason=f"{alarm.channel}: {finding.words}",
        **more,
    )
