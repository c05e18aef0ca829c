"""What a poll by a connection gives: blocks of numbers and waveforms, or the reason why there are none. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gatewayd.plugin import Block, Quality, Waveform, Yield
from gatewayd_plugins.ble.connections.bursts import Gathered
from gatewayd_plugins.ble.connections.plan import Field, Part, Wave
from gatewayd_plugins.ble.numbers.number import Reading

NOTHING = (math.nan,)
"""The values of a burst that could not be had."""


def block(fields: Sequence[Field], data: bytes | str, time: int | None = None) -> Block:
    """What the bytes of a characteristic say; or nothing, for the reason that is given instead of them."""
    readings = [each.number.read(data) if isinstance(data, bytes) else Reading(math.nan, data) for each in fields]
    return Block(
        tuple(each.channel.name for each in fields),
        [reading.value for reading in readings],
        [Quality.BAD if reading.reason else Quality.GOOD for reading in readings],
        {each.channel.name: reading.reason for each, reading in zip(fields, readings, strict=True) if reading.reason},
        time,
    )


def nothing(part: Part, reason: str) -> Sequence[Yield]:
    """All channels of a poll, bad."""
    if part.fields:
        return [block(part.fields, reason)]
    return [Waveform(each.channel.name, NOTHING, each.rate, Quality.BAD, reason) for each in part.waves]


def waveform(each: Wave, burst: Gathered, begun: int | None = None) -> Waveform:
    """A burst as it came, or as it was asked for at the time `begun`."""
    values = burst.values * each.scale + each.offset
    time = burst.time if begun is None else begun
    if not burst.missing:
        return Waveform(each.channel.name, values, each.rate, time=time)
    reason = f"{burst.missing} of {each.layout.count} values were lost"
    return Waveform(each.channel.name, values, each.rate, Quality.UNCERTAIN, reason, time, gap=True)
