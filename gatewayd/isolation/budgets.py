"""Budgets: how much may come in, on average, with an allowance for what comes at once."""

from __future__ import annotations


class Budget:
    """`rate` a second and `depth` at once, in any unit. Times are seconds of one clock that never goes back."""

    __slots__ = ("_depth", "_left", "_rate", "_time")

    def __init__(self, rate: float, depth: float) -> None:
        self._rate = rate
        self._depth = self._left = depth
        self._time = 0.0

    def spend(self, amount: float, now: float) -> bool:
        """Take so much; False when there is not so much left, and then nothing is taken."""
        self._left = min(self._depth, self._left + (now - self._time) * self._rate)
        self._time = now
        if amount > self._left:
            return False
        self._left -= amount
        return True
