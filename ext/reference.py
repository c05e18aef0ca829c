"""The NumPy twins of the kernels: slow, plain, the same in all they do; they specify and test the kernels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gatewayd_ext.checks import (
    ABSENT,
    UNCERTAIN,
    check_array,
    check_poll,
    check_row,
    check_time,
    check_window,
)
from gatewayd_ext.reference_series import series_features_of
from gatewayd_ext.ring_state import SAMPLE, RingShape, pack, unpack
from gatewayd_ext.terms import ANY, SLIDING, TIMED, Term, check_terms

__all__ = ["Sliding", "Tally", "Window"]

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
    so nothing that has left leaves a trace. `terms` are of ANY and TIMED.

    Values up to 1e75 in magnitude are computed rightly; beyond, a feature may overflow to an infinity or NaN.
    A variance below 1e-160 counts as none.
    """

    _known: tuple[Mapping[str, int], ...] = (ANY, TIMED)

    def __init__(self, columns: Integers, span: int, capacity: int, terms: tuple[Term, ...]) -> None:
        check_window(columns, span, capacity)
        check_terms(terms, *self._known)
        self._shape = RingShape(tuple(columns.tolist()), span, capacity)
        self._columns = columns.copy()
        self._terms = tuple(terms)
        self._ring = np.zeros((len(columns), capacity), dtype=SAMPLE)
        self._written = np.zeros(len(columns), dtype=np.int64)

    def push(self, time: int, values: Floats, qualities: Bytes) -> None:
        """Take one poll of the whole group, read at `time` ns: `values` float64[group], `qualities` uint8[group]."""
        check_time(time)
        check_poll(values, qualities, int(self._columns.max()))
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
        check_array("out", out, "float64", (len(self._columns), len(self._terms)), writable=True)
        check_array("counts", counts, "int64", (len(self._columns),), writable=True)
        for row in range(len(self._columns)):
            seconds, values, now = self._inside(time, row)
            counts[row] = len(values)
            out[row] = series_features_of(self._terms, seconds, values, now)

    def contents(self, time: int, row: int) -> tuple[Floats, Floats]:
        """What `compute` looks at for one row: its values, and their times in seconds from the first of them."""
        check_time(time)
        check_row(row, len(self._columns))
        seconds, values, _ = self._inside(time, row)
        return seconds, values

    def _inside(self, time: int, row: int) -> tuple[Floats, Floats, float]:
        """Seconds, values and `time`, from the first value."""
        samples = self._samples(row)
        inside = np.isfinite(samples["value"])
        if self._shape.span:
            inside &= (samples["time"] > time - self._shape.span) & (samples["time"] <= time)
        times, values = samples["time"][inside], samples["value"][inside].copy()
        first = int(times[0]) if len(times) else time
        return (times - first) / SECOND, values, (time - first) / SECOND

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


class Sliding(Window):
    """A window for the terms of SLIDING alone, whose kernel keeps them up to date instead of computing them anew.

    A compute then costs the same however long the window is. Measured (benchmarks/streaming.py), polls never cost a
    tenth more than with a Window, and less as soon as the columns times the hops to a window are 16 or more; the
    kernel's state is its own, and is not taken by this twin.
    """

    _known = (SLIDING,)
