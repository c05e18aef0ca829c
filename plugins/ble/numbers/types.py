"""Types of numbers that devices send, and how each stands in its bytes."""

from __future__ import annotations

import enum
import math
import struct
from typing import Literal


class NumberType(enum.StrEnum):
    """What bytes can hold; `sfloat` and `float` are the 16- and 32-bit decimal numbers of IEEE 11073-20601."""

    UINT8 = "uint8"
    INT8 = "int8"
    UINT16 = "uint16"
    INT16 = "int16"
    UINT24 = "uint24"
    INT24 = "int24"
    UINT32 = "uint32"
    INT32 = "int32"
    UINT48 = "uint48"
    UINT64 = "uint64"
    INT64 = "int64"
    FLOAT16 = "float16"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    SFLOAT = "sfloat"
    FLOAT = "float"

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return _SIZES[self]

    @property
    def is_whole(self) -> bool:
        """Whether it holds whole numbers alone."""
        return self in _WHOLE


ByteOrder = Literal["little", "big"]
"""Which byte of a number comes first: Bluetooth's own numbers begin with the least significant one (little)."""

_SIZES = {each: int("".join(filter(str.isdigit, each)) or 0) // 8 for each in NumberType}
_SIZES |= {NumberType.SFLOAT: 2, NumberType.FLOAT: 4}
_WHOLE = frozenset(each for each in NumberType if each.startswith(("int", "uint")))
_SIGNED = frozenset(each for each in NumberType if each.startswith("int"))
_BINARY = {NumberType.FLOAT16: "e", NumberType.FLOAT32: "f", NumberType.FLOAT64: "d"}
_MANTISSA_BITS = {NumberType.SFLOAT: 12, NumberType.FLOAT: 24}
_EXPONENT_BITS = {12: 4, 24: 8}


def unpack(kind: NumberType, data: bytes, order: ByteOrder) -> float:
    """The number in exactly its bytes; NaN or an infinity where the bytes say so."""
    if kind in _WHOLE:
        return int.from_bytes(data, order, signed=kind in _SIGNED)
    if kind in _MANTISSA_BITS:
        return _decimal(int.from_bytes(data, order), _MANTISSA_BITS[kind])
    sign = "<" if order == "little" else ">"
    return float(struct.unpack(sign + _BINARY[kind], data)[0])


def _decimal(raw: int, mantissa_bits: int) -> float:
    """A decimal floating-point number of IEEE 11073-20601: mantissa * 10 ** exponent, five mantissas being special."""
    mantissa = _signed(raw & ((1 << mantissa_bits) - 1), mantissa_bits)
    exponent = _signed(raw >> mantissa_bits, _EXPONENT_BITS[mantissa_bits])
    largest = (1 << (mantissa_bits - 1)) - 1
    if exponent == 0 and mantissa in {largest, -largest - 1, -largest}:
        return math.nan  # "not a number", "not at this resolution", reserved
    if exponent == 0 and abs(mantissa) == largest - 1:
        return math.copysign(math.inf, mantissa)
    return mantissa / 10**-exponent if exponent < 0 else float(mantissa * 10**exponent)


def _signed(raw: int, bits: int) -> int:
    return raw - (1 << bits) if raw >> (bits - 1) else raw
