"""Traces: some channels over a whole recording, as coarse as a picture needs them, in bounded memory."""

from __future__ import annotations

import numpy as np

from gatewayd.model import Floats
from gatewayd.replay.times import Times

MOST = 3000
"""Bins: twice as many as a picture is wide."""
FINEST = 1_000_000
"""ns of a bin, at first."""

Trace = tuple[Times, Floats, Floats]
"""The times of one channel's values (ns), and the lowest and the highest of them around each."""


class Traces:
    """The lowest and highest finite value of each channel in each bin of time; bins double as the time gets longer."""

    def __init__(self, channels: int) -> None:
        self._low = np.full((MOST, channels), np.nan)
        self._high = np.full((MOST, channels), np.nan)
        self._width = FINEST
        self._begin: int | None = None

    def add(self, times: Times, values: Floats) -> None:
        """Rows at rising times, a column for each channel; NaN where there is no value."""
        if not len(times):
            return
        if self._begin is None:
            self._begin = int(times[0])
        while (int(times[-1]) - self._begin) // self._width >= MOST:
            self._halve()
        bins = np.maximum((times - self._begin) // self._width, 0)
        starts = np.flatnonzero(np.diff(bins, prepend=-1))
        finite = np.where(np.isfinite(values), values, np.nan)
        places = bins[starts]
        self._low[places] = np.fmin(self._low[places], np.fmin.reduceat(finite, starts, axis=0))
        self._high[places] = np.fmax(self._high[places], np.fmax.reduceat(finite, starts, axis=0))

    def channel(self, number: int) -> Trace:
        """The times (ns, middles of bins), lowest and highest values of one channel, where it has any."""
        has = np.flatnonzero(np.isfinite(self._low[:, number]))
        times = (self._begin or 0) + has * self._width + self._width // 2
        return times, self._low[has, number], self._high[has, number]

    def _halve(self) -> None:
        for half, smaller in ((self._low, np.fmin), (self._high, np.fmax)):
            merged = smaller(half[0::2], half[1::2])
            half[: MOST // 2] = merged
            half[MOST // 2 :] = np.nan
        self._width *= 2
