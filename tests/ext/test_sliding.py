"""A Sliding is a Window whose features are kept up to date: the same to the caller, whatever comes in."""

import math
from fractions import Fraction

import numpy as np
import pytest
from effort import campaign
from histories import histories
from hypothesis import given
from hypothesis import strategies as st

from gatewayd_ext import reference, sliding
from gatewayd_ext.terms import SLIDING, Term, named

SECOND = 1_000_000_000
GOOD, BAD, ABSENT = 0, 2, 255
TERMS = named(*SLIDING)
TOLERANCE = 1e-11


def computed(kernel, columns, time, terms=TERMS):
    out, counts = np.full((columns, len(terms)), 77.0), np.full(columns, -7, dtype=np.int64)
    kernel.compute(time, out, counts)
    return out, counts


def assert_alike(one, other, columns, time):
    """Two windows look the same at this time."""
    (found, counted), (expected, expected_counts) = (computed(kernel, columns, time) for kernel in (one, other))
    np.testing.assert_array_equal(counted, expected_counts)
    sizes = np.ones((columns, 1))
    for row in range(columns):
        seconds, values = other.contents(time, row)
        found_seconds, found_values = one.contents(time, row)
        assert np.array_equal(found_seconds, seconds)
        assert np.array_equal(found_values, values)
        sizes[row] = np.abs(values).max(initial=0.0) or 1.0
    np.testing.assert_allclose(found / sizes, expected / sizes, rtol=TOLERANCE, atol=TOLERANCE)


@given(
    data=st.data(),
    columns=st.lists(st.integers(0, 3), min_size=1, max_size=5),
    span=st.sampled_from([0, 1, 10**9, 10**10, 10**14]),
    capacity=st.integers(1, 12),
    ahead=st.sampled_from([0, 0, 0, 10**9, -(10**9), 10**11]),
)
def test_it_gives_at_every_poll_what_a_window_gives(data, columns, span, capacity, ahead):
    one, other = (kind.Sliding(np.array(columns), span, capacity, TERMS) for kind in (sliding, reference))
    for time, values, qualities in data.draw(histories(4, longest=40)):
        for kernel in (one, other):
            kernel.push(time, values, qualities)
        assert_alike(one, other, len(columns), time + ahead)


def usual(rng, polls, channels, trouble):
    """Polls about a second apart, of which the part `trouble` fails, and again that part of the values."""
    times = np.cumsum(rng.uniform(0.9, 1.1, polls) * SECOND).astype(np.int64)
    qualities = rng.choice([GOOD, BAD, ABSENT], (polls, channels), p=[1 - trouble, trouble / 2, trouble / 2])
    qualities[rng.random(polls) < trouble] = BAD
    return zip(times.tolist(), rng.normal(20.0, 1.0, (polls, channels)), qualities.astype(np.uint8), strict=True)


@pytest.mark.parametrize("trouble", [0.0, 0.1])
@pytest.mark.parametrize(("span", "capacity"), [(0, 1), (0, 7), (0, 60), (20, 24), (20, 8), (7, 20_000), (0, 150_000)])
@pytest.mark.parametrize("channels", [1, 5, *campaign(8)])
def test_it_is_a_window_over_a_long_usual_history(channels, span, capacity, trouble):
    columns = np.arange(channels)
    one, other = (kind.Sliding(columns, span * SECOND, capacity, TERMS) for kind in (sliding, reference))
    for poll, (time, values, qualities) in enumerate(usual(np.random.default_rng(1), 130, channels, trouble)):
        for kernel in (one, other):
            kernel.push(time, values, qualities)
        if poll % 7 < 3:
            computed(one, channels, time)
        if poll % 23 < 3:
            assert_alike(one, other, channels, time)


@pytest.mark.parametrize("hop", [8, 9, 25, 100])
@pytest.mark.parametrize("span", [0, 60])
def test_one_that_is_seldom_asked_is_a_window_too(hop, span):
    one, other = (kind.Sliding(np.arange(5), span * SECOND, 70, TERMS) for kind in (sliding, reference))
    for poll, (time, values, qualities) in enumerate(usual(np.random.default_rng(2), 500, 5, 0.001)):
        for kernel in (one, other):
            kernel.push(time, values, qualities)
        if poll % hop == 0:
            assert_alike(one, other, 5, time)


@pytest.mark.parametrize("quality", [BAD, ABSENT])
@pytest.mark.parametrize("span", [0, 10])
def test_polls_without_any_value_are_borne(kernels, span, quality):
    kernel = kernels.Sliding(np.arange(2), span * SECOND, 5, named("max"))
    for poll in range(20):
        fails = poll % 4 == 1
        qualities = np.full(2, quality if fails else GOOD, dtype=np.uint8)
        kernel.push(poll * SECOND, np.full(2, math.nan if fails else -float(poll)), qualities)
    out, counts = computed(kernel, 2, 19 * SECOND, named("max"))
    held, oldest = (4, -15.0) if span == 0 and quality == BAD else (5, -14.0)
    assert (out.tolist(), counts.tolist()) == ([[oldest]] * 2, [held] * 2)


def test_columns_that_do_not_follow_one_another_are_chosen_from_the_group(kernels):
    kernel = kernels.Sliding(np.array([2, 0, 2]), 0, 4, named("mean", "max"))
    for n in range(3):
        kernel.push(n, np.array([n, 100.0, -n]), np.array([GOOD, BAD, GOOD if n else BAD], dtype=np.uint8))
    out, counts = computed(kernel, 3, 3, named("mean", "max"))
    assert out.tolist() == [[-1.5, -1.0], [1.0, 2.0], [-1.5, -1.0]]
    assert counts.tolist() == [2, 3, 2]


@pytest.mark.parametrize("names", [("max",), ("std", "std", "mean"), ("crest_factor", "rms", "peak", "peak_to_peak")])
@pytest.mark.parametrize("columns", [1, 2, 3])
def test_features_come_in_the_order_asked_for_and_scaled(kernels, names, columns):
    terms = tuple(Term(name, (), 3.0) for name in names)
    kernel = kernels.Sliding(np.arange(columns), 0, 2, terms)
    for value in (-8.0, 1.0, -3.0):
        kernel.push(0, np.full(columns, value), np.zeros(columns, dtype=np.uint8))
    rms = math.sqrt(5.0)
    row = {"max": 1, "mean": -1, "std": 2, "rms": rms, "peak": 3, "peak_to_peak": 4, "crest_factor": 3 / rms}
    np.testing.assert_allclose(computed(kernel, columns, 0, terms)[0], [[3.0 * row[name] for name in names]] * columns)


@pytest.mark.parametrize("value", [0.1, 1_000_000.1, -3.0, 1e9 + 0.3, 0.0])
def test_a_constant_has_no_spread(kernels, value):
    kernel = kernels.Sliding(np.array([0]), 0, 23, TERMS)
    for poll in range(100):
        kernel.push(poll, np.array([value]), np.zeros(1, dtype=np.uint8))
        found = dict(zip(SLIDING, computed(kernel, 1, 0)[0][0], strict=True))
        assert (found["mean"], found["std"], found["min"], found["max"]) == (value, 0.0, value, value)
    assert math.isnan(found["crest_factor"]) if value == 0 else found["crest_factor"] == pytest.approx(1.0)


def test_what_underflows_has_no_crest(kernels):
    kernel = kernels.Sliding(np.array([0]), 0, 3, named("rms", "crest_factor"))
    kernel.push(0, np.array([1e-200]), np.zeros(1, dtype=np.uint8))
    assert computed(kernel, 1, 0, named("rms", "crest_factor"))[0].tolist() == [
        [0.0, pytest.approx(math.nan, nan_ok=True)]
    ]


def exactly(values):
    """Mean and standard deviation by rational numbers."""
    numbers = [Fraction(value) for value in values]
    mean = sum(numbers) / len(numbers)
    return float(mean), math.sqrt(sum((number - mean) ** 2 for number in numbers) / len(numbers))


@pytest.mark.parametrize("offset", [0.0, 9.81, 1e3, 1e6, -1e9])
@pytest.mark.parametrize("deviation", [1e-3, 1e-1, 1e3])
def test_spread_is_exact_however_far_from_0(offset, deviation):
    values = offset + np.random.default_rng(3).normal(0.0, deviation, 200)
    kernel = sliding.Sliding(np.array([0]), 0, 60, named("mean", "std"))
    for poll, value in enumerate(values):
        kernel.push(poll, np.array([value]), np.zeros(1, dtype=np.uint8))
        if poll % 10 == 5:
            mean, std = exactly(values[max(0, poll - 59) : poll + 1])
            found = computed(kernel, 1, 0, named("mean", "std"))[0][0]
            assert found[0] == pytest.approx(mean, rel=1e-15, abs=1e-15 * deviation)
            assert found[1] == pytest.approx(std, rel=1e-14)


@pytest.mark.parametrize("span", [0, 60])
@pytest.mark.parametrize("spikes", [[100], [100, 101], [99, 130, 163]])
def test_a_spike_is_right_while_it_is_there_and_leaves_no_trace(span, spikes):
    values = np.random.default_rng(6).normal(size=240)
    values[spikes] = 1e9
    kernel = sliding.Sliding(np.array([0]), span * SECOND, 60 + span // 8, named("mean", "std", "max"))
    for poll, value in enumerate(values):
        kernel.push(poll * SECOND, np.array([value]), np.zeros(1, dtype=np.uint8))
        if poll % 3:
            continue
        found = computed(kernel, 1, poll * SECOND, named("mean", "std", "max"))[0][0]
        window = values[max(0, poll - 59) : poll + 1]
        mean, std = exactly(window)
        assert found[0] == pytest.approx(mean, rel=1e-12, abs=1e-12)
        assert found[1] == pytest.approx(std, rel=1e-12, abs=1e-12)
        assert found[2] == window.max()


@pytest.mark.parametrize("pushes", [20_000, pytest.param(10_000_000, marks=pytest.mark.campaign)])
def test_nothing_drifts(pushes):
    rng = np.random.default_rng(8)
    kernel = sliding.Sliding(np.arange(3), 0, 61, named("mean", "std"))
    good = np.zeros(3, dtype=np.uint8)
    values = np.empty((0, 3))
    for block in range(pushes // 1000):
        values = rng.normal([0.0, 1e9, 1e-3], [10.0 ** (block % 9), 1e-3, 1.0], (1000, 3))
        for row in values:
            kernel.push(0, row, good)
        computed(kernel, 3, 0, named("mean", "std"))
    for column in range(3):
        mean, std = exactly(values[-61:, column])
        found = computed(kernel, 3, 0, named("mean", "std"))[0][column]
        assert found[0] == pytest.approx(mean, rel=1e-13, abs=1e-14)
        assert found[1] == pytest.approx(std, rel=1e-14)


def test_a_term_that_it_does_not_keep_up_to_date_is_refused(kernels):
    with pytest.raises(ValueError, match="there is no feature 'kurtosis'; expected one of mean, std, min, max, rms"):
        kernels.Sliding(np.array([0]), 0, 3, named("mean", "kurtosis"))


@pytest.mark.parametrize(
    ("time", "values", "qualities", "error"),
    [
        (0, np.zeros(2), np.zeros(2, np.uint8), ValueError),  # it needs a third column
        (0, np.zeros(3), np.zeros(4, np.uint8), ValueError),
        (0, np.zeros(6)[::2], np.zeros(3, np.uint8), ValueError),
        (0, np.zeros(3, np.int64), np.zeros(3, np.uint8), TypeError),
        (0, np.zeros(3), None, TypeError),
        (2**62, np.zeros(3), np.zeros(3, np.uint8), ValueError),
        (0.5, np.zeros(3), np.zeros(3, np.uint8), TypeError),
    ],
)
def test_a_poll_that_does_not_fit_is_refused_and_leaves_no_trace(kernels, time, values, qualities, error):
    kernel = kernels.Sliding(np.array([2]), 0, 4, named("mean"))
    state = kernel.state()
    with pytest.raises(error):
        kernel.push(time, values, qualities)
    assert kernel.state() == state


@pytest.mark.parametrize(
    ("out", "counts", "error"),
    [
        (np.zeros((1, 1)), np.zeros(1, np.int64), ValueError),
        (np.zeros((1, 2)), np.zeros(2, np.int64), ValueError),
        (np.zeros((1, 2)), np.zeros(1, np.int32), TypeError),
        (np.zeros((1, 2), np.float32), np.zeros(1, np.int64), TypeError),
        (np.frombuffer(bytes(16)).reshape(1, 2), np.zeros(1, np.int64), ValueError),
    ],
)
def test_results_that_do_not_fit_are_refused(kernels, out, counts, error):
    kernel = kernels.Sliding(np.array([0]), 0, 4, named("mean", "std"))
    with pytest.raises(error, match=r"(out|counts) must be a contiguous"):
        kernel.compute(0, out, counts)


@pytest.mark.parametrize(("row", "error"), [(1, ValueError), (-1, ValueError), (0.0, TypeError)])
def test_a_row_that_there_is_not_is_refused(kernels, row, error):
    with pytest.raises(error):
        kernels.Sliding(np.array([0]), 0, 4, named("mean")).contents(0, row)
