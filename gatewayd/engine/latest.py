"""The latest value of each channel, and rows of those that something is to follow from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from gatewayd.engine.conditions import duration
from gatewayd.engine.paces import paces
from gatewayd.engine.plan import Plan
from gatewayd.model import Bytes, Floats, Quality

SECOND = 1_000_000_000
INTERVALS = 10
"""For how many of its channel's intervals a value counts as that of the moment."""
LEAST = 10 * SECOND
"""For how long it does so at least."""

_NEVER = -(2**62)
_BAD = np.uint8(Quality.BAD)


@dataclass(frozen=True, slots=True)
class Row:
    """Values (float64) and qualities (uint8) of some channels at one time.

    What has no finite value, or had its last one too long ago, is BAD. Neither array may be written to or kept.
    """

    time: int
    values: Floats
    qualities: Bytes


class Latest:
    """The latest values of all channels of a plan, by their numbers."""

    def __init__(self, plan: Plan) -> None:
        count = len(plan.channels)
        found = paces(plan)
        self._names = [channel.name for channel in plan.channels]
        self._values = np.full(count, np.nan)
        self._qualities = np.full(count, Quality.BAD, dtype=np.uint8)
        self._times = np.full(count, _NEVER, dtype=np.int64)
        self._patience = np.array([max(LEAST, INTERVALS * found.get(number, 0)) for number in range(count)], np.int64)

    def take(self, channels: Sequence[int], time: int, values: Floats, qualities: Bytes) -> None:
        """Values of channels that come together; those without a new one keep the one they have."""
        for number, value, quality in zip(channels, values.tolist(), qualities.tolist(), strict=True):
            if quality != Quality.ABSENT:
                self._values[number] = value
                self._qualities[number] = quality if value - value == 0.0 else _BAD
                self._times[number] = time

    def row(self, channels: Sequence[int], time: int) -> Row:
        """What is known of some channels at `time`."""
        numbers = np.asarray(channels, dtype=np.intp)
        stale = self._times[numbers] < time - self._patience[numbers]
        return Row(time, self._values[numbers], np.where(stale, _BAD, self._qualities[numbers]))

    def why(self, channels: Iterable[int], time: int) -> str:
        """Why the first of some channels that has no usable value has none; empty when all have one."""
        for number in channels:
            since = time - int(self._times[number])
            if self._times[number] == _NEVER:
                return f"{self._names[number]} has had no value yet"
            if since > self._patience[number]:
                return f"{self._names[number]} has had no value for {duration(since)}"
            if self._qualities[number] > Quality.UNCERTAIN:
                return f"{self._names[number]} is bad"
        return ""
