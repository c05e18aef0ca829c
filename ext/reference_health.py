"""The twin of the kernel `Health`: how far rows are from what was learned, in one number."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gatewayd_ext.checks import UNCERTAIN, check_array
from gatewayd_ext.healthy import (
    BOUND,
    DRIFT,
    FARTHEST,
    FREEZE,
    MIX,
    ORDER,
    SMOOTH,
    STILL,
    WILDEST,
    Learned,
    check_finite,
    check_learned,
)

__all__ = ["Health"]

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]


class Health:
    """The score of rows of channels; 1 is the edge of normal.

    `centre` and `scale` (of 0: the channel is not judged) make values z, at most FARTHEST from 0. Two things are
    smoothed over SMOOTH rows: z itself, whose Mahalanobis distance by the inverse covariance `precision` is the level,
    and the squares of what `course` does not foretell of z from its last ORDER values, in multiples of `noise`. The
    root of their 4-norm (of the mean) over all channels is the energy: the channels that stand out count most. Each in
    multiples of its own edge as learned, mixed by MIX, over `edge`: the score.

    While the score is below FREEZE, and was not above 1 for STILL rows, z is followed slowly (`adapts`), by no more
    than BOUND. A value that is missing
    leaves its channel as it is.
    """

    def __init__(self, learned: Learned, edge: float, *, adapts: bool) -> None:
        check_learned(learned, edge)
        n = len(learned.centre)
        self._centre, self._scale = learned.centre.copy(), learned.scale.copy()
        self._precision, self._course, self._noise = (
            learned.precision.copy(),
            learned.course.copy(),
            learned.noise.copy(),
        )
        self._level_edge, self._energy_edge = learned.level_edge, learned.energy_edge
        self._edge, self._adapts = edge, adapts
        self._judged = (learned.scale > 0) & (learned.noise > 0)
        self._shift = np.zeros(n)
        self.restart()

    def restart(self) -> None:
        """Forget the last rows; what was followed stays."""
        n = len(self._centre)
        self._level = np.zeros(n)
        self._energy = np.ones(n)
        self._past = np.zeros((n, ORDER))
        self._known = self._still = 0
        self._pull = np.zeros(n)

    def step(self, values: Floats, qualities: Bytes) -> float:
        """The score with this row; NaN when fewer than half of the channels that are judged have a usable value."""
        n = len(self._centre)
        check_array("values", values, "float64", (n,))
        check_array("qualities", qualities, "uint8", (n,))
        usable = self._judged & (qualities <= UNCERTAIN) & np.isfinite(values)
        judged = int(np.count_nonzero(self._judged))
        if not judged or 2 * int(np.count_nonzero(usable)) < judged:
            return math.nan
        for i in np.flatnonzero(usable).tolist():
            self._take(i, float(values[i]))
        self._known = min(self._known + 1, ORDER)
        score = self._score(judged)
        self._still = STILL if score > 1.0 else max(self._still - 1, 0)
        if self._adapts and not self._still and score < FREEZE:
            followed = np.clip(self._shift + self._level / DRIFT, -BOUND, BOUND)
            self._shift = np.where(usable, followed, self._shift)
        return score

    def _take(self, i: int, value: float) -> None:
        z = (value - float(self._centre[i])) / float(self._scale[i]) - float(self._shift[i])
        z = min(max(z, -FARTHEST), FARTHEST)
        self._level[i] += (z - self._level[i]) / SMOOTH
        if self._known == ORDER:
            foretold = 0.0
            for k in range(ORDER):
                foretold += self._course[i, k] * self._past[i, k]
            energy = (z - foretold) * (z - foretold) / self._noise[i]
            self._energy[i] += (min(energy, WILDEST) - self._energy[i]) / SMOOTH
        self._past[i, 1:] = self._past[i, :-1]
        self._past[i, 0] = z

    def _score(self, judged: int) -> float:
        self._pull = np.zeros(len(self._centre))
        for j in range(len(self._centre)):
            self._pull += self._precision[:, j] * self._level[j]
        square = energy = 0.0
        for i in np.flatnonzero(self._judged).tolist():
            square += self._level[i] * self._pull[i]
            energy += (self._energy[i] * self._energy[i]) * (self._energy[i] * self._energy[i])
        level = math.sqrt(max(square, 0.0)) / self._level_edge
        root = math.sqrt(math.sqrt(math.sqrt(energy / judged)))
        return (MIX * level + (1.0 - MIX) * root / self._energy_edge) / self._edge

    def parts(self, rows: Floats) -> None:
        """Into `rows` float64[n, 4] what moved the score, and from where to where.

        Of each channel: what it adds to the square of the level, its energy in multiples of what was learned, its
        smoothed value and the middle of normal now, both in its unit.
        """
        check_array("rows", rows, "float64", (len(self._centre), 4), writable=True)
        rows[:, 0] = self._level * self._pull
        rows[:, 1] = self._energy
        rows[:, 3] = self._centre + self._scale * self._shift
        rows[:, 2] = rows[:, 3] + self._scale * self._level

    def shift(self, out: Floats) -> None:
        """Into `out` float64[n]: what was followed, in learned spreads."""
        check_array("out", out, "float64", (len(self._centre),), writable=True)
        out[:] = self._shift

    def follow(self, shift: Floats) -> None:
        """Go on from what was followed earlier."""
        check_finite("shift", shift, (len(self._centre),))
        self._shift = np.clip(shift, -BOUND, BOUND)
