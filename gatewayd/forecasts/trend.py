"""A trend: a straight line through points that a few wild ones do not turn, and how sure its slope is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewayd.model import Floats

_NORMAL_95 = 1.959963984540054  # of the normal distribution, two-sided
_MOST_ALIKE = 0.95


@dataclass(frozen=True, slots=True)
class Trend:
    """A line of `slope` a day that is at `level` now; with 95 % confidence the slope is between `low` and `high`.

    `residuals` are what the points are off it, in their order.
    """

    slope: float
    low: float
    high: float
    level: float
    residuals: Floats

    @property
    def plain(self) -> bool:
        """Whether it surely rises, or surely falls."""
        return self.low > 0.0 or self.high < 0.0


def trend(days: Floats, values: Floats) -> Trend:
    """The Theil-Sen line through points (rising `days`, finite), up to the last of them.

    Its slope is the median of the slopes of all pairs (Theil 1950, Sen 1968); its limits are Sen's, from the variance
    of Kendall's S, made wider where neighbouring residuals resemble each other: so many points then tell less (by the
    factor (1 + r) / (1 - r) of an AR(1) process, r being their correlation).
    """
    slopes = _slopes(days, values)
    slope = float(np.median(slopes))
    residuals = values - slope * days
    middle = float(np.median(residuals))
    residuals = residuals - middle
    reach = _NORMAL_95 * math.sqrt(_variance(values) * _inflation(residuals))
    low, high = (_ranked(slopes, (len(slopes) + side * reach) / 2.0) for side in (-1.0, 1.0))
    return Trend(slope, low, high, middle + slope * float(days[-1]), residuals)


def _slopes(days: Floats, values: Floats) -> Floats:
    """Of all pairs of points, sorted."""
    first, second = np.triu_indices(len(days), 1)
    return np.sort((values[second] - values[first]) / (days[second] - days[first]))


def _variance(values: Floats) -> float:
    """Of Kendall's S, with ties (Kendall 1975)."""
    n = len(values)
    ties: NDArray[np.intp] = np.unique(values, return_counts=True)[1]
    tied = float((ties * (ties - 1) * (2 * ties + 5)).sum())
    return max(1.0, (n * (n - 1) * (2 * n + 5) - tied) / 18.0)


def _inflation(residuals: Floats) -> float:
    alike = min(max(correlation(residuals, 1), 0.0), _MOST_ALIKE)
    return (1.0 + alike) / (1.0 - alike)


def correlation(residuals: Floats, lag: int) -> float:
    """Of residuals with those `lag` points later; 0 where they do not vary."""
    square = float((residuals * residuals).sum())
    return float((residuals[lag:] * residuals[:-lag]).sum()) / square if square > 0.0 else 0.0


def _ranked(ordered: Floats, rank: float) -> float:
    """The number at a rank between the first and the last, or the nearest of them."""
    return float(ordered[min(max(round(rank), 0), len(ordered) - 1)])
