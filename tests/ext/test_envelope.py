"""The envelope of a band is the magnitude of its analytic signal, from the kernel and from its twin."""

import numpy as np
import pytest
import scipy
from spectra import KINDS, feature, features, tone

from gatewayd_ext.terms import Term

pytestmark = pytest.mark.parametrize("kind", KINDS)

BANDS = [(0.125, 0.25), (0.1, 0.5), (0.3, 0.31), (0.0, 0.2), (0.4, 0.6)]


def noise(n, seed=0):
    return np.random.default_rng(seed).normal(3.0, 2.0, n)


def analytic_envelope(values, low, high):
    """By way of the whole signal: its bins outside the band set to 0, then Hilbert's transform; at every value."""
    n = len(values)
    bins, frequencies = np.fft.rfft(values - values.mean()), np.arange(n // 2 + 1) / n
    inside = (frequencies >= low) & (frequencies < high)
    envelope = np.abs(scipy.signal.hilbert(np.fft.irfft(bins * inside, n)))
    return envelope, 1 << int(2 * inside.sum() - 1).bit_length() if inside.any() else 0


@pytest.mark.parametrize("n", [16, 32, 64, 256, 1024, 4096])
@pytest.mark.parametrize("band", BANDS)
def test_it_is_the_envelope_of_the_analytic_signal_at_fewer_points(kind, n, band):
    values = noise(n)
    envelope, points = analytic_envelope(values, *band)
    if not points:
        assert np.isnan(feature(kind, values, 1.0, "envelope_rms", *band))
        return
    sparse = envelope[:: n // points]
    window, sparse = scipy.signal.get_window("hann", points), sparse - sparse.mean()
    found = feature(kind, values, 1.0, "envelope_rms", *band)
    assert found == pytest.approx(sparse.std(), rel=1e-11, abs=1e-13)
    for cycles in (0.0, 1.0, 1.3, points / 3, points / 2):
        phasor = np.exp(-2j * np.pi * cycles / points * np.arange(points))
        expected = 2 * abs(sparse * window @ phasor) / window.sum()
        found = feature(kind, values, 1.0, "envelope_amplitude", *band, cycles / n)
        assert found == pytest.approx(expected, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("n", [60, 100, 1000, 1025])
def test_other_lengths_have_the_same_envelope(kind, n):
    """The points then lie between the values: the whole band-limited signal is known there too."""
    values, band = noise(n), (0.1, 0.3)
    bins = np.fft.fft(values - values.mean())
    places = np.arange(n // 2 + 1)
    places = places[(places / n >= band[0]) & (places / n < band[1])]
    points = 1 << int(2 * len(places) - 1).bit_length()
    turns = np.outer(places, np.arange(points) / points)
    envelope = np.abs(2 * bins[places] / n @ np.exp(2j * np.pi * turns))
    assert feature(kind, values, 1.0, "envelope_rms", *band) == pytest.approx(envelope.std(), rel=1e-11)


@pytest.mark.parametrize("n", [256, 1000, 1024])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_of_a_modulated_tone_it_is_the_modulation(kind, n, dtype):
    carrier, modulation, depth = 80, 7, 0.4
    values = ((1 + depth * tone(n, modulation, 1.0, 0.9)) * tone(n, carrier, 2.0) + tone(n, 20, 5.0)).astype(dtype)
    band = (60.0, 100.0)
    terms = [
        Term("envelope_amplitude", (*band, 7.0)),
        Term("envelope_amplitude", (*band, 9.0)),
        Term("envelope_order", (*band, 2.0)),
        Term("envelope_rms", band),
    ]
    expected = [0.8, 0.0, 0.8, 0.8 / np.sqrt(2)]
    exact = {"rel": 1e-12, "abs": 1e-12} if dtype is np.float64 else {"rel": 1e-6, "abs": 1e-6}
    assert features(kind, values, float(n), terms, shaft=3.5) == pytest.approx(expected, **exact)


def test_a_fault_between_two_bins_has_its_amplitude(kind):
    n, fault = 4096, 50.37
    values = (1 + 0.4 * tone(n, fault, 1.0, 0.9)) * tone(n, 1000, 2.0)
    found = feature(kind, values, float(n), "envelope_amplitude", 800.0, 1200.0, fault)
    assert found == pytest.approx(0.8, rel=2e-3)
    nearest = feature(kind, values, float(n), "envelope_amplitude", 800.0, 1200.0, 50.0)
    assert nearest < 0.95 * found


def test_many_terms_of_several_bands_do_not_disturb_each_other(kind):
    values = noise(1024)
    bands = [(100.0, 300.0), (50.0, 60.0), (100.0, 300.5), (300.0, 512.0)]
    terms = [Term("envelope_rms", band) for band in bands]
    terms += [Term("envelope_amplitude", (*band, f)) for f in (3.0, 4.5) for band in bands]
    alone = [features(kind, values, 1024.0, [term])[0] for term in terms]
    assert features(kind, values, 1024.0, terms) == alone


def test_the_second_burst_knows_nothing_of_the_first(kind):
    terms = (Term("envelope_rms", (50.0, 90.0)), Term("envelope_amplitude", (50.0, 90.0, 4.2)))
    one, out, again = KINDS[kind](256, terms), np.empty(2), np.empty(2)
    one.compute(noise(256), 256.0, out)
    one.compute(noise(256, 1), 256.0, again)
    one.compute(noise(256), 256.0, again)
    assert out.tolist() == again.tolist()


def test_a_single_bin_has_an_envelope_that_does_not_change(kind):
    found = feature(kind, noise(256), 256.0, "envelope_rms", 30.0, 31.0)
    assert found == pytest.approx(0.0, abs=1e-15)


def test_a_frequency_is_known_up_to_half_the_rate_of_the_points(kind):
    """A band of 100 bins has an envelope at 256 points."""
    known, unknown = (feature(kind, noise(1024), 1024.0, "envelope_amplitude", 200.0, 300.0, f) for f in (128, 128.1))
    assert np.isfinite(known)
    assert np.isnan(unknown)
