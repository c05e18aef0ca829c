"""Stability: whether the rows that a model was learned from show one normal, or two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewayd.model import Bytes, Floats
from gatewayd.models.fitting import fit
from gatewayd.models.scoring import Scoring, Share

QUANTILE = 0.75
MOST = 3.0
"""Where this quantile of one half's scores may be, by what was learned from the other half alone.

Chosen on SKAB: of the learning rows of 23 files it is 4.4 for those that hold a start of the pump, 2.2 at most for the
others, of which many warm up.
"""
FEWEST = 20
"""Rows in each half."""


@dataclass(frozen=True, slots=True)
class Stability:
    """How far the halves are from each other: a `spread` of 1 is the most that counts as one normal.

    `worst` is what stood out most: None when nothing could be told.
    """

    spread: float
    worst: Share | None


def stability(rows: Floats, starts: NDArray[np.bool_]) -> Stability:
    """Judge each half of `rows` (finite, the oldest first) by the other; `starts` marks those that follow no other."""
    middle = len(rows) // 2
    if middle < FEWEST:
        return Stability(0.0, None)
    halves = (rows[:middle], _begun(starts[:middle])), (rows[middle:], _begun(starts[middle:]))
    found = [_judged(*halves[0], *halves[1]), _judged(*halves[1], *halves[0])]
    return max(found, key=lambda each: each.spread)


def _begun(starts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    starts = starts.copy()
    starts[0] = True
    return starts


def _judged(learned: Floats, begun: NDArray[np.bool_], rows: Floats, starts: NDArray[np.bool_]) -> Stability:
    """Rows, by what was learned from others."""
    scoring = Scoring(fit(learned, begun), sensitive=False, adapts=True)
    good: Bytes = np.zeros(rows.shape[1], dtype=np.uint8)
    scores, out, worst = np.zeros(len(rows)), np.empty(2), None
    for n, (row, start) in enumerate(zip(rows, starts.tolist(), strict=True)):
        if start:
            scoring.restart()
        scoring.step(n, row, good, out)
        scores[n] = out[0]
        if out[0] > max(MOST, scores[:n].max(initial=0.0)):
            worst = next(iter(scoring.explain()), None)
    spread = float(np.quantile(np.nan_to_num(scores), QUANTILE)) / MOST
    return Stability(spread, worst)
