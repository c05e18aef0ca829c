import math

import numpy as np
import pytest
from scipy import stats

from gatewayd_ext.checks import FEATURES


def described(kernels, values, rate=1000.0, features=FEATURES):
    out = np.full(len(features), 77.0)
    kernels.burst_features(np.asarray(values, dtype=np.float64), rate, features, out)
    return dict(zip(features, out.tolist(), strict=True))


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 7, 64, 1023])
def test_the_features_are_those_of_numpy_and_scipy(kernels, n):
    x, rate = np.random.default_rng(n).normal(0.3, 2.0, n), 6400.0
    rms = np.sqrt(np.mean(x**2))
    assert described(kernels, x, rate) == pytest.approx(
        {
            "mean": x.mean(),
            "std": x.std(),
            "min": x.min(),
            "max": x.max(),
            "rms": rms,
            "peak_to_peak": np.ptp(x),
            "crest_factor": np.abs(x).max() / rms,
            "kurtosis": stats.kurtosis(x, fisher=False),
            "slope": stats.linregress(np.arange(n) / rate, x).slope,
        },
        rel=1e-11,
    )


def test_a_sine_has_the_features_of_the_textbook(kernels):
    found = described(kernels, 3.0 * np.sin(2 * np.pi * np.arange(1000) / 100))
    assert found["rms"] == pytest.approx(3.0 / math.sqrt(2))
    assert found["crest_factor"] == pytest.approx(math.sqrt(2))
    assert found["kurtosis"] == pytest.approx(1.5)


def test_the_slope_is_per_second(kernels):
    assert described(kernels, np.arange(50.0), rate=10.0)["slope"] == pytest.approx(10.0, rel=1e-14)


@pytest.mark.parametrize("place", [0, 1, 4, 8, 9])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_burst_with_a_hole_has_no_features(kernels, place, value):
    values = np.arange(10.0)
    values[place] = value
    assert all(map(math.isnan, described(kernels, values).values()))


def test_an_empty_burst_has_no_features(kernels):
    assert all(map(math.isnan, described(kernels, []).values()))


def test_a_burst_of_one_value_has_no_slope(kernels):
    found = described(kernels, [4.0])
    assert math.isnan(found["slope"])
    assert math.isnan(found["kurtosis"])
    assert (found["mean"], found["std"]) == (4.0, 0.0)


def test_features_come_in_the_order_asked_for(kernels):
    assert list(described(kernels, [1.0, 3.0], features=("max", "mean")).values()) == [3.0, 2.0]


@pytest.mark.parametrize("rate", [0.0, -1.0, math.nan, math.inf])
def test_an_impossible_rate_is_refused(kernels, rate):
    with pytest.raises(ValueError, match="rate must be a finite number of Hz above 0"):
        described(kernels, [1.0], rate=rate)


def test_an_unknown_feature_is_refused(kernels):
    with pytest.raises(ValueError, match="there is no feature 'mode'"):
        described(kernels, [1.0], features=("mode",))


@pytest.mark.parametrize(
    ("values", "out", "error"),
    [
        (np.zeros((2, 2)), np.zeros(1), ValueError),
        (np.zeros(8)[::2], np.zeros(1), ValueError),
        (np.zeros(2, np.int16), np.zeros(1), TypeError),
        ([1.0], np.zeros(1), TypeError),
        (np.zeros(2), np.zeros(2), ValueError),
        (np.zeros(2), np.zeros((1, 1)), ValueError),
        (np.zeros(2), np.frombuffer(bytes(8)), ValueError),
        (np.zeros(2), np.zeros(1, np.float32), TypeError),
    ],
)
def test_what_does_not_fit_is_refused(kernels, values, out, error):
    with pytest.raises(error, match=r"(values|out) must be a contiguous float64 array"):
        kernels.burst_features(values, 1.0, ("mean",), out)
