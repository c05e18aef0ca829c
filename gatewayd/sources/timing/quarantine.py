"""Quarantine: when something that does not answer may be tried again, so that it costs others little."""

from __future__ import annotations

FIRST = 1.0
"""Seconds of the first wait; each one after it is twice as long."""
COST_FACTOR = 20
"""What fails again waits so many times as long as its failures before kept others waiting: 5 % of their time."""


class Quarantine:
    """Counts failures in a row and says until when to leave the thing alone. Times are seconds of one clock.

    After `tolerated` failures in a row the waits grow twofold, up to `longest` seconds. The time that failures cost
    others is made up for besides, and answers in between do not make up for it: else something that answers every
    other time would cost others half of theirs.
    """

    __slots__ = ("_owed_until", "_tolerated", "_wait", "failures", "longest", "toll", "until")

    def __init__(self, longest: float, tolerated: int = 1) -> None:
        self.longest = longest
        self._tolerated = tolerated
        self._wait = 0.0
        self._owed_until = 0.0
        self.failures = 0
        self.until = 0.0
        """No attempt before this time; 0 while there is no quarantine."""
        self.toll = 0.0
        """Seconds that the last failure in a row cost others; 0 when there was none."""

    def failed(self, now: float, cost: float = 0.0) -> None:
        """An attempt failed at `now`, which cost others `cost` seconds."""
        self.failures += 1
        self.toll = cost
        owed_until = self._owed_until
        self._owed_until = max(owed_until, now) + COST_FACTOR * cost
        if self.failures > self._tolerated:
            self._wait = min(max(FIRST, 2 * self._wait), self.longest)
        elif owed_until <= now:
            return
        self.until = max(owed_until, now + self._wait)

    def lift(self) -> None:
        """It answered: only what it still owes is remembered."""
        self._wait = 0.0
        self.failures = 0
        self.until = 0.0
        self.toll = 0.0
