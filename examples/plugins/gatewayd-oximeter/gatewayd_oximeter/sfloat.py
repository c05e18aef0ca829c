"""SFLOAT: the 16-bit numbers of medical devices (IEEE 11073-20601): 12 bits, times ten to the power of 4 bits."""

from __future__ import annotations

import math

SPECIAL = {0x07FF: math.nan, 0x0800: math.nan, 0x0801: math.nan, 0x07FE: math.inf, 0x0802: -math.inf}
"""Not a number, not at this resolution, reserved; the infinities."""


def sfloat(low: int, high: int) -> float:
    """The number of two bytes, the lower one first."""
    raw = low | high << 8
    if raw in SPECIAL:
        return SPECIAL[raw]
    mantissa, exponent = raw & 0xFFF, raw >> 12
    mantissa -= (mantissa & 0x800) << 1
    exponent -= (exponent & 0x8) << 1
    return mantissa * 10.0**exponent if exponent >= 0 else mantissa / 10.0**-exponent
