"""Terms: the features as the kernels take them, and which kernel knows which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from types import MappingProxyType
from typing import NamedTuple


class Term(NamedTuple):
    """One feature of one list: its name, its parameters, and what its value is multiplied by (for its unit)."""

    name: str
    parameters: tuple[float, ...] = ()
    scale: float = 1.0


ANY: Mapping[str, int] = MappingProxyType(
    {
        "mean": 0,
        "std": 0,
        "min": 0,
        "max": 0,
        "rms": 0,
        "peak": 0,
        "peak_to_peak": 0,
        "crest_factor": 0,
        "shape_factor": 0,
        "impulse_factor": 0,
        "clearance_factor": 0,
        "skewness": 0,
        "kurtosis": 0,
        "excess_kurtosis": 0,
        "zero_crossing_rate": 0,
        "median": 0,
        "percentile": 1,
        "slope": 0,
        "line_length": 0,
    }
)
"""Of any values, and how many parameters each has."""

TIMED: Mapping[str, int] = MappingProxyType(
    {"ewma": 1, "rate_of_change": 0, "time_since_change": 0, "count_above": 1, "time_above": 1}
)
"""Of values with times, which `Window` knows besides."""

EVEN: Mapping[str, int] = MappingProxyType(
    {
        "band_power": 2,
        "band_rms": 2,
        "velocity_rms": 2,
        "severity": 5,
        "spectral_centroid": 0,
        "spectral_entropy": 0,
        "dominant_frequency": 0,
        "dominant_bin": 0,
        "dominant_amplitude": 0,
        "peak_frequency": 1,
        "peak_amplitude": 1,
        "line_amplitude": 1,
        "shaft_speed": 0,
        "order_rms": 2,
        "order_amplitude": 1,
        "envelope_rms": 2,
        "envelope_amplitude": 3,
        "envelope_order": 3,
    }
)
"""Of evenly spaced values, which `Burst` knows besides."""

SLIDING: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(("mean", "std", "min", "max", "rms", "peak", "peak_to_peak", "crest_factor"), 0)
)
"""What `Sliding` keeps up to date from poll to poll."""


def check_terms(terms: Sequence[Term], *known: Mapping[str, int]) -> None:
    """Raise ValueError for a term that a kernel does not know, and TypeError for what is no term."""
    counts = {name: count for each in known for name, count in each.items()}
    for term in terms:
        name, parameters, scale = term
        if name not in counts:
            raise ValueError(f"there is no feature {name!r}; expected one of {', '.join(counts)}")
        if len(parameters) != counts[name]:
            raise ValueError(f"{name} takes {counts[name]} parameters, got {len(parameters)}")
        if not all(map(isfinite, parameters)) or not isfinite(scale):
            raise ValueError(f"the parameters and the scale of {name} must be finite numbers, got {term}")
        if name == "percentile" and not 0 <= parameters[0] <= 100:
            raise ValueError(f"percentile takes 0 to 100 %, got {parameters[0]}")
        if name == "ewma" and parameters[0] <= 0:
            raise ValueError(f"ewma takes a time constant above 0 s, got {parameters[0]}")


def named(*names: str) -> tuple[Term, ...]:
    """Terms without parameters."""
    return tuple(map(Term, names))
