"""The amplitude spectrum of a recording, averaged over windows of a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatewayd.model import Floats, Signal

WINDOW = 1.0
"""Seconds: a resolution of 1 Hz shows the lines of a shaft and a bearing apart, and noise averages out."""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """`amplitudes` at `frequencies` (Hz): a sine shows the amplitude that it has."""

    frequencies: Floats
    amplitudes: Floats


def amplitude_spectrum(values: Signal, rate: float) -> Spectrum:
    """The root of the mean of the squared amplitudes of windows that overlap by half (Welch), with a Hann window."""
    size = min(len(values), max(2, round(WINDOW * rate)))
    begins = range(0, len(values) - size + 1, max(1, size // 2))
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    squared = np.zeros(size // 2 + 1)
    for begin in begins:
        window = values[begin : begin + size].astype(np.float64)
        squared += np.abs(np.fft.rfft((window - window.mean()) * hann)) ** 2
    amplitudes = np.sqrt(squared / len(begins)) * 2 / hann.sum()
    return Spectrum(np.arange(size // 2 + 1) * rate / size, amplitudes)
