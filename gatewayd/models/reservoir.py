"""A reservoir: rows that stand for a long time, in runs of consecutive ones, in bounded memory and without chance."""

from __future__ import annotations

from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from gatewayd.model import Bytes, Floats

RUN = 64
"""Consecutive rows that are kept or passed over together: what is learned of the course of values needs neighbours."""
MOST_NUMBERS = 8192
MOST_ROWS = 1024
FEWEST_ROWS = 4 * RUN


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """The state of a reservoir: `rows` float64 (rows, columns) and `starts` uint8 (rows), little-endian."""

    columns: int
    stride: int
    seen: int
    rows: bytes
    starts: bytes


class Reservoir:
    """Of all rows pushed, every `stride`-th run of `RUN`, evenly over the whole time; the stride doubles as it fills.

    Values may be NaN where there was none. Of few columns it keeps all rows up to MOST_ROWS.
    """

    def __init__(self, columns: int) -> None:
        room = min(MOST_ROWS, max(FEWEST_ROWS, MOST_NUMBERS // max(columns, 1)))
        self._room = room - room % (2 * RUN)
        self._rows = np.empty((self._room, columns))
        self._starts = np.zeros(self._room, dtype=np.uint8)
        self._held = 0
        self._seen = 0
        self._stride = 1

    def push(self, values: Floats, *, follows: bool) -> None:
        """Take one row in; `follows`: it is the next one after the row before it."""
        run, place = divmod(self._seen, RUN)
        self._seen += 1
        if run % self._stride:
            return
        if self._held == self._room:
            self._thin()
        self._rows[self._held] = values
        self._starts[self._held] = not follows or (place == 0 and self._stride > 1) or self._held == 0
        self._held += 1

    def _thin(self) -> None:
        """Drop every second run."""
        runs = self._room // (2 * RUN)
        self._held = runs * RUN
        shape = runs, 2, RUN
        self._rows[: self._held] = self._rows.reshape(*shape, -1)[:, 0].reshape(self._held, -1)
        self._starts[: self._held] = self._starts.reshape(shape)[:, 0].ravel()
        self._starts[: self._held : RUN] = 1
        self._stride *= 2

    def rows(self) -> Floats:
        """The rows that are kept, the oldest first; not to be written to."""
        return self._rows[: self._held]

    def starts(self) -> NDArray[np.bool_]:
        """For each of them, whether it does not follow the one before it."""
        return self._starts[: self._held].astype(bool)

    def state(self) -> Kept:
        """All of it."""
        held: Bytes = self._starts[: self._held]
        columns = self._rows.shape[1]
        return Kept(columns, self._stride, self._seen, self.rows().astype("<f8").tobytes(), held.tobytes())

    @classmethod
    def of(cls, kept: Kept) -> Self:
        """One that goes on where `kept` was taken. Raises ValueError for what cannot be one's state."""
        reservoir = cls(kept.columns)
        held = len(kept.starts)
        fits = len(kept.rows) == 8 * held * kept.columns and held <= reservoir._room and kept.columns > 0
        stride = kept.stride
        if not fits or stride < 1 or stride & (stride - 1) or held != _held(kept.seen, stride):
            raise ValueError("this is no state of a reservoir")
        reservoir._rows[:held] = np.frombuffer(kept.rows, "<f8").reshape(held, kept.columns)
        reservoir._starts[:held] = np.frombuffer(kept.starts, np.uint8) != 0
        reservoir._held, reservoir._seen, reservoir._stride = held, kept.seen, stride
        return reservoir


def _held(seen: int, stride: int) -> int:
    """How many of so many rows are kept at this stride."""
    runs, rest = divmod(seen, RUN)
    return RUN * -(-runs // stride) + (0 if runs % stride else rest)
