"""Shafts: how fast the shaft of a machine turns, as far as it is known."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from gatewayd.engine.derived import Derived
from gatewayd.engine.paces import paces
from gatewayd.engine.plan import Plan, PlannedShaft
from gatewayd.features.shaft import estimate
from gatewayd.model import Bytes, Floats, Polled, Quality, Signal
from gatewayd.records import Saved, definition_hash

SHAFTS = "shafts"
UNKNOWN = "shaft speed unknown"
STANDING = "the shaft stands still"

SECOND = 1_000_000_000
INTERVALS = 10
"""For how many of its channel's intervals a speed counts as that of the moment."""
LEAST = 10 * SECOND
"""For how long it does so at least."""

_STATE = struct.Struct("<qd")


@dataclass(slots=True)
class Speed:
    """The last value of a channel that gives a speed: NaN when it was bad or there was none."""

    name: str
    valid: int
    time: int = 0
    value: float = math.nan

    def during(self, begin: int, end: int) -> float:
        """What is known of the speed from `begin` to `end`, a little before or after the value."""
        return self.value if begin - self.valid <= self.time <= end + self.valid else math.nan


class Shafts:
    """The speed of every shaft of the plan, in Hz; NaN where it is not known, 0 where it stands still."""

    def __init__(self, plan: Plan, boot: str) -> None:
        self._boot = boot
        intervals = paces(plan)
        shafts = [features.shaft for features in plan.bursts] + [each.shaft for each in plan.calculations]
        self._speeds = {
            shaft.channel: Speed(
                plan.channels[shaft.channel].name, max(LEAST, INTERVALS * intervals.get(shaft.channel, 0))
            )
            for shaft in shafts
            if shaft is not None and shaft.channel is not None
        }
        self._groups = [self._columns(group.channels) for group in plan.groups]
        self._derived = {outputs: self._columns(outputs) for outputs in plan.derivations()}

    def _columns(self, channels: Sequence[int]) -> list[tuple[int, Speed]]:
        return [(column, self._speeds[number]) for column, number in enumerate(channels) if number in self._speeds]

    def polled(self, polled: Polled) -> None:
        """Take the speeds of one poll in."""
        for column, speed in self._groups[polled.group]:
            _note(speed, polled.time, column, polled.values, polled.qualities)

    def derived(self, derived: Derived) -> None:
        """Take derived speeds in."""
        if not self._speeds:
            return
        for column, speed in self._derived[derived.outputs]:
            _note(speed, derived.time, column, derived.values, derived.qualities)

    def speed(self, shaft: PlannedShaft | None, time: int, values: Signal, rate: float) -> float:
        """The speed during a window of `values` from `time` on, `rate` a second.

        Where they are not evenly spaced, `rate` is NaN and `time` the end of the window.
        """
        if shaft is None:
            return math.nan
        if shaft.channel is not None:
            lasted = round(len(values) * SECOND / rate) if rate > 0.0 else 0
            return abs(self._speeds[shaft.channel].during(time, time + lasted) * shaft.factor)
        if shaft.constant or not rate > 0.0:
            return shaft.constant or math.nan
        return estimate(values, rate, shaft.low, shaft.high)

    def state(self) -> tuple[Saved, ...]:
        """The last speeds."""
        return tuple(
            Saved(SHAFTS, speed.name, self._definition(speed), _STATE.pack(speed.time, speed.value))
            for speed in self._speeds.values()
        )

    def restore(self, saved: Iterable[Saved]) -> None:
        """Go on with the speeds of an earlier run in the same boot."""
        by_name = {item.name: item for item in saved if item.stage == SHAFTS}
        for speed in self._speeds.values():
            item = by_name.get(speed.name)
            if item is not None and item.definition == self._definition(speed):
                with suppress(struct.error):
                    speed.time, speed.value = _STATE.unpack(item.data)

    def _definition(self, speed: Speed) -> str:
        return definition_hash([speed.name, self._boot])


def why_unknown(speed: float) -> str:
    """What is wrong with a speed; empty when it is one."""
    if speed > 0.0:
        return ""
    return STANDING if speed == 0.0 else UNKNOWN


def _note(speed: Speed, time: int, column: int, values: Floats, qualities: Bytes) -> None:
    quality = int(qualities[column])
    if quality != Quality.ABSENT:
        value = float(values[column])
        usable = quality <= Quality.UNCERTAIN and math.isfinite(value)
        speed.time, speed.value = time, value if usable else math.nan
