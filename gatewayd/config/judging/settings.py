"""The settings of judging: what the tables of derivers, sensors, rules and alarms say, typed, with their defaults."""

from __future__ import annotations

import enum
from itertools import pairwise
from typing import Annotated, Literal

import msgspec

from gatewayd.config.kinds import FINITE, NAME, NOT_EMPTY, NOT_NEGATIVE, PLAIN_TEXT, POSITIVE, Bound, Extent, lasting
from gatewayd.duration import Duration
from gatewayd.records import Severity

Number = Annotated[float, FINITE]
Delay = Annotated[Duration, lasting("0s", "30d")]
Span = Annotated[Duration, lasting("10ms", "30d")]
Patterns = Annotated[tuple[str, ...], NOT_EMPTY]
ChannelName = Annotated[str, Bound('the name of a channel, such as "pump1.pressure"', bool)]
UNIT_OF_TIME = Bound(
    'the unit of time of a rate: "1s", "1m", "1h" or "1d"', lambda length: length in (1, 60, 3600, 86400)
)
SHARE = Bound(
    "a share from above 0 to 1, such as 0.2", lambda share: 0 < share <= 1, {"exclusiveMinimum": 0, "maximum": 1}
)
FLOOD = Bound("a whole number from 1 to 10000", lambda number: 1 <= number <= 10_000, {"minimum": 1, "maximum": 10_000})
LEARNING = Bound('a duration from "1m" to "365d", or a number of rows from 50 on', Extent.teaches)


class Check(enum.StrEnum):
    """What can be checked of a sensor."""

    RANGE = "range"
    STUCK = "stuck"
    JUMPS = "jumps"
    DROPOUTS = "dropouts"
    MOUNT = "mount"


EDGES = Bound(
    "1 to 7 ascending edges, such as [1000, 2000]",
    lambda edges: 1 <= len(edges) <= 7 and all(low < high for low, high in pairwise(edges)),
    {"minItems": 1, "maxItems": 7},
)


class Sensor(msgspec.Struct, frozen=True, kw_only=True):
    """`[sensors.NAME]`: what is checked of some channels before anything is made of them, and what an alarm is like.

    `range` None: what the source says. `flat` and `jump` None: learned. `for` None: two intervals.
    """

    channels: Patterns
    check: tuple[Check, ...] = tuple(Check)
    range: tuple[Number, Number] | None = None
    flat: Span | None = None
    jump: Annotated[float, POSITIVE] | None = None
    dropouts: Annotated[float, SHARE] = 0.2
    while_: str | None = msgspec.field(name="while", default=None)
    for_: Delay | None = msgspec.field(name="for", default=None)
    severity: Severity = Severity.WARNING
    text: Annotated[str, PLAIN_TEXT] = ""


class Formula(msgspec.Struct, frozen=True, kw_only=True):
    """`[calculated.NAME]`: a channel that a formula gives."""

    formula: Annotated[str, Bound('a formula such as "pump1.pressure - pump1.suction"', bool)]
    unit: str = ""


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """`[totals.NAME]`: the total of a rate, whose unit of time is `per`, or of a counter without its wraps."""

    channel: ChannelName
    per: Annotated[Duration, UNIT_OF_TIME] | None = None
    counter: bool = False
    wrap: Annotated[float, POSITIVE] | None = None
    unit: str | None = None


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """`[assets.NAME]`: a machine: its sources (none: that of its name), and what tells that it runs."""

    sources: tuple[str, ...] = ()
    running: str | None = None
    above: Number | None = None
    deadband: Annotated[float, NOT_NEGATIVE] | None = None
    speed: str | None = None
    starting: Delay = Duration(30)
    stopping: Delay = Duration(10)


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """`[models.NAME]`: what healthy looks like, learned from some channels, at each operating point `by` a channel."""

    channels: Patterns
    learn: Annotated[Extent, LEARNING]
    while_: str | None = msgspec.field(name="while", default=None)
    by: ChannelName | None = None
    bins: Annotated[tuple[Number, ...], EDGES] | None = None
    sensitivity: Literal["default", "sensitive"] = "default"
    adapt: bool = True


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """`[forecasts.NAME]`: when a channel will reach a limit, by what it did `over` a long time."""

    channel: ChannelName
    limit: Number
    over: Annotated[Duration, lasting("1h", "365d")] = Duration.parse("30d")


class Alarms(msgspec.Struct, frozen=True, kw_only=True):
    """`[alarms]`: how many alarms may be raised within which time before they are counted instead of told."""

    flood: Annotated[int, FLOOD] = 20
    within: Annotated[Duration, lasting("1s", "1d")] = Duration.parse("10m")


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """`[rules.NAME]`: one condition of one channel, and what an alarm of it is like."""

    channel: ChannelName
    above: Number | None = None
    below: Number | None = None
    outside: tuple[Number, Number] | None = None
    rate_above: Annotated[float, POSITIVE] | None = None
    stale: Span | None = None
    flat: Span | None = None
    over: Span | None = None
    deadband: Annotated[float, NOT_NEGATIVE] | None = None
    for_: Delay = msgspec.field(name="for", default=Duration(0))
    off_delay: Delay = Duration(0)
    while_: str | None = msgspec.field(name="while", default=None)
    latch: bool = False
    group: Annotated[str, NAME] | None = None
    severity: Severity = Severity.WARNING
    text: Annotated[str, PLAIN_TEXT] = ""
