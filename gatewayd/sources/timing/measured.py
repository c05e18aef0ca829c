"""Measured: how long the turns of one poll take, as far as that was seen."""

from __future__ import annotations

WEIGHT = 1 / 8
"""What the last turn counts for in the mean."""


class Measured:
    """Seconds that the answered turns of a poll take; before the first one, what the plugin has said; 0: unknown.

    `usual` is the median of the last three, so that one odd turn (a new connection, a lost packet) says nothing and two
    say that it has become slow, or fast again. In the `mean` an odd one counts for one `interval` at most.
    """

    __slots__ = ("_before", "_interval", "mean", "usual")

    def __init__(self, interval: float, planned: float = 0.0) -> None:
        self.mean = planned
        self.usual = planned
        self._interval = interval
        self._before = (planned, planned)

    def took(self, seconds: float) -> None:
        """One more turn has taken so long."""
        first, second = self._before
        self._before = (second, seconds)
        low, high = (first, second) if first <= second else (second, first)
        self.usual = usual = max(low, min(seconds, high))
        counted = min(seconds, max(usual, self._interval))
        self.mean = self.mean + WEIGHT * (counted - self.mean) if self.mean else counted
