"""The features of any values by their plain formulas: the specification that the kernels are held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from gatewayd_ext.terms import Term

Floats = NDArray[np.float64]
Formula = Callable[..., float]

NAN = float("nan")
FLOOR = 1e-160
"""A variance below this counts as none."""


def deviations(values: Floats) -> Floats:
    """Distances from the mean, by way of the first value: differences of near numbers are exact, also far from 0."""
    shifted = values - values[0]
    centred: Floats = shifted - shifted.mean()
    return centred


def quotient(value: float, divisor: float) -> float:
    """Their quotient; NaN when the divisor is 0."""
    return float(value / divisor) if divisor else NAN


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


def peak(_: Floats, values: Floats) -> float:
    """The largest magnitude."""
    return float(np.abs(values).max())


def peak_to_peak(_: Floats, values: Floats) -> float:
    """The largest value less the smallest."""
    return float(values.max() - values.min())


def crest_factor(seconds: Floats, values: Floats) -> float:
    """The largest magnitude in units of the rms; NaN when that is 0."""
    return quotient(peak(seconds, values), rms(seconds, values))


def shape_factor(seconds: Floats, values: Floats) -> float:
    """The rms in units of the mean magnitude; NaN when that is 0."""
    return quotient(rms(seconds, values), float(np.abs(values).mean()))


def impulse_factor(seconds: Floats, values: Floats) -> float:
    """The largest magnitude in units of the mean magnitude; NaN when that is 0."""
    return quotient(peak(seconds, values), float(np.abs(values).mean()))


def clearance_factor(seconds: Floats, values: Floats) -> float:
    """The largest magnitude in units of the squared mean root of the magnitudes; NaN when that is 0."""
    return quotient(peak(seconds, values), float(np.sqrt(np.abs(values)).mean()) ** 2)


def standardized(values: Floats, order: int) -> float:
    """The standardized moment of this order; NaN when nothing varies."""
    distances = deviations(values)
    variance = np.mean(distances**2)
    return float(np.mean(distances**order) / variance ** (order / 2)) if variance >= FLOOR else NAN


def skewness(_: Floats, values: Floats) -> float:
    """The third standardized moment: above 0 when the upper tail is the longer one; NaN when nothing varies."""
    return standardized(values, 3)


def kurtosis(_: Floats, values: Floats) -> float:
    """The fourth standardized moment (Pearson's: 3 for a normal distribution); NaN when nothing varies."""
    return standardized(values, 4)


def excess_kurtosis(_: Floats, values: Floats) -> float:
    """The kurtosis less that of a normal distribution (Fisher's)."""
    return standardized(values, 4) - 3.0


def zero_crossing_rate(_: Floats, values: Floats) -> float:
    """The part of the steps that begin below 0 and end not below it, or the reverse; NaN when there is no step."""
    below = values < 0.0
    return quotient(int(np.count_nonzero(below[1:] != below[:-1])), len(values) - 1)


def median(seconds: Floats, values: Floats) -> float:
    """The middle value, or the mean of the two middle ones."""
    return percentile(seconds, values, 50.0)


def percentile(_: Floats, values: Floats, percent: float) -> float:
    """What `percent` % of the values are below, interpolated between neighbours."""
    return float(np.percentile(values, percent))


def slope(seconds: Floats, values: Floats) -> float:
    """Units per second of the least-squares line; NaN with fewer than two different times."""
    if seconds.min() == seconds.max():
        return NAN
    distances = deviations(seconds)
    return float(np.sum(distances * deviations(values)) / np.sum(distances**2))


def line_length(_: Floats, values: Floats) -> float:
    """The sum of the magnitudes of all steps."""
    return float(np.abs(np.diff(values)).sum())


FORMULAS: Mapping[str, Formula] = MappingProxyType(
    {
        "mean": mean,
        "std": std,
        "min": lowest,
        "max": highest,
        "rms": rms,
        "peak": peak,
        "peak_to_peak": peak_to_peak,
        "crest_factor": crest_factor,
        "shape_factor": shape_factor,
        "impulse_factor": impulse_factor,
        "clearance_factor": clearance_factor,
        "skewness": skewness,
        "kurtosis": kurtosis,
        "excess_kurtosis": excess_kurtosis,
        "zero_crossing_rate": zero_crossing_rate,
        "median": median,
        "percentile": percentile,
        "slope": slope,
        "line_length": line_length,
    }
)
"""Of the names in `terms.ANY`. Each takes seconds and values, of which there are some, and the parameters."""


def features_of(
    terms: Sequence[Term], seconds: Floats, values: Floats, formulas: Mapping[str, Formula] = FORMULAS
) -> list[float]:
    """The terms of finite `values` at `seconds` (from anywhere), scaled; NaN throughout when there is no value.

    Overflow gives infinities or NaN, silently.
    """
    if not len(values):
        return [NAN] * len(terms)
    with np.errstate(all="ignore"):
        return [formulas[name](seconds, values, *parameters) * scale for name, parameters, scale in terms]
