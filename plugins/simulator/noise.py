"""Noise that is a pure function of time: smooth, of variance one, the same for the same seed."""

from __future__ import annotations

import math

import numpy as np

SINES = 16


class Noise:
    """A sum of sines of random frequencies (Hz) between `low` and `high`, spread evenly over the octaves."""

    def __init__(self, rng: np.random.Generator, low: float, high: float) -> None:
        self._speeds = 2.0 * math.pi * np.exp(rng.uniform(math.log(low), math.log(high), SINES))
        self._phases = rng.uniform(0.0, 2.0 * math.pi, SINES)

    def __call__(self, time: float) -> float:
        """The noise at `time` in seconds; about as often within ±1 as a normal variable."""
        return math.sqrt(2.0 / SINES) * float(np.sin(self._speeds * time + self._phases).sum())
