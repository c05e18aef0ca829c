"""Envelope: the squared envelope spectrum of a whitened vibration, in which impacts that repeat are lines."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from gatewayd.model import Floats, Signal

_SILENT = 1e-12
"""A bin this far below the highest holds nothing but rounding errors, whose phases must not count."""


def envelope_amplitudes(values: Signal) -> Floats:
    """Amplitudes of the squared envelope at 0, 1, 2, … / (duration of the first `usable_length(len(values))` values).

    Cepstrum pre-whitening (P. Borghesani et al., "Application of cepstrum pre-whitening for the diagnosis of bearing
    faults under variable speed conditions", Mechanical Systems and Signal Processing 36, 2013) sets each amplitude of
    the spectrum to one and keeps its phase: shaft, blades and gears, however strong, become as weak as any other bin,
    while impacts, which are spread over all of them, remain. Of the result the analytic signal is taken, and the
    spectrum of its squared magnitude under a sine window (a line is no wider than three bins).
    """
    count = usable_length(len(values))
    signal = np.asarray(values[:count], dtype=np.float64)
    bins = np.fft.rfft(signal - signal.mean())
    amplitudes = np.abs(bins)
    bins /= np.maximum(amplitudes, _SILENT * amplitudes.max())
    bins[0] = bins[-1] = 0.0
    analytic = np.fft.ifft(bins, count)
    envelope = analytic.real**2 + analytic.imag**2
    spectrum: Floats = np.abs(np.fft.rfft((envelope - envelope.mean()) * _sine_window(count)))
    return spectrum


@lru_cache(maxsize=64)
def usable_length(count: int) -> int:
    """The largest even number up to `count` without a prime factor above 11: others make a Fourier transform slow."""
    return next((length for length in range(count - count % 2, 1, -2) if _largest_factor_is_small(length)), 0)


def _largest_factor_is_small(number: int) -> bool:
    for prime in (2, 3, 5, 7, 11):
        while number % prime == 0:
            number //= prime
    return number == 1


@lru_cache(maxsize=8)
def _sine_window(count: int) -> Floats:
    window: Floats = np.sin(np.pi / count * (np.arange(count) + 0.5))
    window.flags.writeable = False
    return window
