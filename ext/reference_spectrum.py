"""The NumPy twins of the features of evenly spaced values: slow, plain; they specify and test the kernels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from math import ceil, isfinite, isnan, log2, nan, pi, sqrt
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from gatewayd_ext.reference_peaks import Peak, find_peaks
from gatewayd_ext.terms import Term

Numbers = NDArray[np.float64]
Bins = NDArray[np.complex128]

ON_A_BIN = 1e-9
"""Frequencies nearer than this part of a bin to a bin are at it: rounding must not move the edge of a band."""


def hann(n: int) -> Numbers:
    """The periodic Hann window."""
    return np.asarray(0.5 - 0.5 * np.cos(2 * pi / n * np.arange(n))) if n > 1 else np.ones(n)


class Spectrum:
    """What the features of one burst share; frequencies are counted in bins, `rate / n` Hz each."""

    def __init__(self, values: Numbers, rate: float, shaft: float) -> None:
        origin = values[0]
        self.n = len(values)
        self.rate = rate
        self.shaft = shaft
        self.values = (values - origin) - (values - origin).mean()
        self.window = hann(self.n)

    def bins(self, frequency: float) -> float:
        """How many bins `frequency` Hz are."""
        return frequency * self.n / self.rate

    def order(self, order: float) -> float:
        """The frequency of a multiple of the shaft speed; NaN while the shaft is unknown or stands."""
        return order * self.shaft if isfinite(self.shaft) and self.shaft > 0 else nan

    @cached_property
    def plain(self) -> Bins:
        """The bins of the values less their mean, without a window."""
        return np.asarray(np.fft.rfft(self.values))

    @cached_property
    def windowed(self) -> Bins:
        """The bins through the Hann window."""
        return np.asarray(np.fft.rfft(self.values * self.window))

    @cached_property
    def power(self) -> Numbers:
        """The mean square in each bin, one-sided: all together are the mean square weighted by the window's."""
        power = np.abs(self.windowed) ** 2 / (self.n * np.sum(self.window**2))
        power[1 : (self.n + 1) // 2] *= 2
        return np.asarray(power)

    @cached_property
    def peaks(self) -> Sequence[Peak]:
        """The local maxima from bin 1 on, highest first."""
        return find_peaks(self.windowed, self.power, self.n)

    def between(self, low: float, high: float) -> slice | None:
        """The bins k with low <= k < high; None where there are none."""
        first = max(ceil(low - ON_A_BIN), 0)
        past = min(ceil(high - ON_A_BIN), self.n // 2 + 1)
        return slice(first, past) if first < past else None


def _sum_between(spectrum: Spectrum, low: float, high: float) -> float:
    found = spectrum.between(low, high)
    return nan if found is None else float(spectrum.power[found].sum())


def _band_power(spectrum: Spectrum, low: float, high: float) -> float:
    return _sum_between(spectrum, spectrum.bins(low), spectrum.bins(high))


def _band_rms(spectrum: Spectrum, low: float, high: float) -> float:
    return sqrt(_band_power(spectrum, low, high))


def _velocity_rms(spectrum: Spectrum, low: float, high: float) -> float:
    """Each bin of the acceleration divided by its angular frequency; nearer than two bins to 0 it would be drift."""
    found = spectrum.between(spectrum.bins(low), spectrum.bins(high))
    if found is None or spectrum.bins(low) < 2 - ON_A_BIN:
        return nan
    angular = 2 * pi * spectrum.rate / spectrum.n * np.arange(found.start, found.stop)
    return sqrt(np.sum(spectrum.power[found] / angular**2))


def _centroid(spectrum: Spectrum) -> float:
    power, total = spectrum.power, spectrum.power.sum()
    return float(power @ np.arange(len(power)) / total * spectrum.rate / spectrum.n) if total > 0 else nan


def _entropy(spectrum: Spectrum) -> float:
    """Of the distribution of power over the bins from 1 on, as part of the largest possible one."""
    power = spectrum.power[1:]
    total = power.sum()
    if len(power) < 2 or not total > 0:
        return nan
    part = power[power > 0] / total
    return float(-np.sum(part * np.log2(part)) / log2(len(power)))


def _dominant_bin(spectrum: Spectrum) -> float:
    highest = int(spectrum.power.argmax())
    return highest * spectrum.rate / spectrum.n if spectrum.power[highest] > 0 else nan


def _peak_frequency(spectrum: Spectrum, place: float = 1) -> float:
    peaks = spectrum.peaks
    return peaks[int(place) - 1].bins * spectrum.rate / spectrum.n if 1 <= place <= len(peaks) else nan


def _peak_amplitude(spectrum: Spectrum, place: float = 1) -> float:
    peaks = spectrum.peaks
    return peaks[int(place) - 1].amplitude if 1 <= place <= len(peaks) else nan


def _line_amplitude(spectrum: Spectrum, frequency: float) -> float:
    if not 0 <= frequency <= spectrum.rate / 2 or spectrum.n < 2:
        return nan
    return _amplitude(spectrum.values, spectrum.window, spectrum.bins(frequency))


def _amplitude(values: Numbers, window: Numbers, cycles: float) -> float:
    """Of a sine with so many cycles in the window."""
    turns = cycles / len(values) * np.arange(len(values))
    return float(2 * np.abs(values * window @ np.exp(-2j * pi * turns)) / window.sum())


def _shaft_speed(spectrum: Spectrum) -> float:
    return spectrum.shaft if isfinite(spectrum.shaft) else nan


def _order_rms(spectrum: Spectrum, order: float, half_width: float) -> float:
    """Two bins on each side are the least that holds the main lobe of the window."""
    centre = spectrum.order(order)
    if not centre <= spectrum.rate / 2:
        return nan
    middle, half = spectrum.bins(centre), max(spectrum.bins(spectrum.order(half_width)), 2.0)
    return sqrt(_sum_between(spectrum, middle - half, middle + half))


def _order_amplitude(spectrum: Spectrum, order: float) -> float:
    return _line_amplitude(spectrum, spectrum.order(order))


def _envelope(spectrum: Spectrum, low: float, high: float) -> Numbers | None:
    """Less its mean, at m points, the first power of two from two per bin on; None where no bin lies in the band.

    The bins moved to 0 give the analytic signal of the band, shifted in frequency, which its magnitude does not see.
    """
    found = spectrum.between(spectrum.bins(low), spectrum.bins(high))
    if found is None:
        return None
    analytic = np.where(np.arange(spectrum.n // 2 + 1) * 2 == spectrum.n, 1, 2) * spectrum.plain
    analytic[0] = 0
    points = 1 << (2 * (found.stop - found.start) - 1).bit_length()
    envelope = np.abs(np.fft.ifft(analytic[found], points)) * (points / spectrum.n)
    return np.asarray(envelope - envelope.mean())


def _envelope_rms(spectrum: Spectrum, low: float, high: float) -> float:
    envelope = _envelope(spectrum, low, high)
    return nan if envelope is None else sqrt(np.mean(envelope**2))


def _envelope_amplitude(spectrum: Spectrum, low: float, high: float, frequency: float) -> float:
    """NaN for a frequency above half the rate of the envelope's points, which is at least the width of the band."""
    envelope = _envelope(spectrum, low, high)
    cycles = spectrum.bins(frequency)
    if envelope is None or not 0 <= cycles <= len(envelope) / 2:
        return nan
    return _amplitude(envelope, hann(len(envelope)), cycles)


def _envelope_order(spectrum: Spectrum, low: float, high: float, order: float) -> float:
    return _envelope_amplitude(spectrum, low, high, spectrum.order(order))


_TWINS: Mapping[str, Callable[..., float]] = MappingProxyType(
    {
        "band_power": _band_power,
        "band_rms": _band_rms,
        "velocity_rms": _velocity_rms,
        "spectral_centroid": _centroid,
        "spectral_entropy": _entropy,
        "dominant_frequency": _peak_frequency,
        "dominant_bin": _dominant_bin,
        "dominant_amplitude": _peak_amplitude,
        "peak_frequency": _peak_frequency,
        "peak_amplitude": _peak_amplitude,
        "line_amplitude": _line_amplitude,
        "shaft_speed": _shaft_speed,
        "order_rms": _order_rms,
        "order_amplitude": _order_amplitude,
        "envelope_rms": _envelope_rms,
        "envelope_amplitude": _envelope_amplitude,
        "envelope_order": _envelope_order,
    }
)


def spectral_features(values: Numbers, rate: float, shaft: float, terms: Sequence[Term]) -> list[float]:
    """Compute the terms, all from EVEN, of one burst of finite values: `rate` in Hz, `shaft` in Hz or NaN.

    Results are multiplied by the scales of their terms; severity is a zone, whose velocity is.
    """
    spectrum = Spectrum(values, rate, shaft)
    return [_scaled(spectrum, term) for term in terms]


def _scaled(spectrum: Spectrum, term: Term) -> float:
    if term.name == "severity":
        low, high, *limits = term.parameters
        velocity = _velocity_rms(spectrum, low, high) * term.scale
        return velocity if isnan(velocity) else float(1 + sum(velocity > limit for limit in limits))
    return _TWINS[term.name](spectrum, *term.parameters) * term.scale
