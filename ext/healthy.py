"""What the kernels that judge health, and what is fitted for them, agree on. One row is one value of each channel."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gatewayd_ext.checks import check_array

ORDER = 2
"""Rows that the course of a channel is foretold from."""
SMOOTH = 12.0
"""Rows over which levels and residual energies are smoothed."""
MIX = 0.3
"""The share of the levels in the score; the rest is that of the courses."""
FARTHEST = 20.0
"""Learned spreads from its centre beyond which a value counts no more: one wild value is soon forgotten."""
WILDEST = 25.0
"""The most that one residual counts, in multiples of its learned energy."""
DRIFT = 200.0
"""Rows over which a level that stays within the edge is followed."""
BOUND = 4.0
"""Learned spreads that a level is followed at most."""
FREEZE = 0.9
"""The score from which nothing is followed."""
STILL = 120
"""Rows after a score above 1 in which nothing is followed: a fault about the edge must not be learned away."""

RECENT = 10
"""Rows whose mean is held against what was before."""
BEFORE = 75
"""Rows before those, at most."""
FEWEST_BEFORE = 15
"""Rows before those, at least."""
QUIET = 60
"""Rows after a change point in which there is no other one."""
HALF = 0.6745
"""Half of what is normally distributed is within so many standard deviations."""
PACE = 1.006
"""By how much the learned spread of a difference widens in a row that is beyond HALF of it, or narrows again."""
WIDEST = 4.0
"""How many times as wide as learned it becomes at most."""
REFERENCE = 50.0
"""Rows over which the reference of the cumulative sums follows."""
ALLOWANCE = 2.0
"""Learned spreads beside the reference that the cumulative sums let pass."""
SUM_EDGE = 80.0
"""Learned spreads that a cumulative sum may reach."""
HUGE = 1e6
"""Learned spreads beyond which values are as one, lest sums lose the others."""


class Learned(Protocol):
    """What was learned of n channels: float64 arrays (n,), `precision` (n, n), `course` (n, ORDER), and two numbers."""

    @property
    def centre(self) -> NDArray[np.float64]:
        """The middle of each channel."""
        ...

    @property
    def scale(self) -> NDArray[np.float64]:
        """Its spread; 0: it never changed, and is not judged."""
        ...

    @property
    def precision(self) -> NDArray[np.float64]:
        """The inverse of the covariance of smoothed values, in spreads."""
        ...

    @property
    def course(self) -> NDArray[np.float64]:
        """What foretells a channel from its last values."""
        ...

    @property
    def noise(self) -> NDArray[np.float64]:
        """The energy of what that leaves."""
        ...

    @property
    def change(self) -> NDArray[np.float64]:
        """The spread of the difference between the means of two windows."""
        ...

    @property
    def level_edge(self) -> float:
        """The edge of the distance of smoothed values."""
        ...

    @property
    def energy_edge(self) -> float:
        """That of the energies' mean root."""
        ...


def check_learned(learned: Learned, edge: float) -> None:
    """Raise TypeError or ValueError unless all arrays fit and are finite, and all edges are above 0."""
    n = len(learned.centre)
    for name, shape in {"precision": (n, n), "course": (n, ORDER)}.items():
        check_finite(name, getattr(learned, name), shape)
    for name in ("centre", "scale", "noise", "change"):
        check_finite(name, getattr(learned, name), (n,))
    for name, number in {"level_edge": learned.level_edge, "energy_edge": learned.energy_edge, "edge": edge}.items():
        if not 0 < number < float("inf"):
            raise ValueError(f"{name} must be a finite number above 0, got {number}")


def check_finite(name: str, array: Any, shape: tuple[int, ...]) -> None:
    """Raise TypeError or ValueError unless `array` is float64 of this shape and finite."""
    check_array(name, array, "float64", shape)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite")
