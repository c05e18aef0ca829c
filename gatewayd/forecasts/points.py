"""Points: what a channel did over a long time, in a bounded number of medians of equal stretches of time."""

from __future__ import annotations

from collections import deque

import numpy as np

from gatewayd.model import Floats

MOST = 120
"""Stretches that are remembered."""
ROOM = 64
"""Values of one stretch that are kept: every one, then every second, and so on."""


class Points:
    """The medians of the last MOST stretches of `width` ns that had values.

    A stretch is over with the first value after it. Times are ns of a clock that does not go back; a value of an
    earlier stretch than the present one is passed over.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self.medians: deque[tuple[int, float]] = deque(maxlen=MOST)
        """Numbers of stretches with their medians, the oldest first."""
        self._stretch: int | None = None
        self._values: list[float] = []
        self._every = 1
        self._seen = 0

    def push(self, time: int, value: float) -> bool:
        """Take a value in; whether a stretch is over with it."""
        stretch = time // self.width
        if self._stretch is None:
            self._stretch = stretch
        over = stretch > self._stretch
        if over:
            self.medians.append((self._stretch, float(np.median(self._values))))
            self._stretch, self._values, self._every, self._seen = stretch, [], 1, 0
        elif stretch < self._stretch:
            return False
        if self._seen % self._every == 0:
            if len(self._values) == ROOM:
                del self._values[1::2]
                self._every *= 2
            self._values.append(value)
        self._seen += 1
        return over

    def series(self) -> tuple[Floats, Floats]:
        """Days (from the first one on) and medians."""
        numbers, medians = np.array([*self.medians], dtype=np.float64).reshape(-1, 2).T
        return (numbers - numbers[:1]) * (self.width / 86_400e9), medians.copy()

    def restore(self, medians: list[tuple[int, float]]) -> None:
        """Go on from what was remembered."""
        self.medians = deque(medians, maxlen=MOST)
