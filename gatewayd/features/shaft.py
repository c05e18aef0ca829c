"""Shaft: the speed of a shaft, found in the spectrum of a vibration."""

from __future__ import annotations

import math

import numpy as np

from gatewayd.features.surroundings import prominence
from gatewayd.model import Floats, Signal

HARMONICS = 6
FEWEST_TURNS = 8
"""With fewer turns at the lowest speed, the harmonics have no room to stand out."""

STANDS_OUT = 8.0
"""What the weighted levels of the harmonics must come to; see `estimate` for how often noise does."""

_WEIGHTS = np.arange(1, HARMONICS + 1) ** -0.5
_STEPS_PER_BIN = 2
_AS_GOOD = 0.9
_LINE = 3.0


def estimate(values: Signal, rate: float, low: float, high: float) -> float:
    """The speed in Hz between `low` and `high` whose harmonics stand out most; NaN where none stand out.

    `values` are evenly spaced, `rate` a second. Of each speed the levels of the first six harmonics below half the rate
    are summed up (log(1 + (amplitude / median around it)²) under a Hann window, the k-th weighing k^-1/2), so that
    neither the fundamental nor any other of them need be there. Of speeds that are about as good, as half the speed and
    the speed itself may be, the lowest counts; interpolation of the lines that were found makes it exact.

    NaN where the sum is below `STANDS_OUT`, which none of 9000 windows of noise reached (highest: 7.4), where the
    values are not all finite or all the same, and where they last fewer than eight turns at `low`.
    """
    signal = np.asarray(values, dtype=np.float64)
    if not _fit(signal, rate, low, high):
        return math.nan
    count = len(signal)
    window = 0.5 - 0.5 * np.cos(2 * np.pi / count * np.arange(count))
    amplitudes: Floats = np.abs(np.fft.rfft((signal - signal.mean()) * window))
    top = min(math.ceil((HARMONICS + 1) * high * count / rate), len(amplitudes))
    levels = prominence(amplitudes[:top], low * count / rate)
    place = _best(levels, low * count / rate, high * count / rate)
    return _refined(amplitudes, levels, place) * rate / count


def _fit(signal: Floats, rate: float, low: float, high: float) -> bool:
    """Whether there is something to be found."""
    if not (0 < low < high < rate / 2 < math.inf and len(signal) >= FEWEST_TURNS * rate / low):
        return False
    return bool(np.isfinite(signal).all()) and signal.max() > signal.min()


def _best(levels: Floats, low: float, high: float) -> float:
    """The fundamental, in bins; NaN where no sum is high enough."""
    places = np.arange(low, high + 0.5 / HARMONICS, 1 / (_STEPS_PER_BIN * HARMONICS))
    bins = np.rint(np.outer(_harmonics(), places)).astype(np.intp)
    found = np.where(bins < len(levels), levels[np.minimum(bins, len(levels) - 1)], 0.0)
    sums = _WEIGHTS @ found
    best = sums.max()
    if best < STANDS_OUT:
        return math.nan
    first = int(np.argmax(sums >= _AS_GOOD * best))
    nearby = sums[first : first + _STEPS_PER_BIN * HARMONICS]
    return float(places[first + int(np.argmax(nearby))])


def _refined(amplitudes: Floats, levels: Floats, place: float) -> float:
    """The median of what each harmonic that stands out says of the fundamental, weighted by its level.

    A strong line of something else near one of them must not move it.
    """
    if math.isnan(place):
        return math.nan
    lines = [(harmonic, round(harmonic * place)) for harmonic in range(1, HARMONICS + 1)]
    found = sorted(
        (_interpolated(amplitudes, line) / harmonic, levels[line])
        for harmonic, line in lines
        if line < len(levels) - 2 and levels[line] > _LINE
    )
    reached = np.cumsum([level for _, level in found])
    return found[int(np.searchsorted(reached, reached[-1] / 2))][0] if found else place


def _interpolated(amplitudes: Floats, near: int) -> float:
    """Where the highest line within a bin of `near` is, in bins: exact for a lone sine under a periodic Hann window."""
    top = near - 1 + int(np.argmax(amplitudes[near - 1 : near + 2]))
    side = 1 if amplitudes[top + 1] > amplitudes[top - 1] else -1
    ratio = amplitudes[top + side] / amplitudes[top]
    return top + side * float((2 * ratio - 1) / (ratio + 1))


def _harmonics() -> Floats:
    numbers: Floats = np.arange(1, HARMONICS + 1, dtype=np.float64)
    return numbers
