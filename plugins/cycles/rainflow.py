"""Rainflow counting of cycles, as ASTM E1049-85 (section 5.4.4) describes it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WHOLE, HALF = 1.0, 0.5


def cycles(values: Floats) -> tuple[Floats, Floats]:
    """The heights of all cycles in a course of values, and how many each counts: one, or a half."""
    found: list[tuple[float, float]] = []
    open_turns: list[float] = []
    for turn in turns(values).tolist():
        open_turns.append(turn)
        _close(open_turns, found)
    found += [(abs(second - first), HALF) for first, second in pairwise(open_turns)]
    heights, counts = zip(*found, strict=True) if found else ((), ())
    return np.array(heights, dtype=np.float64), np.array(counts, dtype=np.float64)


def turns(values: Floats) -> Floats:
    """The values at which the course turns, with its ends."""
    moving = np.concatenate((values[:1], values[1:][np.diff(values) != 0]))
    if len(moving) < 2:
        return moving[:0]
    up = np.diff(moving) > 0
    return moving[np.concatenate(([True], up[1:] != up[:-1], [True]))]


def _close(open_turns: list[float], found: list[tuple[float, float]]) -> None:
    """Count what the last turn has closed."""
    while len(open_turns) >= 3:
        before, begin, end = open_turns[-3:]
        height = abs(begin - before)
        if abs(end - begin) < height:
            return
        if len(open_turns) == 3:
            found.append((height, HALF))
            del open_turns[0]
        else:
            found.append((height, WHOLE))
            del open_turns[-3:-1]
