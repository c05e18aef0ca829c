"""The twin of the kernel `Changes`: rows from which on some channel has another level than before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gatewayd_ext.checks import UNCERTAIN, check_array
from gatewayd_ext.healthy import (
    ALLOWANCE,
    BEFORE,
    FEWEST_BEFORE,
    HALF,
    HUGE,
    PACE,
    QUIET,
    RECENT,
    REFERENCE,
    SUM_EDGE,
    WIDEST,
    Learned,
    check_learned,
)

__all__ = ["Changes"]

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

ROOM = RECENT + BEFORE


class Changes:
    """Change points in rows of channels.

    Values become z by `centre` and `scale` (of 0: the channel is not judged). A row is a change point when the mean of
    the last RECENT z of a channel is more than `edge` times its `change` from the mean of up to BEFORE before them, or
    when the sum of what z was above (or below) a reference that follows over REFERENCE rows, less ALLOWANCE each row,
    is over SUM_EDGE. Then the last RECENT rows are all that was before, the sums begin anew, and for QUIET rows there
    is no other change point. Else, where that difference is usually larger than was learned, `change` is widened, by
    PACE each row and up to WIDEST times: what has become restless does not change all the time. A value that is
    missing counts as the one before it.
    """

    def __init__(self, learned: Learned, edge: float) -> None:
        check_learned(learned, edge)
        n = len(learned.centre)
        self._centre, self._scale = learned.centre.copy(), learned.scale.copy()
        self._apart = learned.change * edge
        self._usual = learned.change * HALF
        self._judged = (learned.scale > 0) & (learned.change > 0)
        self._last = np.zeros(n)
        self._levels = np.zeros((n, 2))
        self._reach = np.zeros(n)
        self.restart()

    def restart(self) -> None:
        """Forget the last rows."""
        n = len(self._centre)
        self._ring = np.zeros((ROOM, n))
        self._held = self._place = self._quiet = 0
        self._recent = np.zeros(n)
        self._before = np.zeros(n)
        self._above = np.zeros(n)
        self._below = np.zeros(n)
        self._width = np.ones(n)
        self._reference = np.zeros(n)

    def step(self, values: Floats, qualities: Bytes) -> bool:
        """Whether this row is a change point."""
        n = len(self._centre)
        check_array("values", values, "float64", (n,))
        check_array("qualities", qualities, "uint8", (n,))
        usable = self._judged & (qualities <= UNCERTAIN) & np.isfinite(values)
        with np.errstate(all="ignore"):
            z = np.clip((values - self._centre) / self._scale, -HUGE, HUGE)
        self._last = np.where(usable, z, self._last)
        self._push()
        if self._quiet:
            self._quiet -= 1
            self._above[:] = self._below[:] = 0.0
            return False
        if self._held < RECENT + FEWEST_BEFORE:
            return False
        means = self._recent / RECENT, self._before / (self._held - RECENT)
        with np.errstate(all="ignore"):
            away = np.abs(means[0] - means[1])
            stands = away / (self._apart * self._width)
        summed = np.maximum(self._above, self._below) / SUM_EDGE
        reach = np.where(self._judged, np.maximum(stands, summed), 0.0)
        if not (reach > 1.0).any():
            self._widen(away)
            return False
        self._reach = reach
        self._levels = np.stack([means[1], means[0]], axis=1) * self._scale[:, None] + self._centre[:, None]
        self._held, self._quiet = RECENT, QUIET
        self._before = np.zeros(n)
        self._above[:] = self._below[:] = 0.0
        self._reference = means[0]
        return True

    def _widen(self, away: Floats) -> None:
        """Or narrow, as the differences are beyond half of what is usual or not."""
        beyond = away > self._usual * self._width
        self._width = np.where(beyond, np.minimum(self._width * PACE, WIDEST), np.maximum(self._width / PACE, 1.0))

    def _push(self) -> None:
        if self._held >= RECENT:
            leaving = self._ring[(self._place - RECENT) % ROOM]
            self._recent = self._recent - leaving
            self._before = self._before + leaving
        if self._held == ROOM:
            self._before = self._before - self._ring[self._place]
        else:
            self._held += 1
        self._ring[self._place] = self._last
        self._recent = self._recent + self._last
        if self._held == 1:
            self._reference = self._last.copy()
        away = self._last - self._reference
        self._above = np.maximum(0.0, self._above + away - ALLOWANCE)
        self._below = np.maximum(0.0, self._below - away - ALLOWANCE)
        self._reference = self._reference + away / REFERENCE
        self._place = (self._place + 1) % ROOM
        if self._place == 0:
            self._add_up()

    def _add_up(self) -> None:
        """The sums anew, from the ring, so that nothing that rounding took adds up over years."""
        self._recent = np.zeros(len(self._centre))
        self._before = np.zeros(len(self._centre))
        for row in range(ROOM - self._held, ROOM):
            if row < BEFORE:
                self._before = self._before + self._ring[row]
            else:
                self._recent = self._recent + self._ring[row]

    def moved(self, rows: Floats) -> None:
        """Into `rows` float64[n, 3] how far each channel went at the last change point.

        That in multiples of what makes one, then its level before and after it, in its unit.
        """
        check_array("rows", rows, "float64", (len(self._centre), 3), writable=True)
        rows[:, 0] = self._reach
        rows[:, 1:] = self._levels
