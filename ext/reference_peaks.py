"""The NumPy twin of peaks.h: the lines of a spectrum, between the bins."""

from __future__ import annotations

from collections.abc import Sequence
from math import atan, cos, pi, sin, sqrt, tan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ROUNDING = 1e-26
"""A peak of less than this part of the highest one's power is noise of the arithmetic."""

ROUNDS = 5
"""Each makes the error that the image of a line causes smaller, by a factor of 30 near bin 2 and of far more above."""


class Peak(NamedTuple):
    """A line: its frequency in bins, and its amplitude."""

    bins: float
    amplitude: float


def find_peaks(windowed: NDArray[np.complex128], power: NDArray[np.float64], n: int) -> Sequence[Peak]:
    """Find the lines in the bins of n values through a Hann window, highest bin first; bin 0 is left out."""
    inner = power[1:]
    before, after = np.append(-1.0, inner[:-1]), np.append(inner[1:], -1.0)
    (places,) = np.nonzero((inner > before) & (inner >= after) & (inner > ROUNDING * inner.max(initial=0.0)))
    places = places[np.argsort(-inner[places], kind="stable")] + 1
    return [_locate(windowed, int(place), n) for place in places]


def transform(distance: float, n: int) -> complex:
    """The transform of the periodic Hann window, `distance` bins from its middle, relative to that at its middle.

    From W = D(d)/2 - (D(d - 1) + D(d + 1))/4 with D(d) = exp(i pi d (n - 1)/n) sin(pi d)/sin(pi d/n); exact for any n.
    """
    distance -= round(distance / n) * n
    if abs(abs(distance) - round(abs(distance))) < 1e-12:
        return {0: 1.0, 1: -0.5}.get(round(abs(distance)), 0.0)
    step, angle = pi / n, pi * distance / n
    size = sin(pi * distance) * sin(step) ** 2 / (tan(angle) * sin(step - angle) * sin(step + angle)) / n
    return complex(size * np.exp(1j * pi * distance))


def _locate(windowed: NDArray[np.complex128], place: int, n: int) -> Peak:
    """Solve for a lone sine, first without and then less the image that it has at negative frequency."""
    beside = [near for near in (place + 1, place - 1) if 1 <= near < len(windowed)]
    if 2 * place == n or not beside:
        return Peak(place, float(abs(windowed[place])) * 2 / n)
    neighbour = max(beside, key=lambda near: float(abs(windowed[near])))
    image = neighbour_image = 0j
    for _ in range(ROUNDS):
        line = windowed[place] - image
        ratio = abs(windowed[neighbour] - neighbour_image) / abs(line)
        bins = place + (neighbour - place) * _offset(ratio, n)
        phasor = line / transform(bins - place, n)
        image = phasor.conjugate() * transform(-bins - place, n)
        neighbour_image = phasor.conjugate() * transform(-bins - neighbour, n)
    return Peak(bins, float(abs(phasor)) * 4 / n)


def _offset(ratio: float, n: int) -> float:
    """How far a line lies from its bin towards a neighbour that is `ratio` as high: 0 for a half, 0.5 for 1.

    The ratio of two values of `transform`, solved for the tangent of pi d/n; (2 ratio - 1)/(ratio + 1) as n grows.
    """
    ratio = min(max(ratio, 0.5), 2.0)
    middle, half = 1 + ratio * cos(2 * pi / n), sin(2 * pi / n) / 2
    root = sqrt(middle**2 + 4 * half**2 * (2 * ratio - 1))
    return atan(2 * half * (2 * ratio - 1) / (middle + root)) * n / pi
