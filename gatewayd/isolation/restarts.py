"""Restarts: how long to wait before a process that failed is started again."""

from __future__ import annotations

FIRST = 1.0
"""Seconds of the first wait; each one after it is twice as long."""


class Restarts:
    """Counts starts; the waits grow up to `longest` seconds and begin anew after `steady` seconds without trouble."""

    def __init__(self, longest: float, steady: float) -> None:
        self.count = 0
        """How often it failed."""
        self.in_a_row = 0
        """How often without being steady in between."""
        self._longest = longest
        self._steady = steady
        self._wait = 0.0

    def failed(self, lived: float) -> float:
        """It failed after so many seconds in which it was well; how many to wait now."""
        if lived >= self._steady:
            self._wait, self.in_a_row = 0.0, 0
        self.count += 1
        self.in_a_row += 1
        self._wait = min(max(FIRST, 2 * self._wait), self._longest)
        return self._wait
