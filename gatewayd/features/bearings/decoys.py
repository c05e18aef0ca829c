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

SPEED_ERROR = 0.005
"""How far off the shaft's speed may be: as far off, in parts of them, are the places where whole orders show."""

_CUT_BINS = 2.0
_ENOUGH = 0.5
_FEWEST_DECOYS = 20
_STEPS_PER_BIN = 2
_MAD_OF_NORMAL = 1.4826
_LEVEL_OF_NOISE = 0.757
"""The mean of log(1 + (a / median of a)²) where a² is distributed exponentially: 2 E1(log 2)."""


@dataclass(frozen=True, slots=True)
class Levels:
    """The prominence of each bin of an envelope's spectrum, less that of noise.

    Bin k is that of `k / turns` orders of the shaft. What is not `kept` is cut, and its level is 0.
    """

    levels: Floats
    kept: NDArray[np.bool_]
    turns: float


def without_whole_orders(levels: Floats, turns: float) -> Levels:
    """Levels of what may be the bearing's.

    Lines at whole orders are the shaft's, its blades' and its gears': they are cut, wherever the error of the speed may
    put them.
    """
    place = np.arange(len(levels))
    whole = np.rint(place / turns) * turns
    kept = np.abs(place - whole) > _CUT_BINS + SPEED_ERROR * place
    return Levels(np.where(kept, levels - _LEVEL_OF_NOISE, 0.0), kept, turns)


def score(levels: Levels, family: Family, known: Collection[Family]) -> float:
    """How far the family's lines stand out.

    The levels of its lines are summed up, and divided by what noise does to that sum, as some lines may be cut. Where
    more than half are, no sum counts. The best one within the slip is held against those at decoys, orders where none
    of the `known` families is: less their median, in units of their median absolute deviation, which 1.4826 makes
    comparable with a standard deviation. 0 where cuts leave nothing to look at, or nothing to hold it against.
    """
    step = math.log1p(1 / (_STEPS_PER_BIN * HARMONICS * family.order * levels.turns))
    room = ((len(levels.levels) - 1) / levels.turns - family.side) / (HARMONICS * family.order)
    low, high = math.floor(math.log(RANGE[0]) / step), math.floor(math.log(min(RANGE[1], room)) / step)
    ratios = np.exp(step * np.arange(low, high + 1))
    sums = _sums(levels, family, ratios)
    heard = np.isfinite(sums)
    first, last = (round(math.log1p(slip) / step) - low for slip in SLIP)
    here = sums[first : last + 1][heard[first : last + 1]]
    decoys = sums[_free(ratios * family.order, known) & heard]
    return _distance(float(here.max()), decoys) if len(here) and len(decoys) >= _FEWEST_DECOYS else 0.0


def _distance(value: float, others: Floats) -> float:
    middle = _median(others)
    spread = _MAD_OF_NORMAL * _median(np.abs(others - middle))
    return (value - middle) / spread if spread > 0 else 0.0


def _median(values: Floats) -> float:
    """As np.median, which takes five times as long."""
    half = len(values) // 2
    parted = np.partition(values, (half - 1, half))
    return float(parted[half] if len(values) % 2 else (parted[half - 1] + parted[half]) / 2)


def _sums(levels: Levels, family: Family, ratios: Floats) -> Floats:
    """The weighted sum of the levels of the family's lines, were its order multiplied by each of `ratios`.

    Divided by the root of the squared weights of what is kept; NaN where that is less than half of them.
    """
    harmonics, sides, weights = np.array(family.lines()).T
    orders = np.multiply.outer(harmonics * family.order, ratios) + sides[:, np.newaxis]
    places = np.minimum(np.rint(orders * levels.turns).astype(np.intp), len(levels.levels) - 1)
    kept = weights**2 @ levels.kept[places]
    sums: Floats = weights @ levels.levels[places]
    sums /= np.sqrt(np.where(kept >= _ENOUGH * (weights @ weights), kept, math.nan))
    return sums


def _free(orders: Floats, families: Collection[Family]) -> NDArray[np.bool_]:
    """Where no fault's fundamental can be, with as much room again as the slip takes."""
    free = np.ones(len(orders), dtype=np.bool_)
    for family in families:
        ratio = orders / family.order
        free &= (ratio < 1 + 2 * SLIP[0]) | (ratio > 1 + 2 * SLIP[1])
    return free
