"""Cures: what to do about an adapter that says it scans and hears nothing, and when. Pure; times are in seconds."""

from __future__ import annotations

import enum
import math

SILENCE = 30.0
"""Seconds of silence that are too many, unless the adapter is used to more."""
USUAL = 4.0
"""A silence is too long when it is so many times as long as the longest ones of late."""
LONGEST_USUAL = 6 * 3600.0
FADING = 0.9
"""How much of a long silence is remembered after each later one."""
LONGEST_WAIT = 600.0
"""Seconds from one cure to the next, unless longer silences are usual."""
KNOWN = 20
"""So often must something have been heard before it is known what is usual."""
TRIED_BEFORE = 3
"""Scans begun anew before an adapter is switched off and on of which it is not known: there may be nothing to hear."""
REFUSALS = 5
"""Scans that are refused one after the other before the adapter is switched off and on."""
BETWEEN_CYCLES = 900.0
"""Seconds at least from one switching off and on to the next: it breaks all connections of all programs."""


class Cure(enum.Enum):
    """What to do."""

    NONE = enum.auto()
    SCAN_AGAIN = enum.auto()
    POWER_CYCLE = enum.auto()


class Cures:
    """Judges the silences of one adapter.

    The first cure is a new scan, the second one to switch the adapter off and on, and so on in turns as far as that is
    allowed; each wait is twice as long as the one before.
    """

    def __init__(self, now: float) -> None:
        self.tried = 0
        """Cures since something was heard last."""
        self._heard = 0
        self._quiet_since = now
        self._judged = now
        self._longest = 0.0
        self._patience = SILENCE
        self._refused = 0
        self._cycled = -math.inf

    def begun(self, now: float) -> None:
        """A scan has begun on an adapter that was away: what was before says nothing of it."""
        self.tried = self._refused = 0
        self._quiet_since = self._judged = now
        self._patience = self._usual()

    def heard(self, now: float) -> None:
        """Something was heard."""
        if self._heard:
            self._longest = max(FADING * self._longest, now - self._quiet_since)
        self._heard += 1
        self.begun(now)

    def quiet_for(self, now: float) -> float:
        """How long nothing has been heard."""
        return now - self._quiet_since

    def wait(self, now: float) -> float:
        """Seconds until a cure may be due."""
        return max(0.0, self._judged + self._patience - now)

    def due(self, now: float) -> Cure:
        """What the silence calls for now."""
        if self.wait(now) > 0:
            return Cure.NONE
        self.tried += 1
        self._judged = now
        self._patience = min(2 * self._patience, max(LONGEST_WAIT, self._usual()))
        enough = self.tried > (1 if self._heard >= KNOWN else TRIED_BEFORE)
        return self._cycle(now) if enough and self.tried % 2 == 0 else Cure.SCAN_AGAIN

    def refused(self, now: float) -> Cure:
        """What it calls for that a scan was refused, although the adapter is there and switched on."""
        self._refused += 1
        return self._cycle(now) if self._refused >= REFUSALS else Cure.NONE

    def _usual(self) -> float:
        return min(max(SILENCE, USUAL * self._longest), LONGEST_USUAL)

    def _cycle(self, now: float) -> Cure:
        if now - self._cycled < BETWEEN_CYCLES:
            return Cure.SCAN_AGAIN
        self._cycled = now
        self._refused = 0
        return Cure.POWER_CYCLE
