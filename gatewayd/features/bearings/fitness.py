"""Fitness: whether a window of vibration can tell anything about a bearing."""

from __future__ import annotations

import math

import numpy as np

from gatewayd.features.bearings.geometry import Orders
from gatewayd.features.bearings.lines import highest
from gatewayd.model import Signal

FEWEST_TURNS = 10
"""With fewer turns of the shaft in a window its lines and those of the bearing cannot be told apart."""

_ROUNDING = 1e-9
_ROOM = 1.1
"""How far above the highest line the envelope's spectrum must reach, for decoys and slip."""


def unfit(values: Signal, rate: float, shaft: float, orders: Orders) -> str:
    """Why these values cannot be analysed, in words; "" where they can.

    A window needs ten turns of the shaft, a rate of at least 2.2 times the highest line (as a rule that is three times
    BPFI and one order), and finite values that are not all the same.
    """
    return _unfit_times(len(values), rate, shaft, orders) or _unfit_values(values)


def _unfit_times(count: int, rate: float, shaft: float, orders: Orders) -> str:
    if not (math.isfinite(rate) and rate > 0):
        return f"the rate is {rate:g} Hz"
    if not math.isfinite(shaft):
        return "the shaft's speed is not known"
    turns = count / rate * shaft
    if turns < FEWEST_TURNS * (1 - _ROUNDING):
        return f"{count} values at {rate:g} Hz are {max(turns, 0):.1f} turns of the shaft; it takes {FEWEST_TURNS}"
    least = 2 * _ROOM * highest(orders) * shaft
    if rate < least:
        return f"the rate is {rate:g} Hz; the bearing's lines at {shaft:g} Hz of the shaft take {math.ceil(least)} Hz"
    return ""


def _unfit_values(values: Signal) -> str:
    if not np.isfinite(values).all():
        return "not all values are finite numbers"
    return "all values are the same" if values.min() == values.max() else ""
