"""Surroundings: what a line of a spectrum has to stand out of."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from gatewayd.model import Floats

_NODES_PER_WIDTH = 4
_TINY = 1e-300
_DECIBELS = 20 / math.log(10)


def prominence(amplitudes: Floats, width: float) -> Floats:
    """How far each bin stands out: log(1 + (amplitude / median around it)²), on average 0.8 in noise.

    The logarithm lets no single line outweigh all others; bins below their surroundings count as little as they tell.
    """
    levels: Floats = np.log1p((amplitudes / surroundings(amplitudes, width)) ** 2)
    return levels


def decibels(amplitudes: Floats, width: float) -> Floats:
    """The same for people: dB above the median around it."""
    levels: Floats = np.log(np.maximum(amplitudes, _TINY) / surroundings(amplitudes, width))
    levels *= _DECIBELS
    return levels


def surroundings(amplitudes: Floats, width: float) -> Floats:
    """The running median over `width` bins, taken four times a width, with straight lines between.

    At both ends it is that of the first and the last whole width. Expects more bins than `width`.
    """
    half = max(round(width / 2), 1)
    nodes = np.arange(half, len(amplitudes) - half, max(math.floor(width / _NODES_PER_WIDTH), 1))
    around = sliding_window_view(amplitudes, 2 * half + 1)[nodes - half]
    medians = np.partition(around, half, axis=1)[:, half]
    return np.maximum(np.interp(np.arange(len(amplitudes)), nodes, medians), _TINY)
