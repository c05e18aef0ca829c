"""Allowance: how much harm may be done in the long run, for what is done now and then and harms others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Allowance:
    """Grows by `rate` a second up to `most`, and is spent. Times are seconds of one clock.

    What costs more than `most` waits until there is that much, and what is owed then must grow again first. So nothing
    waits for ever, and in the long run no more is spent than what has grown.
    """

    rate: float
    most: float
    left: float
    since: float | None = None

    def when(self, amount: float, now: float) -> float:
        """From when on `amount` may be spent; `now` if it may be at once, as nothing may always."""
        if not amount:
            return now
        missing = min(amount, self.most) - self._grown(now)
        return now + max(0.0, missing / self.rate)

    def spend(self, amount: float, now: float) -> None:
        """Something is done that costs so much."""
        self.left = self._grown(now) - amount
        self.since = now

    def _grown(self, now: float) -> float:
        if self.since is None:
            self.since = now
        return min(self.most, self.left + self.rate * (now - self.since))
