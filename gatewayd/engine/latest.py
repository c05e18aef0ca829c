"""The latest value of each channel, and rows of those that something is to follow from."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from gatewayd.engine.alarms.conditions import duration
from gatewayd.engine.paces import paces
from gatewayd.engine.plan import Plan
from gatewayd.model import Bytes, Floats, Quality
from gatewayd.records import Saved, definition_hash

SECOND = 1_000_000_000
LATEST = "latest"
INTERVALS = 10
"""For how many of its channel's intervals a value counts as that of the moment."""
LEAST = 10 * SECOND
"""For how long it does so at least."""

_NEVER = -(2**62)
_BAD = np.uint8(Quality.BAD)
_ABSENT = Quality.ABSENT.to_bytes()


class Row(msgspec.Struct, frozen=True, eq=False):
    """Values (float64) and qualities (uint8) of some channels at one time.

    What has no finite value, or had its last one too long ago, is BAD. Neither array may be written to or kept.
    """

    time: int
    values: Floats
    qualities: Bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where some channels are, and how long each is waited for; what is in a row, or alike, is quicker as that."""

    numbers: slice | NDArray[np.intp]
    patience: int | NDArray[np.int64]


def patience(plan: Plan) -> list[int]:
    """For how many ns a value of each channel counts as that of the moment."""
    found = paces(plan)
    return [max(LEAST, INTERVALS * found.get(number, 0)) for number in range(len(plan.channels))]


class Latest:
    """The latest values of all channels of a plan, by their numbers."""

    def __init__(self, plan: Plan) -> None:
        count = len(plan.channels)
        self._names = [channel.name for channel in plan.channels]
        self._values = np.full(count, np.nan)
        self._qualities = np.full(count, Quality.BAD, dtype=np.uint8)
        self._times = np.full(count, _NEVER, dtype=np.int64)
        self._patience = np.array(patience(plan), np.int64)
        self._places: dict[tuple[int, ...], Place] = {}
        """Of channels that come or are asked for together."""
        self._came: tuple[int, ...] = ()
        self._row = Row(_NEVER, self._values[:0], self._qualities[:0])
        """Of the channels that came last, if all had a value: mostly that is what is asked for next."""

    def take(self, channels: tuple[int, ...], time: int, values: Floats, qualities: Bytes) -> None:
        """Values of channels that come together; those without a new one keep the one they have."""
        place, each = self._place(channels).numbers, values.tolist()
        if math.isfinite(sum(each)) and _ABSENT not in qualities.tobytes():  # a sum may overflow, but not warn
            self._values[place] = values
            self._qualities[place] = qualities
            self._times[place] = time
            self._came, self._row = channels, Row(time, values, qualities)
            return
        self._came = ()
        for number, value, quality in zip(channels, each, qualities.tolist(), strict=True):
            if quality != Quality.ABSENT:
                self._values[number] = value
                self._qualities[number] = quality if value - value == 0.0 else _BAD
                self._times[number] = time

    def row(self, channels: tuple[int, ...], time: int) -> Row:
        """What is known of some channels at `time`."""
        if channels == self._came and time == self._row.time:
            return self._row
        place = self._place(channels)
        qualities = self._qualities[place.numbers].copy()
        qualities[self._times[place.numbers] < time - place.patience] = _BAD
        return Row(time, self._values[place.numbers].copy(), qualities)

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

    def state(self, channels: Iterable[int], boot: str) -> Saved:
        """What must be kept of some channels over a stop: their latest values, good in the same boot."""
        kept = {
            self._names[number]: (int(self._times[number]), float(self._values[number]), int(self._qualities[number]))
            for number in channels
            if self._times[number] != _NEVER
        }
        return Saved(LATEST, "", _definition(boot), msgspec.msgpack.encode(kept))

    def restore(self, saved: Saved | None, boot: str) -> None:
        """Know again what was kept."""
        if saved is None or saved.definition != _definition(boot):
            return
        try:
            kept = msgspec.msgpack.decode(saved.data, type=dict[str, tuple[int, float, int]])
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return
        for number, name in enumerate(self._names):
            if name in kept:
                self._times[number], self._values[number], self._qualities[number] = kept[name]

    def _place(self, channels: tuple[int, ...]) -> Place:
        known = self._places.get(channels)
        if known is None:
            first, last = channels[0], channels[-1]
            in_a_row = channels == tuple(range(first, last + 1))
            numbers = slice(first, last + 1) if in_a_row else np.asarray(channels, dtype=np.intp)
            patience = self._patience[numbers]
            alike = bool((patience == patience[0]).all())
            known = self._places[channels] = Place(numbers, int(patience[0]) if alike else patience)
        return known


def _definition(boot: str) -> str:
    return definition_hash([LATEST, boot])
