"""Cycles: how often and how far a value goes up and down again, as it wears pipes, seals and shafts; features only."""

from __future__ import annotations

from collections.abc import Callable

from gatewayd.plugin import FeatureFunction, FeatureWindow, hookimpl
from gatewayd_plugins.cycles.rainflow import cycles


def count(window: FeatureWindow, height: float = 0.0) -> float:
    """How many cycles there were of at least this height; halves count as such."""
    heights, counts = cycles(window.values)
    return float(counts[heights >= height].sum())


def largest(window: FeatureWindow) -> float:
    """The height of the largest cycle, be it a half one; 0 when there was none."""
    heights, _ = cycles(window.values)
    return float(heights.max(initial=0.0))


def equivalent(window: FeatureWindow, cycles_meant: float = 1.0, exponent: float = 5.0) -> float:
    """The height of so many equal cycles that would wear as much, by Miner's rule and a Wöhler curve's exponent."""
    heights, counts = cycles(window.values)
    scale = heights.max(initial=0.0)  # so that no power overflows
    if not scale:
        return 0.0
    wear = (counts * (heights / scale) ** exponent).sum()
    return float(scale * (wear / cycles_meant) ** (1 / exponent))


@hookimpl
def register_features(register: Callable[[str, FeatureFunction, str | None], None]) -> None:
    """`cycles.count`, `cycles.largest`, `cycles.equivalent`."""
    register("count", count, "1")
    register("largest", largest, None)
    register("equivalent", equivalent, None)
