"""Scans: how the values of one moment lie in an IIO buffer, and how they become numbers.

The notation of types is that of https://docs.kernel.org/iio/iio_devbuf.html; the alignment, that of the kernel's
iio_compute_scan_bytes(): each element at a multiple of its own size, a scan at a multiple of its largest one's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TYPE = re.compile(r"(be|le):([su])(\d+)/(8|16|32|64)(?:X(\d+))?(?:>>(\d+))?")


@dataclass(frozen=True, slots=True)
class Element:
    """One value of a scan: `bits` of it count, which stand `shift` above the end of its `storage` bits."""

    name: str
    index: int
    big_endian: bool
    signed: bool
    bits: int
    storage: int
    shift: int

    @classmethod
    def parse(cls, name: str, index: int, text: str) -> Element:
        """Read a type such as `le:s12/16>>4`. Raises ValueError for one that is none, or that repeats."""
        parts = _TYPE.fullmatch(text)
        if parts is None or int(parts[5] or 1) != 1:
            raise ValueError(f"{name} has the type {text!r}; expected one such as 'le:s12/16>>4'")
        bits, storage, shift = int(parts[3]), int(parts[4]), int(parts[6] or 0)
        if not 0 < bits <= storage - shift:
            raise ValueError(f"{name} has the type {text!r}: {bits} bits do not fit")
        return cls(name, index, parts[1] == "be", parts[2] == "s", bits, storage, shift)

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.storage // 8

    @property
    def dtype(self) -> np.dtype[Any]:
        """Its storage, unsigned."""
        return np.dtype(f"{'>' if self.big_endian else '<'}u{self.size}")

    def numbers(self, stored: NDArray[Any]) -> NDArray[np.int64]:
        """What its stored values mean; of 64 bits, those below 2^63."""
        values = (stored.astype(np.uint64) >> np.uint64(self.shift)) & np.uint64((1 << self.bits) - 1)
        unused = np.int64(64 - self.bits)
        whole = values.astype(np.int64)
        return (whole << unused) >> unused if self.signed else whole


class Layout:
    """The elements of a scan in their places."""

    def __init__(self, elements: Sequence[Element]) -> None:
        self.elements = tuple(sorted(elements, key=lambda element: element.index))
        offsets, end = [], 0
        for element in self.elements:
            offsets.append(_aligned(end, element.size))
            end = offsets[-1] + element.size
        self.size = _aligned(end, max(element.size for element in self.elements))
        self._dtype = np.dtype(
            {
                "names": [element.name for element in self.elements],
                "formats": [element.dtype for element in self.elements],
                "offsets": offsets,
                "itemsize": self.size,
            }
        )

    def numbers(self, data: bytes) -> dict[str, NDArray[np.int64]]:
        """The raw numbers of whole scans, by the names of the elements."""
        scans = np.frombuffer(data, self._dtype)
        return {element.name: element.numbers(scans[element.name]) for element in self.elements}


def _aligned(offset: int, size: int) -> int:
    return -(-offset // size) * size
