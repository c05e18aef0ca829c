"""What the plan says of judging: sensors that are checked, rules and their alarms."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from gatewayd.records import AlarmKind, Severity


class Condition(enum.StrEnum):
    """What a rule looks for."""

    ABOVE = "above"
    BELOW = "below"
    OUTSIDE = "outside"
    RATE = "rate_above"
    STALE = "stale"
    FLAT = "flat"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRule:
    """One rule; times are nanoseconds. `low` and `high` are the limits that its condition uses, else infinite.

    RATE: `high` is the limit of the absolute change per second, taken over `span`. STALE and FLAT: `span` is how
    long; FLAT tolerates changes up to `deadband`. `gate` is the channel (its number) that is 0 while the rule rests, or
    is not 0 then, if the gate is `inverted`.

    `latch`: a raised alarm stays until it is acknowledged. Of the alarms of one `group` the first one is marked. While
    the `asset` is in maintenance the rule rests.
    """

    name: str
    channel: int
    condition: Condition
    low: float = float("-inf")
    high: float = float("inf")
    deadband: float = 0.0
    span: int = 0
    on_delay: int = 0
    off_delay: int = 0
    gate: int | None = None
    inverted: bool = False
    severity: Severity = Severity.WARNING
    text: str = ""
    kind: AlarmKind = AlarmKind.MACHINE
    latch: bool = False
    group: str = ""
    asset: str = ""


@dataclass(frozen=True, slots=True)
class PlannedAlarms:
    """`[alarms]`: no more than `flood` alarms are told one by one within `span` ns, the rest are told together."""

    flood: int = 20
    span: int = 600_000_000_000


USUAL = PlannedAlarms()
ONE_BY_ONE = PlannedAlarms(flood=2**62)
"""All alarms are told one by one: for whoever wants each of them, such as a replay."""


@dataclass(frozen=True, slots=True)
class PlannedSensor:
    """`[sensors.NAME]`: checks of one channel as it comes in, before anything is made of it.

    `outputs` is the number of its fault's channel: 0 while nothing is found, else the number of a `SensorFault`. Times
    are nanoseconds; what is 0 or infinite is not checked (`jump`: a change per second; 0: learned). `rest` is for how
    long it may stay at one value; -1: a minute, where it used to move. `dropouts` is the share of polls that may be
    without a value. `gate` is the channel (its number) that is 0 while the machine rests, and the sensor may: or is not
    0 then, if the gate is `inverted`.
    """

    name: str
    channel: int
    outputs: tuple[int]
    low: float = float("-inf")
    high: float = float("inf")
    rest: int = -1
    jump: float = 0.0
    dropouts: float = 0.2
    mount: bool = True
    gate: int | None = None
    inverted: bool = False
