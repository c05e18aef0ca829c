"""Interpretations: what the bytes of registers may mean, in all types and orders, and what is plausible. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.fields.orders import ByteOrder, places

TYPES = tuple(
    NumberType(name) for name in ("uint16", "int16", "uint32", "int32", "float32", "uint64", "int64", "float64")
)
MEASURED = (1e-3, 1e7)
"""What measurements are between: of random bytes one in eight is such a float32, one in sixty such a float64."""
COUNTED = {16: 2**15 - 2, 32: 10**7, 64: 2**40}
"""Up to what a whole number of so many bits is plausible: beyond it are codes such as 32767 for no sensor."""
ORDERS = (ByteOrder.ABCD, ByteOrder.CDAB, ByteOrder.BADC, ByteOrder.DCBA)
"""The usual ones first."""
SWAPPED = frozenset({ByteOrder.BADC, ByteOrder.DCBA})
"""The bytes within a register are the other way round."""


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What bytes are as numbers of a type in an order, and whether a device would send that."""

    type: NumberType
    order: ByteOrder
    value: int | float
    plausible: bool


def interpretations(data: bytes) -> Iterator[Interpretation]:
    """All that the first bytes may be. Orders that come to the same are given once."""
    for number_type in TYPES:
        size = number_type.bits // 8
        if size > len(data):
            continue
        orders = {places(order, size): order for order in reversed(ORDERS)}
        for order in [order for order in ORDERS if orders[places(order, size)] is order]:
            value = _decoded(bytes(data[place] for place in places(order, size)), number_type)
            yield Interpretation(number_type, order, value, _plausible(value, number_type, order))


def text(data: bytes) -> str:
    """The text that bytes are, if they are one; else nothing."""
    whole = data.rstrip(b"\0 ")
    return whole.decode("ascii") if len(whole) > 2 and all(0x20 <= byte < 0x7F for byte in whole) else ""


def _decoded(big_endian: bytes, number_type: NumberType) -> int | float:
    value: int | float = np.frombuffer(big_endian, number_type.dtype.newbyteorder(">"))[0].item()
    return value


def _plausible(value: float, number_type: NumberType, order: ByteOrder) -> bool:
    if not number_type.whole:
        return math.isfinite(value) and MEASURED[0] <= abs(value) <= MEASURED[1]
    if order in SWAPPED:
        return False  # of whole numbers: hardly any device does that
    if value == -1 and number_type.bits > 16:
        return False  # nothing but ones: a code for no value
    if order is ByteOrder.CDAB and 0 <= value < 2**16:
        return False  # rather a number of 16 bits with nothing behind it
    below_zero = number_type.family == "int"
    return (value < 0 if below_zero else value > 0) and abs(value) <= COUNTED[number_type.bits]
