"""Learning: gathers rows of healthy running until they cover the stated span."""

from __future__ import annotations

from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from gatewayd.model import Bytes, Floats, Quality
from gatewayd.models.reservoir import Kept, Reservoir
from gatewayd.records import Stamp

SECOND = 1_000_000_000
FEWEST = 50
"""Rows from which anything can be learned."""
ABSURD = 1e100
"""No sensor measures that."""


class Learned(msgspec.Struct, frozen=True, array_like=True):
    """The state of a learner."""

    why: str
    begun: Stamp | None
    lasted: int
    usable: int
    passed_over: int
    kept: Kept


class Learner:
    """What is being learned at one operating point, and `why`.

    A row counts when half its channels or more are good; those that are not, or absurd, are missing in it. The span is
    the time between rows that follow each other. It is over after `span` ns and `FEWEST` rows, or after `rows` rows.
    """

    def __init__(self, columns: int, why: str, span: int, rows: int) -> None:
        self.why = why
        self.begun: Stamp | None = None
        self.lasted = 0
        self.usable = 0
        self.passed_over = 0
        self._span, self._target = span, rows
        self._reservoir = Reservoir(columns)

    def push(self, stamp: Stamp, values: Floats, qualities: Bytes, since: int | None) -> bool:
        """Take a row in, which came `since` ns after the one that it follows, if any; whether it was fit for it."""
        good = (qualities == Quality.GOOD) & (np.abs(values) < ABSURD)
        if 2 * int(np.count_nonzero(good)) < len(values):
            self.passed_over += 1
            return False
        if self.begun is None:
            self.begun, since = stamp, None
        self.usable += 1
        self.lasted += since or 0
        self._reservoir.push(values if good.all() else np.where(good, values, np.nan), follows=since is not None)
        return True

    @property
    def progress(self) -> float:
        """How much of the span is covered, 0 to 1."""
        by_rows = self.usable / (self._target or FEWEST)
        return min(1.0, by_rows, self.lasted / self._span if self._span else 1.0)

    @property
    def done(self) -> bool:
        """Whether there is enough to learn from."""
        return self.progress >= 1.0

    def in_words(self) -> str:
        """How far it is."""
        if not self._span:
            return f"{self.usable} of {self._target} rows"
        words = f"{100 * self.lasted // self._span if self.lasted < self._span else 100} % of {_spell(self._span)}"
        short = self.lasted >= self._span and self.usable < FEWEST
        return f"{words}, but {self.usable} of the {FEWEST} rows that are needed" if short else words

    def rows(self) -> Floats:
        """What was gathered, NaN where a value is missing."""
        return self._reservoir.rows()

    def starts(self) -> NDArray[np.bool_]:
        """For each of the rows, whether it does not follow the one before it."""
        return self._reservoir.starts()

    def state(self) -> Learned:
        """All of it."""
        kept = self._reservoir.state()
        return Learned(self.why, self.begun, self.lasted, self.usable, self.passed_over, kept)

    @classmethod
    def of(cls, learned: Learned, columns: int, span: int, rows: int) -> Self:
        """One that goes on where `learned` was taken. Raises ValueError for what cannot be one's state."""
        if learned.kept.columns != columns or min(learned.lasted, learned.usable, learned.passed_over) < 0:
            raise ValueError("this is no state of a learner of so many columns")
        learner = cls(columns, learned.why, span, rows)
        learner.begun, learner.lasted = learned.begun, learned.lasted
        learner.usable, learner.passed_over = learned.usable, learned.passed_over
        learner._reservoir = Reservoir.of(learned.kept)
        return learner


def _spell(length: int) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if length >= size * SECOND:
            return f"{length / size / SECOND:.3g} {unit}"
    return f"{length / SECOND:.3g} s"
