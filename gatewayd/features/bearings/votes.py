"""Votes: one verdict from the scores of the last windows."""

from __future__ import annotations

import math
from collections import Counter, deque
from dataclasses import astuple, dataclass
from statistics import median

import numpy as np

from gatewayd.features.bearings.analysis import Scores
from gatewayd.records import Fault

WINDOWS = 5
NEEDED = 3

THRESHOLD = 5.0
"""What a window's score must exceed.

In 6,500 windows of simulated healthy machines (noise modulated by shaft and blades, resonances, lines of shaft, blades,
gears and mains; a speed up to 0.3 % off) 0.046 % of the scores did: were windows independent, three of five would for
one fault in 10^9 votes. They are not where something else is really modulated at a fault's order: of 300 machines with
looseness, rubs, other shafts' gears and inverters, and a speed up to half a percent off, 2 had a false verdict.
"""

MARGIN = 2.0
"""How far a window's score must be ahead of those of the other faults, whose lines and sidebands may lie close."""

_FAULTS = (Fault.OUTER_RACE, Fault.INNER_RACE, Fault.BALL)


@dataclass(frozen=True, slots=True)
class Opinion:
    """`votes` of the last `windows` windows were for `fault`.

    `score` is the median of the fault's scores in them, and without a fault the highest of the three medians.
    """

    fault: Fault
    score: float
    votes: int
    windows: int


class Votes:
    """The vote of the last five windows of one bearing: a fault needs three of them."""

    def __init__(self) -> None:
        self._windows: deque[Scores] = deque(maxlen=WINDOWS)

    def push(self, scores: Scores) -> Opinion:
        """Count one window's scores in. Those of an unfit window (NaN) change nothing: no news is not good news."""
        if _judged(scores):
            self._windows.append(scores)
        return self.opinion()

    def opinion(self) -> Opinion:
        """What the windows so far say; no fault and a score of NaN where there is none."""
        counted = Counter(map(verdict, self._windows))
        medians = _medians(self._windows)
        fault = next((fault for fault in _FAULTS if counted[fault] >= NEEDED), Fault.NONE)
        score = medians[_FAULTS.index(fault)] if fault in _FAULTS else max(medians)
        return Opinion(fault, score, counted[fault], len(self._windows))

    def state(self) -> bytes:
        """What `restore` takes."""
        return np.array([astuple(scores) for scores in self._windows], dtype="<f8").tobytes()

    def restore(self, state: bytes) -> None:
        """Go on where another left off. Raises ValueError for what no `state` gave."""
        size, rest = divmod(len(state), 4 * 8)
        if rest or size > WINDOWS:
            raise ValueError(f"expected the scores of at most {WINDOWS} windows, got {len(state)} bytes")
        windows = [Scores(*row) for row in np.frombuffer(state, dtype="<f8").reshape(-1, 4).tolist()]
        if not all(map(_judged, windows)):
            raise ValueError("expected finite scores only")
        self._windows = deque(windows, maxlen=WINDOWS)


def verdict(scores: Scores) -> Fault:
    """What one window says: the fault with the highest score, if that is high enough and well ahead of the others."""
    *others, highest = sorted(_of_faults(scores))
    if not (highest > THRESHOLD and highest - others[-1] > MARGIN):
        return Fault.NONE
    return _FAULTS[_of_faults(scores).index(highest)]


def _of_faults(scores: Scores) -> tuple[float, float, float]:
    return scores.outer_race, scores.inner_race, scores.ball


def _medians(windows: deque[Scores]) -> tuple[float, ...]:
    columns = zip(*map(_of_faults, windows), strict=True)
    return tuple(map(median, columns)) or (math.nan,) * len(_FAULTS)


def _judged(scores: Scores) -> bool:
    return all(map(math.isfinite, astuple(scores)))
