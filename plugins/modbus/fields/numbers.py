"""Numbers: the types that registers can hold, and what is special about them."""

from __future__ import annotations

import enum
import re

import numpy as np


class NumberType(enum.StrEnum):
    """What registers can hold. A bit (`bool`) is what coils and discrete inputs hold.

    `bcd` has a decimal digit in each four bits, `mod10k` four of them in each register, which has its own sign (as
    power meters of Schneider Electric count energy), `signmag` a sign in its highest bit. An 8-bit number is one byte
    of a register. A `string` has any length, and is a number only by the `values` that its channel gives to texts.
    """

    BOOL = "bool"
    INT8 = "int8"
    UINT8 = "uint8"
    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT16 = "float16"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    BCD16 = "bcd16"
    BCD32 = "bcd32"
    BCD64 = "bcd64"
    MOD10K32 = "mod10k32"
    MOD10K48 = "mod10k48"
    MOD10K64 = "mod10k64"
    SIGNMAG16 = "signmag16"
    SIGNMAG32 = "signmag32"
    STRING = "string"

    @property
    def bits(self) -> int:
        """How many bits it takes; of a string nobody knows, of a bool a register."""
        digits = re.search(r"(8|16|32|48|64)$", self)
        return int(digits[1]) if digits else 16

    @property
    def registers(self) -> int:
        """How many registers it takes; a string at least."""
        return -(-self.bits // 16)

    @property
    def family(self) -> str:
        """Its name without its size."""
        return self.removesuffix(str(self.bits))

    @property
    def whole(self) -> bool:
        """Whether it holds whole numbers only."""
        return self.family != "float"

    @property
    def plain(self) -> bool:
        """Whether numpy knows it."""
        return self.family in {"int", "uint", "float"}

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """As what its bytes are read: itself if numpy knows it, else whole numbers that hold its digits."""
        if self.family == "mod10k":
            return np.dtype((np.int16, (self.registers,)))
        return np.dtype(self.value if self.plain else f"uint{self.bits}")

    @property
    def span(self) -> tuple[float, float]:
        """The least and the greatest number that it holds."""
        bits, decimals = self.bits, 10 ** (self.bits // 4)
        most = 2 ** (bits - 1)
        if self.family == "float":
            greatest = float(np.finfo(self.value).max)
            return -greatest, greatest
        spans = {
            "bool": (0, 1),
            "int": (-most, most - 1),
            "uint": (0, 2 * most - 1),
            "bcd": (0, decimals - 1),
            "mod10k": (1 - decimals, decimals - 1),
            "signmag": (1 - most, most - 1),
        }
        return spans[self.family]
