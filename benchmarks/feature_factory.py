"""The 32 features of the shared benchmark, through the public `gatewayd_ext.Burst`.

It prints our rows beside its own:
`PYTHONPATH=benchmarks python ../shared/bench/features/bench_features.py --impl feature_factory:factory --rows numpy`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import DTypeLike, NDArray

from gatewayd_ext import Burst, Term

BANDS = 8
TIME = {
    "mean": "mean",
    "std": "std",
    "rms": "rms",
    "peak": "peak",
    "p2p": "peak_to_peak",
    "crest": "crest_factor",
    "shape": "shape_factor",
    "impulse": "impulse_factor",
    "clearance": "clearance_factor",
    "skew": "skewness",
    "kurt": "excess_kurtosis",
    "zcr": "zero_crossing_rate",
}

Floats = NDArray[np.float64]
Row = tuple[str, Callable[[Floats], Floats], Sequence[str]]


def terms_of(rate: float, band: tuple[float, float], faults: Sequence[float]) -> dict[str, Term]:
    """The features by the benchmark's names, in its order."""
    edges = np.linspace(0.0, rate / 2, BANDS + 1).tolist()
    return (
        {short: Term(name) for short, name in TIME.items()}
        | {f"p{percent}": Term("percentile", (float(percent),)) for percent in (5, 50, 95)}
        | {"slope": Term("slope", scale=1 / rate), "line_length": Term("line_length")}
        | {f"bp{i}": Term("band_power", (edges[i], edges[i + 1])) for i in range(BANDS)}
        | {"centroid": Term("spectral_centroid"), "entropy": Term("spectral_entropy"), "domfreq": Term("dominant_bin")}
        | {f"env{i}": Term("envelope_amplitude", (*band, float(fault))) for i, fault in enumerate(faults)}
    )


def factory(n: int, rate: float, band: tuple[float, float], faults: Sequence[float], _: DTypeLike) -> dict[str, Row]:
    """Rows for bench_features.py: one window in a call, and many."""
    terms = terms_of(rate, band, faults)
    compute = Burst(n, tuple(terms.values())).compute
    one = np.empty(len(terms))

    def single(window: Floats) -> Floats:
        compute(window, rate, one)
        return one

    def batch(windows: Floats) -> Floats:
        out = np.empty((len(windows), len(terms)))
        compute(windows, rate, out)
        return out

    return {"gatewayd": ("one", single, tuple(terms)), "gatewayd 2-D": ("batch", batch, tuple(terms))}
