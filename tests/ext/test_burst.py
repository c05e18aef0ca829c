import math
import threading

import numpy as np
import pytest
import scipy

from gatewayd_ext import burst, reference_burst
from gatewayd_ext.terms import ANY, EVEN, Term, named

EVERY = tuple(Term(name, (30.0,) if count else ()) for name, count in ANY.items())
EVEN_PARAMETERS = {
    1: (1.0,),
    2: (100.0, 300.0),
    3: (100.0, 300.0, 20.0),
    5: (100.0, 300.0, 1.0, 2.0, 3.0),
}
SPECTRAL = tuple(Term(name, EVEN_PARAMETERS.get(count, ())) for name, count in EVEN.items())


@pytest.fixture(params=[burst.Burst, reference_burst.Burst], ids=["compiled", "twin"])
def kind(request):
    return request.param


def described(kind, values, rate=1000.0, terms=EVERY, shaft=math.nan):
    values = np.asarray(values)
    out = np.full((*values.shape[:-1], len(terms)), 77.0)
    kind(values.shape[-1], terms).compute(values, rate, out, shaft)
    return out


def by_name(kind, values, rate=1000.0):
    return dict(zip([term.name for term in EVERY], described(kind, values, rate).tolist(), strict=True))


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 7, 64, 1023])
def test_the_features_are_those_of_numpy_and_scipy(kind, n):
    x, rate = np.random.default_rng(n).normal(0.3, 2.0, n), 6400.0
    rms, peak, size = np.sqrt(np.mean(x**2)), np.abs(x).max(), np.abs(x).mean()
    assert by_name(kind, x, rate) == pytest.approx(
        {
            "mean": x.mean(),
            "std": x.std(),
            "min": x.min(),
            "max": x.max(),
            "rms": rms,
            "peak": peak,
            "peak_to_peak": np.ptp(x),
            "crest_factor": peak / rms,
            "shape_factor": rms / size,
            "impulse_factor": peak / size,
            "clearance_factor": peak / np.mean(np.sqrt(np.abs(x))) ** 2,
            "skewness": scipy.stats.skew(x),
            "kurtosis": scipy.stats.kurtosis(x, fisher=False),
            "excess_kurtosis": scipy.stats.kurtosis(x),
            "zero_crossing_rate": np.mean(np.diff(x < 0)),
            "median": np.median(x),
            "percentile": np.percentile(x, 30),
            "slope": scipy.stats.linregress(np.arange(n) / rate, x).slope,
            "line_length": np.abs(np.diff(x)).sum(),
        },
        rel=1e-11,
        abs=1e-13,
    )


def test_a_sine_has_the_features_of_the_textbook(kind):
    found = by_name(kind, 3.0 * np.sin(2 * np.pi * np.arange(1000) / 100))
    assert found["rms"] == pytest.approx(3.0 / math.sqrt(2))
    assert found["crest_factor"] == pytest.approx(math.sqrt(2))
    assert found["kurtosis"] == pytest.approx(1.5)
    assert found["shape_factor"] == pytest.approx(math.pi / math.sqrt(8), rel=1e-3)


def test_the_slope_is_per_second_whatever_the_rate_was_before(kind):
    ramp, out = np.arange(50.0), np.empty(1)
    made = kind(50, (Term("slope", scale=2.0),))
    for rate in (10.0, 1000.0, 10.0):
        made.compute(ramp, rate, out)
        assert out[0] == pytest.approx(2.0 * rate, rel=1e-14)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("n", [16, 20])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_window_with_a_hole_has_no_features_and_spoils_no_other(kind, value, n, dtype):
    windows = np.random.default_rng(1).normal(0.0, 1.0, (n + 1, n)).astype(dtype)
    windows[np.arange(n), np.arange(n)] = value
    found = described(kind, windows, terms=EVERY + SPECTRAL, shaft=40.0)
    assert np.isnan(found[:n]).all()
    np.testing.assert_array_equal(found[n], described(kind, windows[n], terms=EVERY + SPECTRAL, shaft=40.0))


def test_one_value_has_no_slope_no_shape_and_no_crossings(kind):
    found = by_name(kind, [4.0])
    unknown = {"skewness", "kurtosis", "excess_kurtosis", "slope", "zero_crossing_rate"}
    assert {name for name, value in found.items() if math.isnan(value)} == unknown
    assert (found["mean"], found["std"], found["median"], found["line_length"]) == (4.0, 0.0, 4.0, 0.0)


@pytest.mark.parametrize("level", [0.0, 0.1, 1e6 + 0.1, -1e300])
def test_a_constant_is_one_however_large(kind, level):
    found = by_name(kind, np.full(1000, level))
    assert (found["std"], found["slope"], found["peak_to_peak"]) == (0.0, 0.0, 0.0)
    assert math.isnan(found["kurtosis"])
    assert math.isnan(found["skewness"])
    assert (found["mean"], found["median"], found["percentile"]) == (level, level, level)


def test_minus_zero_is_not_below_zero(kind):
    assert by_name(kind, [-0.0, 0.0, -0.0, 1.0, -0.0, 5e-324])["zero_crossing_rate"] == 0.0
    assert by_name(kind, [-5e-324, 0.0, -0.0, -1.0, -0.0])["zero_crossing_rate"] == 3 / 4


def test_results_come_in_the_order_of_the_terms_and_scaled(kind):
    terms = (
        Term("percentile", (100.0,), 2.0),
        Term("mean", (), -1.0),
        Term("percentile", (0.0,)),
        *named("max", "median"),
    )
    assert described(kind, [1.0, 3.0], terms=terms).tolist() == [6.0, -2.0, 1.0, 3.0, 2.0]


def test_many_percentiles_may_be_asked_for_at_once(kind):
    x = np.random.default_rng(3).normal(0.0, 1.0, 500)
    percents = [*range(100, -1, -1), 50, 50, 12.5]
    terms = tuple(Term("percentile", (float(percent),)) for percent in percents)
    np.testing.assert_allclose(described(kind, x, terms=terms), np.percentile(x, percents), rtol=1e-13)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("n", [7, 64, 100, 1024])
def test_many_windows_give_what_each_gives_alone_to_the_bit(kind, n, dtype):
    windows = np.random.default_rng(n).normal(1.0, 3.0, (5, n)).astype(dtype)
    together = described(kind, windows, terms=EVERY + SPECTRAL, shaft=40.0)
    alone = [described(kind, window, terms=EVERY + SPECTRAL, shaft=40.0) for window in windows]
    np.testing.assert_array_equal(together, alone)


def test_no_windows_give_no_rows(kind):
    assert described(kind, np.empty((0, 8))).shape == (0, len(EVERY))


def test_without_terms_nothing_is_computed(kind):
    assert described(kind, np.ones((2, 8)), terms=()).shape == (2, 0)


@pytest.mark.parametrize("rate", [0.0, -1.0, math.nan, math.inf])
def test_an_impossible_rate_is_refused(kind, rate):
    with pytest.raises(ValueError, match="rate must be a finite number of Hz above 0"):
        described(kind, [1.0], rate=rate)


@pytest.mark.parametrize("n", [0, -1, 2**31])
def test_an_impossible_length_is_refused(kind, n):
    with pytest.raises(ValueError, match="n must be 1 or more"):
        kind(n, ())


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (Term("mode"), "there is no feature 'mode'"),
        (Term("ewma", (1.0,)), "there is no feature 'ewma'"),
        (Term("percentile"), "percentile takes 1 parameters, got 0"),
        (Term("percentile", (math.nan,)), "must be finite numbers"),
        (Term("percentile", (101.0,)), "percentile"),
    ],
)
def test_a_term_that_cannot_be_computed_is_refused(kind, term, text):
    with pytest.raises(ValueError, match=text):
        kind(8, (term,))


def misaligned(n):
    return np.zeros(8 * n + 1, np.uint8)[1:].view(np.float64)


@pytest.mark.parametrize(
    ("values", "out", "error", "name"),
    [
        (np.zeros(8)[::2], np.zeros(1), ValueError, "values"),
        (np.zeros((4, 2)).T, np.zeros((2, 1)), ValueError, "values"),
        (misaligned(4), np.zeros(1), ValueError, "values"),
        (np.zeros(5), np.zeros(1), ValueError, "values"),
        (np.zeros(()), np.zeros(1), ValueError, "values"),
        (np.zeros((1, 1, 4)), np.zeros((1, 1, 1)), ValueError, "values"),
        (np.zeros(4, np.int16), np.zeros(1), TypeError, "values"),
        (np.zeros(4, ">f8"), np.zeros(1), TypeError, "values"),
        ([1.0], np.zeros(1), TypeError, "values"),
        (np.zeros(4), np.zeros(2), ValueError, "out"),
        (np.zeros(4), np.zeros((1, 1)), ValueError, "out"),
        (np.zeros((2, 4)), np.zeros((3, 1)), ValueError, "out"),
        (np.zeros((2, 4)), np.zeros(2), ValueError, "out"),
        (np.zeros(4), misaligned(1), ValueError, "out"),
        (np.zeros(4), np.frombuffer(bytes(8)), ValueError, "out"),
        (np.zeros(4), np.zeros(1, np.float32), TypeError, "out"),
    ],
)
def test_what_does_not_fit_is_refused(kind, values, out, error, name):
    with pytest.raises(error, match=f"{name} must be a contiguous float64 array"):
        kind(4, named("mean")).compute(values, 1.0, out)


def test_a_kernel_that_two_threads_use_at_once_refuses_one_of_them_or_is_right():
    windows = np.random.default_rng(5).normal(0.0, 1.0, (64, 1024))
    made, expected = burst.Burst(1024, EVERY), described(burst.Burst, windows)
    wrong, refusals = [], []

    def compute():
        for _ in range(20):
            out = np.empty_like(expected)
            try:
                made.compute(windows, 1000.0, out)
            except RuntimeError as refused:
                refusals.append(str(refused))
            else:
                wrong.append(not np.array_equal(out, expected, equal_nan=True))

    threads = [threading.Thread(target=compute) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong
    assert not any(wrong)
    assert all("each thread needs its own" in text for text in refusals)
