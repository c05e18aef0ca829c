"""What the features of a plugin make of windows of every kind."""

from __future__ import annotations

import math
import numbers
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from gatewayd.plugin import FeatureWindow
from gatewayd.registry.registration import FeatureType
from gatewayd.registry.registry import Registry
from gatewayd.testing.suite.demands import ConformanceError, demand
from gatewayd.testing.suite.subject import Subject

RATE = 1000.0
LONGEST = 1.0
"""Seconds that a feature may take for one window, before gatewayd calls it slow."""


class FeatureTests(Subject):
    """Tests of a plugin that brings features."""

    def test_its_features_give_a_number_of_any_window(self) -> None:
        """Windows may be short, uneven, constant; where there is no number, that is NaN."""
        for name, feature in Registry().features(self.plugin).items():
            for what, window in _windows():
                given = _computed(name, feature, what, window)
                demand(
                    holds=isinstance(given, numbers.Real) and not math.isinf(given),
                    what=f"the feature {name} of {what} is {given!r}",
                    fix="return a finite number, or NaN where there is none",
                )

    def test_its_features_depend_on_the_window_alone(self) -> None:
        """Windows are left out when time is short, and a replay computes them again."""
        for name, feature in Registry().features(self.plugin).items():
            for what, window in _windows():
                first, again = (_computed(name, feature, what, window) for _ in range(2))
                demand(
                    holds=first == again or (first != first and again != again),  # noqa: PLR0124 - NaN
                    what=f"the feature {name} of the same window is {first!r}, then {again!r}",
                    fix="use nothing but its arguments",
                )

    def test_its_features_are_quick(self) -> None:
        """All features of a plugin take turns in one thread."""
        for name, feature in Registry().features(self.plugin).items():
            for what, window in _windows():
                began = time.perf_counter()
                _computed(name, feature, what, window)
                took = time.perf_counter() - began
                demand(holds=took < LONGEST, what=f"{name} takes {took:.1f} s for {what}", fix="let NumPy compute")


def _windows() -> Iterator[tuple[str, FeatureWindow]]:
    """Windows as gatewayd makes them, each in words."""
    random = np.random.default_rng(5)
    moments = np.arange(4096) / RATE
    wave = np.sin(2 * np.pi * 50.0 * moments) + random.normal(0.0, 0.1, moments.size)
    steps = np.cumsum(random.uniform(0.5, 1.5, 60)) - 0.5
    yield "a waveform", _window(wave, moments, RATE, 25.0)
    yield "a waveform of zeros", _window(np.zeros(1024), moments[:1024], RATE, math.nan)
    yield "a polled channel", _window(20.0 + random.normal(0.0, 1.0, steps.size), steps, math.nan, math.nan)
    yield "a polled channel that stands still", _window(np.full(steps.size, 7.5), steps, math.nan, math.nan)
    yield "two values", _window(np.array([1.0, 2.0]), np.array([0.0, 1.0]), math.nan, math.nan)
    yield "one value", _window(np.array([1.0]), np.zeros(1), math.nan, math.nan)


def _window(values: Any, seconds: Any, rate: float, shaft: float) -> FeatureWindow:
    for array in (values, seconds):
        array.flags.writeable = False
    return FeatureWindow(values, seconds, rate, "m", shaft)


def _computed(name: str, feature: FeatureType, what: str, window: FeatureWindow) -> Any:
    """What a feature gives for a window, with its defaults; 1 where it has none."""
    given = [1.0 if parameter.default is None else parameter.default for parameter in feature.parameters]
    pairs = zip(given, feature.parameters, strict=True)
    try:
        return feature.function(window, *(int(each) if parameter.whole else each for each, parameter in pairs))
    except Exception as error:  # the plugin's code: whatever it raises is what is told
        raise ConformanceError(
            f"the feature {name} raises {error!r} for {what}; return NaN where there is no number"
        ) from error
