"""Decoys: how far the lines of a fault stand out of what is found at orders where no fault of the bearing is."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewayd.features.bearings.lines import HARMONICS, SLIP, Family
from gatewayd.model import Floats

RANGE = (0.55, 1.6)
"""The orders that a fault's order is held against, as multiples of it."""

_CUT_BINS = 2.0
_STEPS_PER_BIN = 2
_MAD_OF_NORMAL = 1.4826


@dataclass(frozen=True, slots=True)
class Levels:
    """The prominence of each bin of an envelope's spectrum: `levels[k]` is that of `k / turns` orders of the shaft."""

    levels: Floats
    turns: float


def without_whole_orders(levels: Floats, turns: float) -> Levels:
    """Levels of what may be the bearing's.

    Lines at whole orders are the shaft's, its blades' and its gears': they are cut down to their surroundings.
    """
    place = np.arange(len(levels))
    whole = np.rint(place / turns) * turns
    return Levels(np.where(np.abs(place - whole) <= _CUT_BINS, math.log(2), levels), turns)


def score(levels: Levels, family: Family, known: Collection[Family]) -> float:
    """How far the family's lines stand out.

    The levels of its lines are summed up. The best sum within the slip is held against the sums at decoys, orders where
    none of the `known` families is: less their median, in units of their median absolute deviation, which 1.4826 makes
    comparable with a standard deviation.
    """
    step = math.log1p(1 / (_STEPS_PER_BIN * HARMONICS * family.order * levels.turns))
    room = ((len(levels.levels) - 1) / levels.turns - family.side) / (HARMONICS * family.order)
    low, high = math.floor(math.log(RANGE[0]) / step), math.floor(math.log(min(RANGE[1], room)) / step)
    ratios = np.exp(step * np.arange(low, high + 1))
    sums = _sums(levels, family, ratios)
    first, last = (round(math.log1p(slip) / step) - low for slip in SLIP)
    decoys = sums[_free(ratios * family.order, known)]
    middle = np.median(decoys)
    spread = _MAD_OF_NORMAL * np.median(np.abs(decoys - middle))
    return float((sums[first : last + 1].max() - middle) / spread) if spread > 0 else 0.0


def _sums(levels: Levels, family: Family, ratios: Floats) -> Floats:
    """The weighted sum of the levels of the family's lines, were its order multiplied by each of `ratios`."""
    sums = np.zeros(len(ratios))
    for harmonic, side, weight in family.lines():
        orders = harmonic * family.order * ratios + side
        places = np.rint(orders * levels.turns).astype(np.intp)
        sums += weight * levels.levels[np.clip(places, 0, len(levels.levels) - 1)]
    return sums


def _free(orders: Floats, families: Collection[Family]) -> NDArray[np.bool_]:
    """Where no fault's fundamental can be, with as much room again as the slip takes."""
    free = np.ones(len(orders), dtype=np.bool_)
    for family in families:
        ratio = orders / family.order
        free &= (ratio < 1 + 2 * SLIP[0]) | (ratio > 1 + 2 * SLIP[1])
    return free
