"""The kernel gives for any burst what its NumPy twin gives, in double and in single precision."""

from itertools import pairwise

import numpy as np
import pytest
from awkward_windows import AWKWARD, spiked
from hypothesis import given
from hypothesis import strategies as st
from spectra import features, tone

from gatewayd_ext.burst import Burst
from gatewayd_ext.terms import Term

SIZES = st.integers(1, 70) | st.sampled_from([127, 128, 129, 256, 500, 512, 1000, 1024, 2048])
POWERS = st.sampled_from([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048])
SHAFT = 0.021
BANDS = [(0.0, 0.1), (0.05, 0.3), (0.2, 0.5), (0.3, 0.6), (0.125, 0.25)]


BURSTS = AWKWARD | {
    "spike": spiked(1e3),
    "sine": lambda rng, n: tone(n, rng.uniform(0, n / 2), 3.0, rng.uniform(0, 6)) + rng.normal(0.0, 0.01, n),
    "far from 0": lambda rng, n: 1e3 + rng.integers(0, 100, n),
}
MADE = {"name": st.sampled_from(sorted(BURSTS)), "seed": st.integers(0, 2**32)}

TERMS = [
    *(Term(name, band) for band in BANDS for name in ("band_power", "band_rms", "envelope_rms")),
    *(Term("envelope_amplitude", (*band, f)) for band in BANDS for f in (0.0, 0.0123, 0.0625)),
    *(Term("envelope_order", (*band, order)) for band in BANDS for order in (1.0, 3.58)),
    *(Term("line_amplitude", (f,)) for f in (0.0, 0.0033, 0.1, 0.125, 0.4999, 0.5)),
    *(Term("order_amplitude", (order,)) for order in (0.5, 1.0, 7.3, 23.8)),
    *(Term("order_rms", (order, 0.1)) for order in (1.0, 7.3, 23.8)),
    Term("spectral_entropy"),
    Term("shaft_speed"),
]
"""Whose errors are judged against the size of the values: a sum of small parts of large ones has no more digits."""

RATIOS = [Term("spectral_centroid"), Term("velocity_rms", (0.05, 0.3)), Term("velocity_rms", (0.2, 0.5))]
LINES = [Term(f"dominant_{what}") for what in ("frequency", "amplitude", "bin")]


def judge(name, seed, n, tolerance):
    values = BURSTS[name](np.random.default_rng(seed), n)
    values = values.astype(np.float64 if tolerance < 1e-8 else np.float32)
    found, expected = (features(kind, values, 1.0, TERMS, SHAFT) for kind in ("compiled", "twin"))
    spread = values.astype(np.float64).std()
    for term, a, b in zip(TERMS, found, expected, strict=True):
        size = {"band_power": spread**2, "spectral_entropy": 1.0}.get(term.name, spread)
        assert a == pytest.approx(b, rel=tolerance, abs=tolerance * size, nan_ok=True), term
    return values


@given(n=SIZES, **MADE)
def test_in_double_precision(name, seed, n):
    values = judge(name, seed, n, 1e-11)
    found, expected = (features(kind, values, 1.0, RATIOS) for kind in ("compiled", "twin"))
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-11 * values.std(), nan_ok=True)


@given(n=POWERS, **MADE)
def test_in_single_precision_as_if_in_double(name, seed, n):
    judge(name, seed, n, 5e-6)


@given(n=st.integers(32, 300) | st.sampled_from([1024]), seed=st.integers(0, 2**32), height=st.floats(10, 100))
def test_the_lines_of_a_tone_in_noise(n, seed, height):
    rng = np.random.default_rng(seed)
    values = tone(n, rng.uniform(1, n / 2), height) + rng.normal(0.0, 1.0, n)
    terms = LINES + [Term(f"peak_{what}", (k,)) for k in (1, 2, 5, 16) for what in ("frequency", "amplitude")]
    found, expected = (features(kind, values, 1.0, terms) for kind in ("compiled", "twin"))
    assert found == pytest.approx(expected, rel=1e-9, nan_ok=True)


@given(n=st.sampled_from([2, 8, 64, 256]), **MADE)
def test_rows_together_give_what_they_give_alone_to_the_bit(name, seed, n):
    rows = BURSTS[name](np.random.default_rng(seed), 4 * n).reshape(4, n).astype(np.float64)
    terms = tuple(TERMS + RATIOS + LINES)
    out = np.empty((4, len(terms)))
    Burst(n, terms).compute(rows, 1.0, out, SHAFT)
    np.testing.assert_array_equal(out, [features("compiled", row, 1.0, terms, SHAFT) for row in rows])


@pytest.mark.parametrize("n", [2**power for power in range(1, 18)])
def test_the_transform_loses_no_digits_however_long(n):
    values = np.random.default_rng(n).normal(3.0, 2.0, n)
    edges = np.linspace(0.0, 0.5, 33).tolist()
    terms = [Term("band_power", (a, b)) for a, b in pairwise(edges)]
    for dtype, tolerance in ((np.float64, 1e-15), (np.float32, 3e-7)):
        found, expected = (features(kind, values.astype(dtype), 1.0, terms) for kind in ("compiled", "twin"))
        assert found == pytest.approx(expected, rel=2 * tolerance, abs=tolerance * values.var(), nan_ok=True)
