"""Back-off: how long to wait before the next attempt to connect."""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST, LONGEST = 0.5, 30.0
OFFENDED = 60.0
"""Seconds: the longest wait for a broker that does what it must not."""


class Backoff:
    """Waits that grow twofold from `first` to `longest` seconds, each shortened at random by up to a half.

    The randomness keeps a fleet from coming back to its broker in step.
    """

    def __init__(
        self, first: float = FIRST, longest: float = LONGEST, chance: Callable[[], float] = random.random
    ) -> None:
        self._first = first
        self._longest = longest
        self._chance = chance
        self._wait = 0.0

    def next(self, *, offended: bool = False) -> float:
        """Seconds to wait now; they grow further if the broker did what it must not."""
        longest = max(self._longest, OFFENDED) if offended else self._longest
        self._wait = min(max(self._first, 2 * self._wait), longest)
        return self._wait * (1 - self._chance() / 2)

    def worked(self, lived: float) -> None:
        """A connection was good for something and lived for so many seconds: start anew if it was worth the wait.

        Two gateways with one id throw each other out at once; each time is no reason to come back at once.
        """
        if lived > self._wait:
            self._wait = 0.0
