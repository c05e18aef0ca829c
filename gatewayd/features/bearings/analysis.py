"""Analysis: how far a vibration shows each fault of a rolling bearing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gatewayd.features.bearings.decoys import RANGE, score, without_whole_orders
from gatewayd.features.bearings.envelope import envelope_amplitudes, usable_length
from gatewayd.features.bearings.fitness import FEWEST_TURNS, unfit
from gatewayd.features.bearings.geometry import Orders
from gatewayd.features.bearings.lines import families, highest
from gatewayd.features.surroundings import decibels, prominence
from gatewayd.model import Floats, Signal


@dataclass(frozen=True, slots=True)
class Scores:
    """How far the lines of each fault stand out of what other orders show, in standard deviations of that.

    Without a fault a score is about 2, as each is that of the best place within the slip. `shaft` is the speed in Hz
    that was used. The three scores are NaN where the window is unfit (see `fitness.unfit`).
    """

    outer_race: float
    inner_race: float
    ball: float
    shaft: float


def analyse(values: Signal, rate: float, shaft: float, orders: Orders) -> Scores:
    """Scores of one window: evenly spaced `values` in any unit, `rate` a second, the `shaft`'s speed in Hz.

    The window should be steady: 0.5 to 2 s, at least ten turns, better thirty. The speed should be right within half a
    percent. With 1 % of error faults are still found; with 2 % they may not be, one fault's sidebands may be taken for
    another fault, and the shaft's lines for those of a bearing whose orders are near whole ones. What is modulated at
    a fault's order by something else (twice the mains' frequency, another shaft) is taken for the fault.
    """
    if unfit(values, rate, shaft, orders):
        return Scores(math.nan, math.nan, math.nan, shaft)
    turns = usable_length(len(values)) / rate * shaft
    top = math.ceil((RANGE[1] * highest(orders) + 1) * turns)
    levels = without_whole_orders(prominence(envelope_amplitudes(values)[:top], turns), turns)
    known = families(orders).values()
    outer_race, inner_race, ball = (score(levels, family, known) for family in known)
    return Scores(outer_race, inner_race, ball, shaft)


def envelope_spectrum(values: Signal, rate: float, shaft: float) -> tuple[Floats, Floats]:
    """What `analyse` looks at, for pictures: frequencies (Hz) and levels (dB above the median over one order around).

    Both are empty where there are fewer than ten turns of the shaft, or values that are all the same or not all finite.
    `lines.families(orders)[fault].places()` are the orders to mark in it.
    """
    count = usable_length(len(values))
    turns = count / rate * shaft
    if not (turns >= FEWEST_TURNS and np.isfinite(values).all() and values.min() < values.max()):
        return np.empty(0), np.empty(0)
    frequencies = np.linspace(0.0, rate / 2, count // 2 + 1)
    return frequencies, decibels(envelope_amplitudes(values), turns)
