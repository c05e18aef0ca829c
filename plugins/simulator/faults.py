"""Faults: what can go wrong with the simulated pump, when, and how badly at any moment."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass


class Fault(enum.StrEnum):
    """What ails the pump."""

    NONE = "none"
    CAVITATION = "cavitation"
    BEARING = "bearing"
    DRY_RUN = "dry-run"


GROWTH = {Fault.NONE: math.inf, Fault.CAVITATION: 2.0, Fault.BEARING: 30.0, Fault.DRY_RUN: 3.0}
"""Seconds within which a fault develops: suction fails at once, a bearing takes its time."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One fault from `begins` on (in seconds) for `lasts` seconds; it grows first, and fades as fast once it ends."""

    fault: Fault = Fault.NONE
    begins: float = 0.0
    lasts: float = math.inf

    @property
    def ramp(self) -> float:
        """In how many seconds it grows to its full extent: what its nature is, but soon enough to be seen."""
        return min(GROWTH[self.fault], self.lasts / 4.0)

    @property
    def ends(self) -> float:
        """When it begins to fade."""
        return self.begins + self.lasts

    def severity(self, fault: Fault, time: float) -> float:
        """How far `fault` has developed at `time`: 0 not at all, 1 fully, smooth in between."""
        if fault is not self.fault or fault is Fault.NONE:
            return 0.0
        return _smooth((time - self.begins) / self.ramp) - _smooth((time - self.ends) / self.ramp)

    def duration(self, time: float) -> float:
        """For how many seconds it has been there at `time`."""
        return min(max(time - self.begins, 0.0), self.lasts)


def _smooth(x: float) -> float:
    """From 0 at x = 0 to 1 at x = 1 without a corner."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)
