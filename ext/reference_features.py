"""The features by their plain formulas: the specification that the kernels are held against."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NAN = float("nan")


def deviations(values: Floats) -> Floats:
    """Distances from the mean, by way of the first value: differences of near numbers are exact, also far from 0."""
    shifted = values - values[0]
    centred: Floats = shifted - shifted.mean()
    return centred


def mean(_: Floats, values: Floats) -> float:
    """The arithmetic mean."""
    return float(values[0] + (values - values[0]).mean())


def std(_: Floats, values: Floats) -> float:
    """The standard deviation of the population (divided by n), as is usual for features of signals."""
    return float(np.sqrt(np.mean(deviations(values) ** 2)))


def lowest(_: Floats, values: Floats) -> float:
    """The smallest value."""
    return float(values.min())


def highest(_: Floats, values: Floats) -> float:
    """The largest value."""
    return float(values.max())


def rms(_: Floats, values: Floats) -> float:
    """The root of the mean square, of the values as they are (with their mean)."""
    return float(np.sqrt(np.mean(values**2)))


def peak_to_peak(_: Floats, values: Floats) -> float:
    """The largest value less the smallest."""
    return float(values.max() - values.min())


def crest_factor(times: Floats, values: Floats) -> float:
    """The largest magnitude in units of the rms; NaN when that is 0."""
    level = rms(times, values)
    return float(np.abs(values).max()) / level if level else NAN


def kurtosis(_: Floats, values: Floats) -> float:
    """The fourth standardized moment (Pearson's: 3 for a normal distribution); NaN when nothing varies."""
    squares = deviations(values) ** 2
    variance = np.mean(squares)
    return float(np.mean(squares**2) / variance**2) if variance**2 else NAN


def slope(times: Floats, values: Floats) -> float:
    """Units per second of the least-squares line; NaN with fewer than two different times."""
    if times.min() == times.max():
        return NAN
    distances = deviations(times)
    return float(np.sum(distances * deviations(values)) / np.sum(distances**2))


FORMULAS: dict[str, Callable[[Floats, Floats], float]] = {
    "mean": mean,
    "std": std,
    "min": lowest,
    "max": highest,
    "rms": rms,
    "peak_to_peak": peak_to_peak,
    "crest_factor": crest_factor,
    "kurtosis": kurtosis,
    "slope": slope,
}
"""Each takes the times in seconds (from anywhere) and the values; neither is empty, all are finite."""


def features_of(names: tuple[str, ...], times: Floats, values: Floats) -> list[float]:
    """The named features; all NaN when there is no value. Overflow gives infinities or NaN, silently."""
    if not len(values):
        return [NAN] * len(names)
    with np.errstate(all="ignore"):
        return [FORMULAS[name](times, values) for name in names]
