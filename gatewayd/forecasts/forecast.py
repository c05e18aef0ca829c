"""A forecast: in how many days a limit will be reached, as a range, or why there is no saying."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gatewayd.forecasts.doubts import doubt
from gatewayd.forecasts.trend import trend
from gatewayd.model import Floats

FEWEST = 16
"""Points from which anything is said."""
FARTHEST = 3.0
"""How far ahead anything is said, in multiples of the time that the points cover."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Days until the limit, at the `earliest` and at the `latest`, and the slope per day.

    The days are NaN where there is no statement, and `why` says why. `slope` is NaN only where there are too few
    points.
    """

    days: float = math.nan
    earliest: float = math.nan
    latest: float = math.nan
    slope: float = math.nan
    why: str = ""


def forecast(days: Floats, values: Floats, limit: float) -> Forecast:
    """When the line through `values` at rising `days` (float64, finite; the last one is now) will be at the `limit`."""
    if len(days) < FEWEST:
        return Forecast(why=f"{len(days)} of the {FEWEST} points that are needed")
    line = trend(days, values)
    why = doubt(days, values, line)
    if why:
        return Forecast(slope=line.slope, why=why)
    missing = limit - line.level
    if missing == 0.0 or (values[0] < limit) != (line.level < limit):
        return Forecast(0.0, 0.0, 0.0, line.slope)
    if missing / line.slope < 0.0:
        return Forecast(slope=line.slope, why="it moves away from the limit")
    expected = missing / line.slope
    farthest = FARTHEST * float(days[-1] - days[0])
    if expected > farthest:
        return Forecast(
            slope=line.slope, why=f"farther ahead than {farthest:.3g} days, {FARTHEST:g} times what was seen"
        )
    spread = float(abs(line.residuals).mean()) * 2.0
    fastest, slowest = (line.high, line.low) if line.slope > 0.0 else (line.low, line.high)
    earliest = max(0.0, (abs(missing) - spread) / abs(fastest))
    latest = (abs(missing) + spread) / abs(slowest)
    return Forecast(expected, earliest, latest, line.slope)
