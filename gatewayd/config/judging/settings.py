"""The settings of judging: what the tables of derivers, sensors, rules and alarms say, typed, with their defaults."""

from __future__ import annotations

from typing import Annotated

import msgspec

from gatewayd.config.kinds import FINITE, NOT_EMPTY, NOT_NEGATIVE, POSITIVE, Bound, Extent, lasting
from gatewayd.duration import Duration
from gatewayd.records import Severity

Number = Annotated[float, FINITE]
Delay = Annotated[Duration, lasting("0s", "30d")]
Span = Annotated[Duration, lasting("10ms", "30d")]
Patterns = Annotated[tuple[str, ...], NOT_EMPTY]
ChannelName = Annotated[str, Bound('the name of a channel, such as "pump1.pressure"', bool)]
LEARNING = Bound('a duration from "1m" to "365d", or a number of rows from 50 on', Extent.teaches)


class Sensor(msgspec.Struct, frozen=True, kw_only=True):
    """`[sensors.NAME]`: what is checked of some channels before anything is made of them."""

    channels: Patterns
    range: tuple[Number, Number] | None = None


class Formula(msgspec.Struct, frozen=True, kw_only=True):
    """`[calculated.NAME]`: a channel that a formula gives."""

    formula: Annotated[str, Bound('a formula such as "pump1.pressure - pump1.suction"', bool)]
    unit: str = ""


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """`[totals.NAME]`: the total of a rate, or a counter without its wraps."""

    channel: ChannelName


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """`[assets.NAME]`: a machine: the sources that belong to it, and what tells that it runs."""

    sources: tuple[str, ...] = ()


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """`[models.NAME]`: what healthy looks like, learned from some channels."""

    channels: Patterns
    learn: Annotated[Extent, LEARNING]
    while_: str | None = msgspec.field(name="while", default=None)


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """`[forecasts.NAME]`: when a channel will reach a limit."""

    channel: ChannelName
    limit: Number


class Alarms(msgspec.Struct, frozen=True, kw_only=True):
    """`[alarms]`: what holds for all alarms."""


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
    severity: Severity = Severity.WARNING
    text: str = ""
