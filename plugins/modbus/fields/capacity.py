"""Capacity: what numbers a field can hold, and which of them some bits are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatewayd_plugins.modbus.fields.conversions import Raw, bit_range, conversion
from gatewayd_plugins.modbus.fields.numbers import NumberType


@dataclass(frozen=True, slots=True)
class Capacity:
    """What numbers a field can hold: those of a type, or of some `bits` (first, last) of it."""

    type: NumberType
    bits: tuple[int, int] | None = None

    @property
    def width(self) -> int:
        """How many bits it has."""
        return self.type.bits if self.bits is None else self.bits[1] - self.bits[0] + 1

    @property
    def span(self) -> tuple[float, float]:
        """The least and the greatest number."""
        if self.bits is None:
            return self.type.span
        signed = self.type.family == "int"
        return (-(2 ** (self.width - 1)), 2 ** (self.width - 1) - 1) if signed else (0, 2**self.width - 1)

    def __str__(self) -> str:
        if self.bits is None:
            return self.type.value
        return "a bit" if self.width == 1 else f"what has {self.width} bits of {self.type}"

    def of_pattern(self, pattern: int) -> float:
        """The number that these bits are; NaN when they are none."""
        if self.bits is not None:
            raw = np.array([pattern << self.bits[0]], f"uint{self.type.bits}").view(self.type.dtype)
            return float(bit_range(self.type, [self.bits])(raw)[0])
        bytes_ = pattern.to_bytes(self.type.bits // 8, "big")
        raw = np.frombuffer(bytes_, self.type.dtype.newbyteorder(">"))
        convert = conversion(self.type)
        return float((raw.astype(self.type.dtype.base) if convert is None else convert(_native(raw)))[0])


def _native(raw: Raw) -> Raw:
    return raw.astype(raw.dtype.newbyteorder("="))
