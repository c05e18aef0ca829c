import math

import numpy as np
import pytest
import scipy

from gatewayd_ext.terms import ANY, Term, named

SECOND = 1_000_000_000
GOOD, UNCERTAIN, BAD, ABSENT = 0, 1, 2, 255


MOMENTS = ("mean", "std", "min", "max", "rms", "peak_to_peak", "crest_factor", "kurtosis", "slope")


class Filled:
    """A window of one column with polls given as (second, value) or (second, value, quality)."""

    def __init__(self, kernels, *, span=0, capacity=100, features=MOMENTS, terms=()):
        self.terms = terms or named(*features)
        self.kernel = kernels.Window(np.array([0]), int(span * SECOND), capacity, self.terms)

    def push(self, *polls):
        for second, value, *quality in polls:
            qualities = np.array(quality or [GOOD], dtype=np.uint8)
            self.kernel.push(round(second * SECOND), np.array([value], dtype=np.float64), qualities)
        return self

    def at(self, second):
        out, counts = np.full((1, len(self.terms)), 77.0), np.full(1, -7, dtype=np.int64)
        self.kernel.compute(round(second * SECOND), out, counts)
        return dict(zip([term.name for term in self.terms], out[0].tolist(), strict=True)) | {"count": int(counts[0])}

    def value(self, second):
        """The one feature."""
        (term,) = self.terms
        return self.at(second)[term.name]


def series(values, interval=0.1):
    return [(n * interval, value) for n, value in enumerate(values)]


def formulas(seconds, x):
    """The features by NumPy and SciPy."""
    rms = np.sqrt(np.mean(np.square(x)))
    return {
        "mean": np.mean(x),
        "std": np.std(x),
        "min": np.min(x),
        "max": np.max(x),
        "rms": rms,
        "peak_to_peak": np.ptp(x),
        "crest_factor": np.max(np.abs(x)) / rms,
        "kurtosis": scipy.stats.kurtosis(x, fisher=False, bias=True),
        "slope": scipy.stats.linregress(seconds, x).slope,
        "count": len(x),
    }


def shapes(seconds, x):
    """The rest of the features that do not look at the times, by NumPy and SciPy."""
    rms, size = np.sqrt(np.mean(np.square(x))), np.abs(x)
    return {
        "peak": size.max(),
        "shape_factor": rms / size.mean(),
        "impulse_factor": size.max() / size.mean(),
        "clearance_factor": size.max() / np.sqrt(size).mean() ** 2,
        "skewness": scipy.stats.skew(x),
        "excess_kurtosis": scipy.stats.kurtosis(x),
        "zero_crossing_rate": np.count_nonzero(np.diff(np.signbit(x))) / (len(x) - 1),
        "median": np.median(x),
        "line_length": np.abs(np.diff(x)).sum(),
        "count": len(x),
    }


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 7, 8, 9, 63, 64, 65, 257])
def test_the_other_features_are_those_of_numpy_and_scipy(kernels, n):
    rng = np.random.default_rng(n)
    x, seconds = rng.gamma(2.0, 3.0, n) - 4.0, np.arange(n)
    expected = shapes(seconds, x)
    window = Filled(kernels, capacity=n, features=[name for name in expected if name != "count"])
    found = window.push(*zip(seconds, x, strict=True)).at(n)
    assert found == pytest.approx(expected, rel=1e-11, abs=1e-13)


def test_the_formulas_above_are_all_there_are():
    tested = {*MOMENTS, *shapes(np.arange(2), np.arange(2.0))} - {"count"} | {"percentile"}
    assert tested == ANY.keys()


@pytest.mark.parametrize("n", [1, 2, 3, 8, 100])
@pytest.mark.parametrize("percent", [0.0, 0.1, 5.0, 33.3, 50.0, 95.0, 100.0])
def test_percentiles_are_those_of_numpy(kernels, n, percent):
    x = np.random.default_rng(n).normal(size=n)
    window = Filled(kernels, capacity=n, terms=(Term("percentile", (percent,)),)).push(*series(x))
    assert window.value(0) == pytest.approx(np.percentile(x, percent), rel=1e-13)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 7, 8, 9, 63, 64, 65, 257])
def test_the_features_are_those_of_numpy_and_scipy(kernels, n):
    rng = np.random.default_rng(n)
    x, seconds = rng.gamma(2.0, 3.0, n) - 4.0, np.cumsum(rng.uniform(0.01, 0.2, n)).round(6)
    found = Filled(kernels, capacity=n).push(*zip(seconds, x, strict=True)).at(seconds[-1])
    assert found == pytest.approx(formulas(seconds, x), rel=1e-12)


def test_a_window_by_time_takes_what_is_younger_than_its_span(kernels):
    window = Filled(kernels, span=2, features=["min", "max"]).push((1, 1.0), (2, 2.0), (3, 3.0), (4, 4.0))
    assert window.at(3) == {"min": 2.0, "max": 3.0, "count": 2}
    assert window.at(4) == {"min": 3.0, "max": 4.0, "count": 2}
    assert window.at(5.5) == {"min": 4.0, "max": 4.0, "count": 1}


def test_a_window_by_number_takes_the_last_values_however_old(kernels):
    window = Filled(kernels, capacity=2, features=["min", "max"]).push((1, 1.0), (2, 2.0), (3, 3.0))
    assert window.at(99999) == {"min": 2.0, "max": 3.0, "count": 2}


def test_in_a_full_window_the_oldest_value_gives_way(kernels):
    window = Filled(kernels, span=100, capacity=3, features=["min"])
    window.push(*series([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert window.at(1) == {"min": 3.0, "count": 3}


@pytest.mark.parametrize("span", [0, 10])
@pytest.mark.parametrize("bad", [(math.nan, GOOD), (math.inf, UNCERTAIN), (-math.inf, GOOD), (9.0, BAD), (9.0, 3)])
def test_only_good_and_uncertain_finite_values_enter(kernels, span, bad):
    window = Filled(kernels, span=span).push((1, 1.0), (2, *bad), (3, 2.0, UNCERTAIN), (4, 9.0, ABSENT))
    found = window.at(4)
    assert found == pytest.approx(formulas([1, 3], [1.0, 2.0]), rel=1e-12)


def test_bad_values_push_old_ones_out_of_a_window_by_number(kernels):
    window = Filled(kernels, capacity=3, features=["mean"]).push((1, 1.0), (2, 2.0), (3, 0.0, BAD))
    assert window.at(3) == {"mean": 1.5, "count": 2}
    window.push((4, math.nan), (5, 0.0, BAD))
    assert window.at(5) == {"mean": pytest.approx(math.nan, nan_ok=True), "count": 0}


def test_bad_values_push_nothing_out_of_a_window_by_time(kernels):
    window = Filled(kernels, span=100, capacity=2, features=["mean"]).push((1, 1.0), (2, 2.0), (3, 0, BAD), (4, 0, BAD))
    assert window.at(4) == {"mean": 1.5, "count": 2}


def test_absent_values_push_nothing_out(kernels):
    window = Filled(kernels, capacity=2, features=["mean"]).push((1, 1.0), (2, 2.0), (3, 0, ABSENT), (4, 0, ABSENT))
    assert window.at(4) == {"mean": 1.5, "count": 2}


def test_a_window_without_a_value_gives_nan_and_counts_none(kernels):
    found = Filled(kernels, span=1).push((1, 1.0)).at(5)
    assert found.pop("count") == 0
    assert all(map(math.isnan, found.values()))


@pytest.mark.parametrize("value", [0.1, 1_000_000.1, -3.0, 1e9 + 0.3])
def test_a_constant_has_no_spread(kernels, value):
    found = Filled(kernels).push(*series([value] * 37)).at(9)
    assert (found["std"], found["peak_to_peak"], found["slope"]) == (0.0, 0.0, 0.0)
    assert math.isnan(found["kurtosis"])
    assert (found["mean"], found["min"], found["max"]) == (value, value, value)
    assert found["crest_factor"] == pytest.approx(1.0, rel=1e-15)


def test_the_crest_factor_of_zeros_is_nan(kernels):
    found = Filled(kernels).push(*series([0.0] * 5)).at(9)
    assert math.isnan(found["crest_factor"])
    assert found["rms"] == 0.0


def test_a_single_value_has_no_slope(kernels):
    found = Filled(kernels).push((1, 5.0)).at(1)
    assert math.isnan(found["slope"])
    assert found["std"] == 0.0


def test_several_values_of_one_time_have_no_slope(kernels):
    assert math.isnan(Filled(kernels, features=["slope"]).push(*[(0.7, n / 3) for n in range(7)]).at(1)["slope"])


def test_the_slope_is_taken_over_the_real_times(kernels):
    found = Filled(kernels, features=["slope"]).push((0, 0.0), (1, 2.0), (7, 14.0), (7.5, 15.0)).at(9)
    assert found["slope"] == pytest.approx(2.0, rel=1e-14)


def test_the_slope_is_right_late_in_a_long_boot(kernels):
    start = 100 * 365 * 86400
    found = Filled(kernels, span=10, features=["slope"]).push(*[(start + n, 3.0 * n) for n in range(5)]).at(start + 5)
    assert found["slope"] == pytest.approx(3.0, rel=1e-14)


def test_times_that_step_back_or_repeat_are_borne(kernels):
    window = Filled(kernels, span=5).push((10, 1.0), (10, 2.0), (4, 7.0), (11, 4.0), (9, 3.0))
    assert window.at(11) == pytest.approx(formulas([10, 10, 11, 9], [1.0, 2.0, 4.0, 3.0]), rel=1e-12)
    assert window.at(5)["count"] == 1


def test_a_small_ripple_on_a_large_offset_is_seen_exactly(kernels):
    ripple = np.random.default_rng(5).integers(-50, 50, 200) / 1024  # representable beside 1e9: the sums are exact
    found = Filled(kernels, capacity=200).push(*series(1e9 + ripple)).at(99)
    expected = formulas(np.arange(200) * 0.1, ripple)
    for feature in ("std", "kurtosis", "peak_to_peak", "slope"):
        assert found[feature] == pytest.approx(expected[feature], rel=1e-12)
    assert found["mean"] == pytest.approx(1e9 + expected["mean"], rel=1e-16)


@pytest.mark.parametrize("span", [0, 6])
def test_a_spike_that_has_left_leaves_no_trace(kernels, span):
    rng = np.random.default_rng(6)
    before, after = rng.normal(size=60), rng.normal(size=60)
    window = Filled(kernels, span=span, capacity=60).push(*series([*before, 1e9, *after]))
    expected = formulas(np.arange(60) * 0.1, after)
    assert window.at(12.0) == pytest.approx(expected, rel=1e-12)


def test_a_spike_in_the_first_place_does_not_spoil_the_rest(kernels):
    x = np.array([1e9, *np.random.default_rng(7).normal(size=30)])
    assert Filled(kernels).push(*series(x)).at(9) == pytest.approx(formulas(np.arange(31) * 0.1, x), rel=1e-9)


def test_a_term_is_multiplied_by_its_scale(kernels):
    terms = (Term("max", (), 2.0), Term("slope", (), -1.0), Term("ewma", (5.0,), 10.0), Term("max"))
    window = Filled(kernels, terms=terms).push((0, 1.0), (1, 3.0))
    out, counts = np.empty((1, 4)), np.empty(1, dtype=np.int64)
    window.kernel.compute(SECOND, out, counts)
    assert out[0] == pytest.approx([6.0, -2.0, 10 * (3 - 2 / (1 + math.exp(1 / 5))), 3.0])


@pytest.mark.parametrize("span", [0, 3])
def test_the_contents_are_what_compute_looks_at(kernels, span):
    window = Filled(kernels, span=span, capacity=4)
    window.push((1, 1.0), (2.5, 2.0), (3, math.nan), (4, 4.0), (4.5, 0.0, ABSENT), (5, 5.0))
    seconds, values = window.kernel.contents(5 * SECOND, 0)
    assert (seconds.dtype, values.dtype) == (np.float64, np.float64)
    assert seconds.tolist() == [0.0, 1.5, 2.5]
    assert values.tolist() == [2.0, 4.0, 5.0]


def test_what_is_done_to_contents_does_not_reach_the_window(kernels):
    window = Filled(kernels, features=["mean"]).push((1, 1.0), (2, 2.0))
    for array in window.kernel.contents(0, 0):
        array[:] = 9.0
    assert window.at(2)["mean"] == 1.5


def test_an_empty_window_has_no_contents(kernels):
    assert [part.tolist() for part in Filled(kernels).kernel.contents(0, 0)] == [[], []]


@pytest.mark.parametrize(("row", "error"), [(1, ValueError), (-1, ValueError), (2**70, ValueError), (0.0, TypeError)])
def test_a_row_that_there_is_not_is_refused(kernels, row, error):
    with pytest.raises(error):
        Filled(kernels).kernel.contents(0, row)


def test_columns_are_chosen_from_the_group(kernels):
    window = kernels.Window(np.array([2, 0, 2]), 0, 4, named("mean", "max"))
    for n in range(3):
        window.push(n, np.array([n, 100.0, -n]), np.array([GOOD, GOOD, GOOD if n else BAD], dtype=np.uint8))
    out, counts = np.empty((3, 2)), np.empty(3, dtype=np.int64)
    window.compute(3, out, counts)
    assert out.tolist() == [[-1.5, -1.0], [1.0, 2.0], [-1.5, -1.0]]
    assert counts.tolist() == [2, 3, 2]


def test_features_come_in_the_order_asked_for(kernels):
    window = Filled(kernels, features=("slope", "mean", "slope")).push((0, 1.0), (1, 3.0))
    out, counts = np.empty((1, 3)), np.empty(1, dtype=np.int64)
    window.kernel.compute(SECOND, out, counts)
    assert out.tolist() == [[2.0, 2.0, 2.0]]


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ((np.array([0, -1]), 0, 1, named("mean")), ValueError, "columns must be one or more positions"),
        ((np.array([], dtype=np.int64), 0, 1, named("mean")), ValueError, "columns must be one or more positions"),
        ((np.array([[0]]), 0, 1, named("mean")), ValueError, "columns must be a contiguous int64 array"),
        ((np.array([0.0]), 0, 1, named("mean")), TypeError, "columns must be a contiguous int64 array"),
        (([0], 0, 1, named("mean")), TypeError, "columns must be a contiguous int64 array, any long, got list"),
        ((np.array([0]), -1, 1, named("mean")), ValueError, "span must be"),
        ((np.array([0]), 2**62, 1, named("mean")), ValueError, "span must be"),
        ((np.array([0]), 1.5, 1, named("mean")), TypeError, "float"),
        ((np.array([0]), 0, 0, named("mean")), ValueError, "capacity must be"),
        ((np.array([0]), 0, 2**63, named("mean")), ValueError, "capacity must be"),
        (
            (np.array([0]), 0, 1, named("mean", "mode")),
            ValueError,
            "there is no feature 'mode'; expected one of mean, std",
        ),
        ((np.array([0]), 0, 1, named("band_rms")), ValueError, "there is no feature 'band_rms'"),
        ((np.array([0]), 0, 1, named("percentile")), ValueError, "percentile takes 1 parameters, got 0"),
        ((np.array([0]), 0, 1, (Term("percentile", (101.0,)),)), ValueError, "percentile takes 0 to 100 %, got 101.0"),
        ((np.array([0]), 0, 1, (Term("ewma", (0.0,)),)), ValueError, "ewma takes a time constant above 0 s"),
        ((np.array([0]), 0, 1, (Term("count_above", (math.nan,)),)), ValueError, "must be finite numbers"),
        ((np.array([0]), 0, 1, (Term("mean", (), math.inf),)), ValueError, "must be finite numbers"),
    ],
)
def test_a_window_that_cannot_be_is_refused(kernels, arguments, error, text):
    with pytest.raises(error, match=text):
        kernels.Window(*arguments)


@pytest.mark.parametrize(
    ("time", "values", "qualities", "error"),
    [
        (0, np.zeros(2), np.zeros(2, np.uint8), ValueError),  # the window needs a third column
        (0, np.zeros(3), np.zeros(4, np.uint8), ValueError),
        (0, np.zeros((3, 1)), np.zeros(3, np.uint8), ValueError),
        (0, np.zeros(6)[::2], np.zeros(3, np.uint8), ValueError),
        (0, np.zeros(3, np.int64), np.zeros(3, np.uint8), TypeError),
        (0, np.zeros(3), np.zeros(3, bool), TypeError),
        (0, None, np.zeros(3, np.uint8), TypeError),
        (2**62, np.zeros(3), np.zeros(3, np.uint8), ValueError),
        (-(2**62), np.zeros(3), np.zeros(3, np.uint8), ValueError),
        (2**200, np.zeros(3), np.zeros(3, np.uint8), ValueError),
        (0.5, np.zeros(3), np.zeros(3, np.uint8), TypeError),
        (None, np.zeros(3), np.zeros(3, np.uint8), TypeError),
    ],
)
def test_a_poll_that_does_not_fit_is_refused_and_leaves_no_trace(kernels, time, values, qualities, error):
    window = kernels.Window(np.array([2]), 0, 4, named("mean"))
    state = window.state()
    with pytest.raises(error):
        window.push(time, values, qualities)
    assert window.state() == state


@pytest.mark.parametrize(
    ("out", "counts", "error"),
    [
        (np.zeros((1, 1)), np.zeros(1, np.int64), ValueError),
        (np.zeros(2), np.zeros(1, np.int64), ValueError),
        (np.zeros((1, 2)), np.zeros(2, np.int64), ValueError),
        (np.zeros((1, 2)), np.zeros(1, np.int32), TypeError),
        (np.zeros((1, 2), np.float32), np.zeros(1, np.int64), TypeError),
        (np.frombuffer(bytes(16)).reshape(1, 2), np.zeros(1, np.int64), ValueError),
    ],
)
def test_results_that_do_not_fit_are_refused(kernels, out, counts, error):
    window = kernels.Window(np.array([0]), 0, 4, named("mean", "std"))
    with pytest.raises(error, match=r"(out|counts) must be a contiguous"):
        window.compute(0, out, counts)
