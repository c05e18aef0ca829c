"""The kernel gives what its NumPy twin gives for any values, however awkward."""

import numpy as np
import pytest
from awkward_windows import AWKWARD, spiked
from hypothesis import given
from hypothesis import strategies as st

from gatewayd_ext import burst, reference_burst
from gatewayd_ext.terms import ANY, Term

TERMS = (
    *(Term(name) for name, count in ANY.items() if not count),
    *(Term("percentile", (percent,)) for percent in (0.0, 0.1, 5.0, 95.0, 95.0, 100.0)),
)
RATE = 6400.0


KINDS = AWKWARD | {
    "spike": spiked(1e9),
    "none": lambda _, n: np.zeros(n),
    "constant": lambda _, n: np.full(n, 0.1),
    "large constant": lambda _, n: np.full(n, 1e6 + 0.1),
    "signed zeros": lambda rng, n: rng.choice([0.0, -0.0, 1.0, -1.0], n),
    "far from 0": lambda rng, n: 1e3 + 1e-2 * rng.integers(0, 100, n),
    "sine": lambda rng, n: np.sin(np.arange(n) * rng.uniform(0.001, 3)),
    "decades": lambda rng, n: 10.0 ** rng.uniform(-35, 35, n),
}
SIZES = st.integers(1, 80) | st.sampled_from([*range(504, 532), 1024, 1031, 3000])


WINDOWS = st.tuples(st.sampled_from(sorted(KINDS)), SIZES, st.integers(0, 2**32))


def window(name, n, seed):
    return KINDS[name](np.random.default_rng(seed), n)


def both(values):
    found, expected = np.empty(len(TERMS)), np.empty(len(TERMS))
    burst.Burst(len(values), TERMS).compute(values, RATE, found)
    reference_burst.Burst(len(values), TERMS).compute(values, RATE, expected)
    return found, expected


def assert_near(values, tolerance):
    """Equal but for rounding, which grows with the size of what cancels in a feature."""
    found, expected = both(values)
    wide = values.astype(np.float64)
    spread = np.ptp(wide)
    sizes = {
        "mean": spread,
        "std": 1e-9 * spread,
        "slope": spread * RATE,
        "skewness": 1.0,
        "excess_kurtosis": 1.0 + abs(expected[[term.name for term in TERMS].index("kurtosis")]),
    }
    for term, a, b in zip(TERMS, found, expected, strict=True):
        room = tolerance * sizes.get(term.name, 0.0)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=room, err_msg=str(term))


@given(made=WINDOWS)
def test_in_double_precision(made):
    assert_near(window(*made).astype(np.float64), 1e-11)


@given(made=WINDOWS)
def test_in_single_precision_as_if_in_double(made):
    assert_near(window(*made).astype(np.float32), 2e-5)


@given(made=WINDOWS, dtype=st.sampled_from([np.float64, np.float32]))
def test_ranks_are_exact(made, dtype):
    values = window(*made).astype(dtype)
    ranks = np.unique(np.linspace(0, len(values) - 1, 40).astype(int))
    percents = ranks / max(1, len(values) - 1) * 100
    terms = tuple(Term("percentile", (float(percent),)) for percent in percents)
    found = np.empty(len(terms))
    burst.Burst(len(values), terms).compute(values, RATE, found)
    expected = np.percentile(values.astype(np.float64), percents)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13 * float(np.abs(values).max()))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("n", [25, 64, 1000])
def test_ranks_are_exact_over_the_whole_range_of_numbers(n, dtype):
    """Where no splitting by value makes progress: each value is twice the one before, or the range overflows."""
    limits = np.finfo(dtype)
    doubling = np.ldexp(1.0, np.linspace(limits.minexp, limits.maxexp - 1, n).astype(int)).astype(dtype)
    for values in (doubling, np.concatenate([-doubling, doubling]), doubling * limits.eps * limits.smallest_subnormal):
        shuffled = np.random.default_rng(n).permutation(values)
        out = np.empty(3)
        terms = tuple(Term("percentile", (percent,)) for percent in (0.0, 50.0, 100.0))
        burst.Burst(len(values), terms).compute(shuffled, RATE, out)
        middle = np.sort(values)[(len(values) - 1) // 2 : len(values) // 2 + 1].astype(np.float64)
        assert out.tolist() == [values.min(), middle[0] + (middle[-1] - middle[0]) * 0.5, values.max()]


@given(
    place=st.integers(0, 40),
    n=st.integers(1, 41),
    hole=st.sampled_from([np.nan, np.inf, -np.inf]),
    dtype=st.sampled_from([np.float64, np.float32]),
    name=st.sampled_from(sorted(ANY)),
)
def test_whatever_is_asked_for_a_hole_is_seen(place, n, hole, dtype, name):
    values = np.arange(n, dtype=dtype)
    values[place % n] = hole
    out = np.zeros(1)
    burst.Burst(n, (Term(name, (50.0,) * ANY[name]),)).compute(values, RATE, out)
    assert np.isnan(out[0])


@given(made=WINDOWS, chosen=st.sets(st.integers(0, len(TERMS) - 1), min_size=1))
def test_a_feature_does_not_depend_on_what_else_is_asked_for(made, chosen):
    values = window(*made).astype(np.float64)
    every, some = np.empty(len(TERMS)), np.empty(len(chosen))
    burst.Burst(len(values), TERMS).compute(values, RATE, every)
    burst.Burst(len(values), tuple(TERMS[i] for i in sorted(chosen))).compute(values, RATE, some)
    np.testing.assert_array_equal(some, every[sorted(chosen)])
