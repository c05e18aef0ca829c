"""The saved form of a Sliding: its values and times, and where the parts that it is made of end.

After the header come `counts`, int64[1 + columns]: of polls kept, and of samples of each column; `parts`, which are
`older, newer` of each tile and `sound, older, newer` of each column; and the samples: the polls, with their times and 0
for a value, then those of each column, oldest first. NaN stands for what was bad, in a window by number. A column with
`sound` -1 is in step: it has a value in each poll that has 0, and only there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gatewayd_ext.ring_state import SAMPLE, check_samples, sealed, unsealed

_MAGIC = b"gwslidin"
_VERSION = 1

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


class SlidingShape(NamedTuple):
    """What a state must agree with to be taken back."""

    columns: tuple[int, ...]
    span: int
    capacity: int
    tiles: int

    def pack(self, counts: bytes, parts: bytes, samples: bytes) -> bytes:
        """The state of such a Sliding."""
        return sealed(self._header() + counts + parts + samples)

    def unpack(self, data: bytes) -> tuple[bytes, bytes, bytes]:
        """What `pack` was given. Raises ValueError for damaged data and for those of another Sliding."""
        body = unsealed(self._header(), data, f"the saved window is not one of {self}")
        counts_end = 8 * (1 + len(self.columns))
        parts_end = counts_end + 8 * (2 * self.tiles + 3 * len(self.columns))
        counts, parts, samples = body[:counts_end], body[counts_end:parts_end], body[parts_end:]
        if len(body) < parts_end:
            raise ValueError("the saved window ends before its counts")
        self._check(np.frombuffer(counts, dtype="<i8"), np.frombuffer(parts, dtype="<i8"), samples)
        return counts, parts, samples

    def _header(self) -> bytes:
        numbers = [_VERSION, self.span, self.capacity, self.tiles, len(self.columns), *self.columns]
        return _MAGIC + np.array(numbers, dtype="<i8").tobytes()

    def _check(self, counts: Integers, parts: Integers, samples: bytes) -> None:
        if counts.min() < 0 or counts.max() > self.capacity:
            raise ValueError(f"the saved window has columns of {counts.tolist()} values; room is for {self.capacity}")
        if len(samples) != SAMPLE.itemsize * sum(counts.tolist()):
            raise ValueError("the saved window is longer or shorter than its counts say")
        check_samples(samples)
        values = np.frombuffer(samples, dtype=SAMPLE)["value"]
        polls, *columns = np.split(np.isfinite(values), np.cumsum(counts[:-1]))
        tiles, marks = parts[: 2 * self.tiles].reshape(-1, 2), parts[2 * self.tiles :].reshape(-1, 3)
        if not _fit(tiles, polls):
            raise ValueError("the saved window has parts of more polls than it has")
        if not all(map(_goes_with, [polls] * len(columns), columns, marks)):
            raise ValueError("the saved window has a column that does not go with its polls")


def _fit(parts: Integers, usable: Flags) -> bool:
    held = int(np.count_nonzero(usable))
    return bool((parts >= 0).all() and (parts <= held).all() and (parts.sum(axis=-1) <= held).all())


def _goes_with(polls: Flags, column: Flags, marks: Integers) -> bool:
    """A column in step has a value in each poll, one that is not has them in the last `sound` of both."""
    sound = int(marks[0])
    if sound < 0:
        right = sound == -1 and np.array_equal(column, polls)
    else:
        right = sound <= min(len(polls), len(column)) and all(
            each[len(each) - sound :].all() for each in (polls, column)
        )
    return right and _fit(marks[1:], column)
