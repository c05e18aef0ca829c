"""Desaturations: falls of the oxygen saturation, as apnoea makes them; how many there are an hour is the ODI.

After Jung et al. 2018 as described by Levy et al., npj Digital Medicine 4:1 (2021), doi:10.1038/s41746-020-00373-5: a
fall from A by at least the depth to a lowest value B, which ends at C, where it has come back to within 1 % of A or to
3 % above B; between A and C there are 10 to 60 s (90 s with Jung). Their limits on the steps between values are left
out: those belong to recordings of one value a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gatewayd.plugin import FeatureWindow

NEAR = 1.0
"""% below A at which it is back."""
RISE = 3.0
"""% above B after which it is back."""
SHORTEST, LONGEST = 10.0, 60.0
"""Seconds from A to C."""
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Fall:
    """From `begun` to `ended`, in seconds, and how deep it was, in %."""

    begun: float
    ended: float
    depth: float


def falls(window: FeatureWindow, depth: float) -> Iterator[Fall]:
    """All desaturations of at least this depth."""
    top = bottom = float("-inf")
    begun = 0.0
    for value, now in zip(window.values.tolist(), window.seconds.tolist(), strict=True):
        fell = top - bottom >= depth
        if fell and (value >= top - NEAR or value >= bottom + RISE):
            if SHORTEST <= now - begun <= LONGEST:
                yield Fall(begun, now, top - bottom)
            top = bottom = float("-inf")
        if value >= top or now - begun > LONGEST:
            top = bottom = value
            begun = now
        bottom = min(bottom, value)


def events(window: FeatureWindow, depth: float = 3.0) -> float:
    """How many desaturations there were in the window."""
    return float(sum(1 for _ in falls(window, depth)))


def odi(window: FeatureWindow, depth: float = 3.0) -> float:
    """How many there were in an hour that was measured. NaN where less than a minute was."""
    steps = window.seconds[1:] - window.seconds[:-1]
    measured = float(steps[steps <= LONGEST].sum())  # in longer ones no value came: the sensor was off
    return events(window, depth) * HOUR / measured if measured >= LONGEST else float("nan")


def longest(window: FeatureWindow, depth: float = 3.0) -> float:
    """How many seconds the longest took; 0 when there was none."""
    return max((fall.ended - fall.begun for fall in falls(window, depth)), default=0.0)
