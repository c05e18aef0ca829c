"""Doubts: why a line must not be drawn on through points, although one can be drawn through them."""

from __future__ import annotations

import numpy as np

from gatewayd.forecasts.trend import Trend, correlation, trend
from gatewayd.model import Floats

STEP = 0.8
"""A step explains the points better than a line when what it leaves is less than this share of what the line leaves."""
SEASON = 0.5
"""A season dominates when one period holds more than this share of what the line leaves."""
SLOWEST, FASTEST = 2, 3
"""A season is looked for from periods of half the time that the points cover to periods of three points."""
MARGIN = 4
"""Points on either side of a step, at least."""


def doubt(days: Floats, values: Floats, line: Trend) -> str:
    """Why nothing should be said, in a few words; empty when there is no doubt."""
    if not line.plain:
        return "no clear trend"
    if _steps(values, line):
        return "a step, not a trend"
    if not _steady(days, values, line):
        return "the trend does not go on: it changed its pace"
    if _swings(line):
        return "it goes up and down with a season"
    return ""


def _steps(values: Floats, line: Trend) -> bool:
    """Whether two levels explain the points better than a line does."""
    left = float(np.abs(line.residuals).sum())
    return min(_apart(values, at) for at in range(MARGIN, len(values) - MARGIN + 1)) < STEP * left


def _apart(values: Floats, at: int) -> float:
    """What the levels (medians) before and from a place on leave."""
    return sum(float(np.abs(part - np.median(part)).sum()) for part in (values[:at], values[at:]))


def _steady(days: Floats, values: Floats, line: Trend) -> bool:
    """Whether both halves by themselves go the line's way, at slopes that may be the same."""
    half = len(values) // 2
    first, second = trend(days[:half], values[:half]), trend(days[half:], values[half:])
    same_way = first.slope * line.slope > 0.0 and second.slope * line.slope > 0.0
    return same_way and first.low <= second.high and second.low <= first.high


def _swings(line: Trend) -> bool:
    """Whether one period holds most of what the line leaves, and that is large beside what the line explains."""
    count = len(line.residuals)
    power = np.abs(np.fft.rfft(line.residuals)) ** 2
    band = power[SLOWEST : count // FASTEST + 1]
    if not len(band) or not power[1:].sum() > 0.0:
        return False
    period = round(count / (SLOWEST + int(band.argmax())))
    return bool(band.max() > SEASON * power[1:].sum()) and correlation(line.residuals, period) > SEASON / 2
