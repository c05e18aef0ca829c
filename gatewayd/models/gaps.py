"""Gaps: rows with missing values become rows that can be learned from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewayd.model import Floats


@dataclass(frozen=True, slots=True)
class Whole:
    """Rows (float64, finite) without gaps, and for each column whether it had values in half of them or more."""

    rows: Floats
    known: NDArray[np.bool_]


def filled(rows: Floats) -> Whole:
    """A missing value (NaN) becomes the one before it, or the first one after; a column that is not known becomes 0."""
    there = np.isfinite(rows)
    known = 2 * np.count_nonzero(there, axis=0) >= len(rows)
    if there.all():
        return Whole(rows, known)
    before = np.maximum.accumulate(np.where(there, np.arange(len(rows))[:, np.newaxis], -1), axis=0)
    first = np.argmax(there, axis=0)
    held = np.take_along_axis(rows, np.where(before < 0, first, before), axis=0)
    return Whole(np.where(known, held, 0.0), known)
