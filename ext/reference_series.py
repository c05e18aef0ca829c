"""The features of values at times that need not be even, by their plain formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType

import numpy as np

from gatewayd_ext.reference_features import FORMULAS, Floats, Formula, features_of, quotient
from gatewayd_ext.terms import Term


def ewma(_: float, seconds: Floats, values: Floats, tau: float) -> float:
    """The mean weighted by exp(-age / tau), ages counted from the last value."""
    weights = np.exp((seconds - seconds[-1]) / tau)
    return float(values[-1] + np.sum(weights * (values - values[-1])) / np.sum(weights))


def rate_of_change(_: float, seconds: Floats, values: Floats) -> float:
    """Units per second from the first value to the last; NaN when they have the same time."""
    return quotient(values[-1] - values[0], seconds[-1] - seconds[0])


def time_since_change(now: float, seconds: Floats, values: Floats) -> float:
    """Seconds since the last run of equal values began: since the first value when all are equal."""
    others = np.flatnonzero(values != values[-1])
    return float(now - seconds[others[-1] + 1 if len(others) else 0])


def count_above(_: float, __: Floats, values: Floats, level: float) -> float:
    """The number of values above the level."""
    return float(np.count_nonzero(values > level))


def time_above(now: float, seconds: Floats, values: Floats, level: float) -> float:
    """Seconds above the level; each value lasts until the next one, the last until now."""
    return float(np.diff(seconds, append=now)[values > level].sum())


TIMED_FORMULAS: Mapping[str, Formula] = MappingProxyType(
    {
        "ewma": ewma,
        "rate_of_change": rate_of_change,
        "time_since_change": time_since_change,
        "count_above": count_above,
        "time_above": time_above,
    }
)
"""Of the names in `terms.TIMED`. Each takes now, seconds and values, of which there are some, and the parameters."""


def series_features_of(terms: Sequence[Term], seconds: Floats, values: Floats, now: float) -> list[float]:
    """The terms, of ANY and TIMED, as `features_of` gives them, at `now` on the scale of the seconds."""
    timed = {name: partial(formula, now) for name, formula in TIMED_FORMULAS.items()}
    return features_of(terms, seconds, values, {**FORMULAS, **timed})
