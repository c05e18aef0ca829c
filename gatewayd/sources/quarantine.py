"""Quarantine: when something that does not answer may be tried again, so that it costs its neighbours little."""

from __future__ import annotations

from dataclasses import dataclass

COST_FACTOR = 20
"""What fails on a shared line waits this many times as long as it took to fail: it gets 5 % of the line's time."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often failures are tolerated and how long to wait after them.

    After `tolerated` failures in a row the waits grow twofold from `first` to `longest` seconds, and are never
    shorter than `cost_factor` times what the failure cost.
    """

    first: float
    longest: float
    tolerated: int
    cost_factor: int = 0

    @classmethod
    def of_neighbour(cls, interval: float) -> Patience:
        """For a source that shares its line: others must not suffer."""
        return cls(interval, longest=60.0, tolerated=1, cost_factor=COST_FACTOR)

    @classmethod
    def of_loner(cls, interval: float) -> Patience:
        """For a source with a line to itself: nobody suffers, and it should be back soon."""
        return cls(interval, longest=10.0, tolerated=1)

    @classmethod
    def of_line(cls, interval: float) -> Patience:
        """For the line itself."""
        return cls(interval, longest=10.0, tolerated=0)


class Quarantine:
    """Counts failures in a row and says until when to leave the thing alone. Times are seconds of one clock."""

    __slots__ = ("_patience", "_wait", "failures", "until")

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._wait = 0.0
        self.failures = 0
        self.until = 0.0
        """No attempt before this time; 0 while there is no quarantine."""

    def failed(self, now: float, cost: float) -> None:
        """An attempt that took `cost` seconds failed at `now`."""
        patience = self._patience
        self.failures += 1
        if self.failures <= patience.tolerated:
            return
        fair = patience.cost_factor * cost
        self._wait = min(max(patience.first, fair, 2 * self._wait), patience.longest)
        self.until = now + max(self._wait, fair)

    def lift(self) -> None:
        """It answered, or there is a sign that it will: all is forgotten."""
        self._wait = 0.0
        self.failures = 0
        self.until = 0.0
