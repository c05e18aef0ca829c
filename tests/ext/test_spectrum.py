"""The features of the spectrum are what the definitions say, from the kernel and from its twin."""

from itertools import pairwise

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st
from spectra import KINDS, feature, features, tone

from gatewayd_ext.terms import Term

RATE = 6400.0
SIZES = [2, 3, 4, 5, 6, 7, 8, 9, 16, 31, 32, 33, 64, 100, 256, 1000, 1024, 2048]

pytestmark = pytest.mark.parametrize("kind", KINDS)


def noise(n, seed=0):
    return np.random.default_rng(seed).normal(3.0, 2.0, n)


def periodogram(values, rate):
    frequencies, density = scipy.signal.periodogram(values, rate, window="hann", detrend="constant")
    return frequencies, density * rate / len(values)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("band", [(0.0, 0.5), (0.0, 0.1), (0.1, 0.2), (0.2, 0.45), (0.37, 0.6)])
def test_the_power_of_a_band_is_that_of_the_periodogram(kind, n, band):
    values = noise(n)
    low, high = (edge * RATE for edge in band)
    frequencies, power = periodogram(values, RATE)
    inside = (frequencies >= low) & (frequencies < high)
    expected = power[inside].sum() if inside.any() else np.nan
    found = features(kind, values, RATE, [Term("band_power", (low, high)), Term("band_rms", (low, high))])
    assert found == pytest.approx([expected, np.sqrt(expected)], rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("n", SIZES)
def test_all_bands_together_have_the_variance_weighted_by_the_window(kind, n):
    values = noise(n)
    weights = scipy.signal.get_window("hann", n) ** 2
    edges = [0.0, 0.07, 0.2, 0.31, 0.6]
    terms = [Term("band_power", (a * RATE, b * RATE)) for a, b in pairwise(edges)]
    expected = weights @ (values - values.mean()) ** 2 / weights.sum()
    assert np.nansum(features(kind, values, RATE, terms)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("n", [7, 64, 1000, 1024])
@pytest.mark.parametrize("rate", [1.0, 3.0, 0.7, 12000.0, 44100.0, 1e-3])
def test_a_band_begins_with_the_bin_at_its_lower_edge_and_ends_before_that_at_its_upper(kind, n, rate):
    """Wherever the edges are rounded to: no bin is lost between two bands that touch, none is in both."""
    values = noise(n)
    power = periodogram(values, rate)[1]
    places = range(0, len(power), 1 + len(power) // 50)
    terms = [Term("band_power", (k * rate / n, (k + 1) * rate / n)) for k in places]
    expected = [power[k] for k in places]
    assert features(kind, values, rate, terms) == pytest.approx(expected, rel=1e-9, abs=1e-20)


@given(n=st.sampled_from([64, 100, 1024]), data=st.data())
def test_a_lone_tone_has_its_frequency_and_amplitude_wherever_it_is(kind, n, data):
    cycles = data.draw(st.floats(2, n / 2 - 3) | st.integers(2, n // 2 - 3).map(float), label="cycles")
    phase, mean = data.draw(st.floats(0, 6.3), label="phase"), data.draw(st.sampled_from([0.0, 10.0]), label="mean")
    names = ["dominant_frequency", "dominant_amplitude"]
    terms = [Term(name) for name in names] + [Term("peak_frequency", (1,)), Term("peak_amplitude", (1,))]
    found = features(kind, tone(n, cycles, 2.5, phase, mean), float(n), terms)
    assert found == pytest.approx([cycles, 2.5] * 2, rel=1e-9)


@pytest.mark.parametrize("n", [32, 100, 1024])
@pytest.mark.parametrize("cycles", [5.0, 5.5, 9.999999])
def test_a_line_has_the_amplitude_at_exactly_its_frequency(kind, n, cycles):
    values = noise(n)
    window = scipy.signal.get_window("hann", n)
    for at in (cycles, 0.0, 0.4, n / 2, n / 2 - 0.3, n / 3):
        phasor = np.exp(-2j * np.pi * at / n * np.arange(n))
        expected = 2 * abs((values - values.mean()) * window @ phasor) / window.sum()
        found = feature(kind, values, RATE, "line_amplitude", at * RATE / n)
        assert found == pytest.approx(expected, rel=1e-11, abs=1e-12)


def test_a_tone_on_a_bin_is_a_line_of_its_amplitude_and_half_of_it_one_bin_away(kind):
    values = tone(256, 40, 3.0)
    terms = [Term("line_amplitude", (float(f),)) for f in (39, 40, 41, 42)]
    assert features(kind, values, 256.0, terms) == pytest.approx([1.5, 3.0, 1.5, 0.0], abs=1e-12)


def test_the_dominant_bin_is_not_interpolated(kind):
    assert feature(kind, tone(256, 40.4), 512.0, "dominant_bin") == 80.0
    assert feature(kind, tone(100, 30.6), 50.0, "dominant_bin") == 15.5


def test_peaks_come_in_the_order_of_their_height_and_only_where_there_is_one(kind):
    values = tone(1024, 100, 1.0) + tone(1024, 333, 3.0) + tone(1024, 200.5, 2.0)
    terms = [Term("peak_frequency", (k,)) for k in (1, 2, 3)] + [Term("peak_amplitude", (k,)) for k in (1, 2, 3)]
    found = features(kind, values, 1024.0, terms)
    assert found == pytest.approx([333, 200.5, 100, 3, 2, 1], rel=1e-5)
    lone = features(kind, tone(1024, 333), 1024.0, [Term("peak_frequency", (k,)) for k in (1, 2)])
    assert lone == pytest.approx([333, np.nan], nan_ok=True)


def test_a_line_at_half_the_rate_has_all_its_amplitude(kind):
    values = 2.5 * (-1.0) ** np.arange(64)
    found = features(kind, values, 64.0, [Term("dominant_frequency"), Term("dominant_amplitude")])
    assert found == pytest.approx([32, 2.5])


@pytest.mark.parametrize("cycles", [20, 200])
def test_the_velocity_of_a_tone_in_millimetres_per_second(kind, cycles):
    """Of 1 g at a bin: its three bins have 1/6, 2/3 and 1/6 of the mean square; far up they are near one frequency."""
    n, rate, metres = 2048, 2048.0, 9.80665
    found = feature(kind, tone(n, cycles), rate, "velocity_rms", 10.0, 1000.0, scale=metres * 1000)
    bins = 2 * np.pi * np.array([cycles - 1, cycles, cycles + 1])
    exact = np.sqrt(np.array([1 / 6, 2 / 3, 1 / 6]) / 2 @ (1 / bins**2)) * metres * 1000
    assert found == pytest.approx(exact, rel=1e-12)
    assert found == pytest.approx(metres * 1000 / (2 * np.pi * cycles * np.sqrt(2)), rel=1 / cycles**2)


def test_velocity_near_0_hz_would_be_drift(kind):
    values = noise(1024)
    assert np.isnan(feature(kind, values, 1024.0, "velocity_rms", 1.9, 100.0))
    assert np.isnan(feature(kind, values, 1024.0, "severity", 1.9, 100.0, 1.0, 2.0, 3.0))
    assert np.isfinite(feature(kind, values, 1024.0, "velocity_rms", 2.0, 100.0))


def test_severity_is_the_zone_of_the_velocity(kind):
    values = tone(1024, 100)
    velocity = feature(kind, values, 1024.0, "velocity_rms", 10.0, 400.0, scale=5.0)
    for zone, parts in enumerate([(1.001, 2, 3), (0.999, 1.001, 2), (0.9, 0.999, 1.001), (0.9, 0.99, 0.999)], start=1):
        limits = [velocity * part for part in parts]
        assert feature(kind, values, 1024.0, "severity", 10.0, 400.0, *limits, scale=5.0) == zone


def test_the_centroid_of_a_tone_is_its_frequency_and_that_of_an_impulse_the_middle(kind):
    impulse = np.zeros(512)
    impulse[256] = 1.0
    assert feature(kind, tone(512, 77), 1024.0, "spectral_centroid") == pytest.approx(154, rel=1e-12)
    assert feature(kind, impulse, 1024.0, "spectral_centroid") == pytest.approx(256, rel=1e-2)


@pytest.mark.parametrize("n", [4, 64, 100, 1024])
def test_entropy_is_that_of_the_periodogram(kind, n):
    power = periodogram(noise(n), 1.0)[1][1:]
    part = power / power.sum()
    expected = -(part @ np.log2(part)) / np.log2(n // 2)
    assert feature(kind, noise(n), 1.0, "spectral_entropy") == pytest.approx(expected, abs=1e-12)


def test_entropy_is_near_1_for_an_impulse_and_small_for_a_tone(kind):
    impulse = np.zeros(1024)
    impulse[512] = 1.0
    three_bins = -(2 / 6 * np.log2(1 / 6) + 2 / 3 * np.log2(2 / 3)) / np.log2(512)
    assert feature(kind, impulse, 1.0, "spectral_entropy") > 0.999
    assert feature(kind, tone(1024, 100), 1.0, "spectral_entropy") == pytest.approx(three_bins, abs=1e-12)


def test_orders_are_multiples_of_the_shaft_speed(kind):
    values, shaft = noise(1024), 24.7
    terms = [Term("order_amplitude", (2.0,)), Term("order_rms", (5.0, 0.4)), Term("shaft_speed")]
    same = [Term("line_amplitude", (49.4,)), Term("band_rms", (4.6 * shaft, 5.4 * shaft))]
    expected = [*features(kind, values, 1024.0, same), shaft]
    assert features(kind, values, 1024.0, terms, shaft) == pytest.approx(expected, rel=1e-12)


def test_the_band_of_an_order_has_two_bins_on_each_side_at_least(kind):
    values = noise(1024)
    found = feature(kind, values, 1024.0, "order_rms", 3.0, 0.01, shaft=20.1)
    assert found == pytest.approx(feature(kind, values, 1024.0, "band_rms", 58.3, 62.3), rel=1e-12)
    assert feature(kind, tone(1024, 60, 1.0), 1024.0, "order_rms", 3.0, 0.01, shaft=20.0) == pytest.approx(0.5**0.5)


@pytest.mark.parametrize("shaft", [np.nan, np.inf, 0.0, -5.0, 300.0])
@pytest.mark.parametrize(
    "term",
    [Term("order_rms", (2.0, 0.1)), Term("order_amplitude", (2.0,)), Term("envelope_order", (100.0, 400.0, 2.0))],
)
def test_orders_of_no_shaft_and_beyond_half_the_rate_are_unknown(kind, shaft, term):
    assert np.isnan(features(kind, noise(1024), 1024.0, [term], shaft)).all()


@pytest.mark.parametrize("n", [100, 256])
def test_a_plan_follows_the_rate_and_the_shaft(kind, n):
    terms = (
        Term("band_rms", (10.0, 40.0)),
        Term("order_amplitude", (1.3,)),
        Term("order_rms", (2.0, 0.3)),
        Term("line_amplitude", (17.3,)),
        Term("velocity_rms", (20.0, 40.0)),
        Term("envelope_amplitude", (20.0, 45.0, 3.3)),
        Term("envelope_order", (20.0, 45.0, 0.2)),
        Term("shaft_speed"),
    )
    values, one = noise(n), KINDS[kind](n, terms)
    for rate, shaft in [(100.0, 11.0), (100.0, 11.0), (100.0, 12.5), (150.0, 12.5), (100.0, np.nan), (100.0, 11.0)]:
        out = np.empty(len(terms))
        one.compute(values, rate, out, shaft)
        assert out.tolist() == pytest.approx(features(kind, values, rate, terms, shaft), rel=0, abs=0, nan_ok=True)


def test_scales_are_taken_into_account(kind):
    values = noise(256)
    for term in (Term("band_power", (0.0, 0.3)), Term("dominant_amplitude"), Term("envelope_rms", (0.1, 0.3))):
        plain, scaled = features(kind, values, 1.0, [term, term._replace(scale=9.81)])
        assert scaled == pytest.approx(9.81 * plain, rel=1e-15)


NOTHING_THERE = {
    "spectral_centroid": np.nan,
    "spectral_entropy": np.nan,
    "dominant_bin": np.nan,
    "dominant_frequency": np.nan,
    "dominant_amplitude": np.nan,
    "peak_frequency(1)": np.nan,
    "peak_amplitude(1)": np.nan,
    "band_power(10,100)": 0.0,
    "band_rms(10,100)": 0.0,
    "velocity_rms(10,100)": 0.0,
    "severity(10,100,1,2,3)": 1.0,
    "line_amplitude(20)": 0.0,
    "order_rms(1,0.1)": 0.0,
    "order_amplitude(1)": 0.0,
    "envelope_rms(10,100)": 0.0,
    "envelope_amplitude(10,100,5)": 0.0,
    "envelope_order(10,100,0.5)": 0.0,
    "shaft_speed": 25.0,
}


def written(text):
    name, _, parameters = text.rstrip(")").partition("(")
    return Term(name, tuple(float(each) for each in parameters.split(",") if each))


@pytest.mark.parametrize("value", [0.0, 0.1, -1e6 + 0.1, 1e-300, 1e12])
@pytest.mark.parametrize("n", [250, 256])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_constant_has_no_spectrum(kind, value, n, dtype):
    terms = [written(text) for text in NOTHING_THERE]
    found = features(kind, np.full(n, value).astype(dtype), 256.0, terms, 25.0)
    assert found == pytest.approx(list(NOTHING_THERE.values()), rel=0, abs=0, nan_ok=True)


@pytest.mark.parametrize(
    "text",
    [
        "band_power(129,200)",
        "band_rms(10.1,10.9)",
        "band_rms(20,10)",
        "velocity_rms(200,300)",
        "severity(200,300,1,2,3)",
        "line_amplitude(128.6)",
        "line_amplitude(-1)",
        "envelope_rms(130,150)",
        "envelope_amplitude(130,150,3)",
        "envelope_amplitude(10,20,17)",
        "peak_frequency(0)",
        "peak_amplitude(16)",
    ],
)
@pytest.mark.parametrize("n", [256, 257])
def test_what_cannot_be_known_is_nan(kind, text, n):
    values = tone(n, 25) if text.startswith("peak") else noise(n)
    assert np.isnan(features(kind, values, float(n), [written(text)])).all()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("size", [1e-30, 1e-10, 1e10, 1e30])
def test_features_grow_with_the_values_whatever_their_size(kind, dtype, size):
    terms = [written(text) for text in NOTHING_THERE]
    powers = {"band_power": 2, "spectral_centroid": 0, "spectral_entropy": 0, "severity": 0, "shaft_speed": 0}
    values = tone(256, 30.3, 1.0) + 0.1 * noise(256)
    plain = features(kind, values.astype(dtype), 256.0, terms, 25.0)
    large = features(kind, (values * size).astype(dtype), 256.0, terms, 25.0)
    for term, expected, found in zip(terms, plain, large, strict=True):
        if term.name == "severity":
            continue
        power = 0 if "frequency" in term.name or "bin" in term.name else powers.get(term.name, 1)
        assert found == pytest.approx(expected * size**power, rel=1e-9 if dtype is np.float64 else 1e-4), term


def test_a_large_mean_costs_no_digits_of_single_precision(kind):
    values = tone(1024, 100.3, 1.0)
    for mean in (0.0, 4096.3):
        shifted = (values + mean).astype(np.float32)
        exact = feature("twin", shifted, 1024.0, "band_rms", 0.0, 50.0)
        assert feature(kind, shifted, 1024.0, "band_rms", 0.0, 50.0) == pytest.approx(exact, rel=1e-3)
