"""Conversions: numbers in forms that numpy does not know, of whole columns at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewayd_plugins.modbus.fields.numbers import NumberType

Raw = NDArray[Any]
"""Numbers of some integer type."""
Floats = NDArray[np.float64]
Conversion = Callable[[Raw], Floats]

TEN_THOUSAND = 10_000


def conversion(number_type: NumberType) -> Conversion | None:
    """How the numbers of a type come from their bytes, read as its `dtype`; None: they are that already.

    NaN is what bytes become that are no number in this form.
    """
    return {"bcd": _bcd, "mod10k": _mod10k, "signmag": _signmag}.get(number_type.family)


def bit_range(number_type: NumberType, ranges: Sequence[tuple[int, int]]) -> Conversion:
    """The bits from the first to the second one of each number; those of a signed type have a sign as well."""
    unsigned = np.dtype(f"uint{number_type.bits}")
    up = np.array([number_type.bits - 1 - high for _, high in ranges], unsigned)
    down = np.array([number_type.bits - 1 - high + low for low, high in ranges], number_type.dtype)

    def taken(raw: Raw) -> Floats:
        left: Raw = raw.view(unsigned) << up
        return (left.view(number_type.dtype) >> down).astype(np.float64)

    return taken


def _bcd(raw: Raw) -> Floats:
    """Decimal digits, four bits each. One above 9 makes the whole no number."""
    digits = raw[:, np.newaxis] >> np.arange(0, 8 * raw.itemsize, 4, dtype=raw.dtype) & 15
    weights = 10.0 ** np.arange(digits.shape[1])
    return np.where((digits <= 9).all(axis=1), digits @ weights, np.nan)


def _mod10k(raw: Raw) -> Floats:
    """Registers that count to 9999 each, the most significant first (Schneider Electric, FAQ FA212766)."""
    words = raw.astype(np.float64)
    weights = float(TEN_THOUSAND) ** np.arange(words.shape[1])[::-1]
    return np.where((np.abs(words) < TEN_THOUSAND).all(axis=1), words @ weights, np.nan)


def _signmag(raw: Raw) -> Floats:
    """A magnitude, negative when the highest bit is set."""
    sign = raw.dtype.type(1 << 8 * raw.itemsize - 1)
    magnitude: Floats = (raw & ~sign).astype(np.float64)
    magnitude[raw & sign != 0] *= -1
    return magnitude
