"""The NumPy twins of the kernels: slow, plain, the same in all they do; they specify and test the kernels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gatewayd_ext.checks import (
    ABSENT,
    FEATURES,
    UNCERTAIN,
    check_array,
    check_rate,
    check_time,
    check_window,
    feature_numbers,
)
from gatewayd_ext.reference_features import features_of
from gatewayd_ext.ring_state import SAMPLE, RingShape, pack, unpack

__all__ = ["FEATURES", "Tally", "Window", "burst_features"]

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Integers = NDArray[np.int64]

SECOND = 1e9


class Tally:
    """Statistics of `n` channels over a period: count, bad, mean, min, max and last of each.

    A value counts when its quality is good or uncertain and it is finite; an absent one is passed over; any other
    is bad. What rounding takes from the sum is kept (Knuth's two-sum), so that the mean of millions of values is right
    to the last digits.
    """

    def __init__(self, n: int) -> None:
        if n < 0:
            raise ValueError(f"n must be 0 or more, got {n}")
        self._n = n
        self.clear()

    def clear(self) -> None:
        """Forget everything; the next period begins."""
        self._count = np.zeros(self._n, dtype=np.int64)
        self._bad = np.zeros(self._n, dtype=np.int64)
        self._sum = np.zeros(self._n)
        self._lost = np.zeros(self._n)
        self._min = np.full(self._n, np.inf)
        self._max = np.full(self._n, -np.inf)
        self._last = np.full(self._n, np.nan)

    def push(self, values: Floats, qualities: Bytes) -> None:
        """Take one value of each channel: `values` float64[n], `qualities` uint8[n]."""
        check_array("values", values, "float64", (self._n,))
        check_array("qualities", qualities, "uint8", (self._n,))
        good = (qualities <= UNCERTAIN) & np.isfinite(values)
        self._count += good
        self._bad += ~good & (qualities != ABSENT)
        self._add(np.where(good, values, 0.0))
        self._min = np.where(good, np.minimum(self._min, values), self._min)
        self._max = np.where(good, np.maximum(self._max, values), self._max)
        self._last = np.where(good, values, self._last)

    def _add(self, values: Floats) -> None:
        with np.errstate(all="ignore"):
            total = self._sum + values
            rounded = total - self._sum
            self._lost += (self._sum - (total - rounded)) + (values - rounded)
            self._sum = total

    def read(self, rows: Floats) -> None:
        """Write count, bad, mean, min, max, last of each channel into `rows` float64[n, 6]; NaN where none counted."""
        check_array("rows", rows, "float64", (self._n, 6), writable=True)
        some = self._count > 0
        with np.errstate(all="ignore"):
            means = (self._sum + self._lost) / self._count
        rows[:, 0] = self._count
        rows[:, 1] = self._bad
        rows[:, 2] = means
        rows[:, 3] = self._min
        rows[:, 4] = self._max
        rows[:, 5] = self._last
        rows[~some, 2:] = np.nan


class Window:
    """The last values of some columns of a group, by time (`span` ns) or by number (`span` 0: `capacity` values).

    Only good and uncertain finite values enter. In a window by number a bad one takes a place, without being
    counted, so that what is old falls out while a sensor is broken; an absent one takes none. Each column holds at
    most `capacity` values: the oldest gives way. Features are computed anew from the values at each `compute`,
    so nothing that has left leaves a trace. `features` are names from FEATURES.

    Values up to 1e75 in magnitude are computed rightly; beyond, a feature may overflow to an infinity or NaN.
    A variance below 1e-160 counts as none.
    """

    def __init__(self, columns: Integers, span: int, capacity: int, features: tuple[str, ...]) -> None:
        check_window(columns, span, capacity)
        feature_numbers(features)
        self._shape = RingShape(tuple(columns.tolist()), span, capacity)
        self._columns = columns.copy()
        self._features = tuple(features)
        self._ring = np.zeros((len(columns), capacity), dtype=SAMPLE)
        self._written = np.zeros(len(columns), dtype=np.int64)

    def push(self, time: int, values: Floats, qualities: Bytes) -> None:
        """Take one poll of the whole group, read at `time` ns: `values` float64[group], `qualities` uint8[group]."""
        check_time(time)
        check_array("values", values, "float64", (None,))
        check_array("qualities", qualities, "uint8", (len(values),))
        if len(values) <= self._columns.max():
            raise ValueError(f"values has {len(values)} columns, the window needs column {self._columns.max()}")
        chosen, quality = values[self._columns], qualities[self._columns]
        good = (quality <= UNCERTAIN) & np.isfinite(chosen)
        stored = np.flatnonzero(good if self._shape.span else quality != ABSENT)
        places = self._written[stored] % self._shape.capacity
        self._ring["time"][stored, places] = time
        self._ring["value"][stored, places] = np.where(good, chosen, np.nan)[stored]
        self._written[stored] += 1

    def compute(self, time: int, out: Floats, counts: Integers) -> None:
        """Write the features at `time` into `out` float64[columns, features], the numbers of values into `counts`.

        A window by time takes what was read after `time - span` and not after `time`.
        """
        check_time(time)
        check_array("out", out, "float64", (len(self._columns), len(self._features)), writable=True)
        check_array("counts", counts, "int64", (len(self._columns),), writable=True)
        for row in range(len(self._columns)):
            samples = self._samples(row)
            inside = np.isfinite(samples["value"])
            if self._shape.span:
                inside &= (samples["time"] > time - self._shape.span) & (samples["time"] <= time)
            taken = samples[inside]
            counts[row] = len(taken)
            seconds = (taken["time"] - taken["time"][:1]) / SECOND
            out[row] = features_of(self._features, seconds, taken["value"])

    def state(self) -> bytes:
        """The values and their times, for `restore`; the same bytes from the kernel and from its twin."""
        samples = [self._samples(row) for row in range(len(self._columns))]
        counts = np.array([len(column) for column in samples], dtype=np.int64)
        return pack(self._shape, counts.tobytes(), np.concatenate(samples).tobytes())

    def restore(self, data: bytes) -> None:
        """Go on where `state` was taken. Raises ValueError for damaged data and for those of another window."""
        packed_counts, packed_samples = unpack(self._shape, data)
        counts = np.frombuffer(packed_counts, dtype=np.int64).copy()
        samples = np.frombuffer(packed_samples, dtype=SAMPLE)
        ends = np.cumsum(counts)
        for row, (end, count) in enumerate(zip(ends, counts, strict=True)):
            self._ring[row, :count] = samples[end - count : end]
        self._written = counts

    def _samples(self, row: int) -> NDArray[np.void]:
        """One column's samples, oldest first."""
        written, capacity = int(self._written[row]), self._shape.capacity
        if written <= capacity:
            return self._ring[row, :written]
        return np.roll(self._ring[row], -(written % capacity))


def burst_features(values: Floats, rate: float, features: tuple[str, ...], out: Floats) -> None:
    """Write the features of a burst of evenly spaced values (`rate` in Hz) into `out` float64[features].

    An empty burst and one that holds anything but finite numbers give NaN throughout: features of half a burst
    would look whole. Raises ValueError for an unknown feature or a rate that is not a finite number above 0.
    """
    check_array("values", values, "float64", (None,))
    feature_numbers(features)
    check_rate(rate)
    check_array("out", out, "float64", (len(features),), writable=True)
    finite = values if np.isfinite(values).all() else values[:0]
    out[:] = features_of(tuple(features), np.arange(len(finite)) / rate, finite)
