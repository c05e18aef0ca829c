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
    long; FLAT tolerates changes up to `deadband`. `gate` is the channel (its number) that is 0 while the rule rests.

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


ONE_BY_ONE = PlannedAlarms()


@dataclass(frozen=True, slots=True)
class PlannedSensor:
    """`[sensors.NAME]`: checks of one channel as it comes in, before anything is made of it.

    `outputs` is the number of its fault's channel: 0 while nothing is found, else the number of a `SensorFault`. Times
    are nanoseconds; what is 0 or infinite is not checked.
    """

    name: str
    channel: int
    outputs: tuple[int]
    low: float = float("-inf")
    high: float = float("inf")
    flat: int = 0
    jump: float = float("inf")
    dropouts: float = 0.0
    mount: bool = False
