"""Packets: what one notification of a burst holds, by the layout that the config describes. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewayd_plugins.ble.connections.options import Counted
from gatewayd_plugins.ble.numbers.number import LONGEST_VALUE
from gatewayd_plugins.ble.numbers.types import ByteOrder, NumberType

WHOLE = {1, 2, 4, 8}
"""Sizes of whole numbers that NumPy knows."""


@dataclass(frozen=True, slots=True)
class Counter:
    """A whole number in each packet; behind `span - 1` comes 0."""

    at: int
    type: NumberType
    byte_order: ByteOrder

    @property
    def end(self) -> int:
        """How many bytes there must be at least."""
        return self.at + self.type.size

    @property
    def span(self) -> int:
        """How many numbers it has."""
        return 1 << 8 * self.type.size

    def read(self, packet: bytes) -> int:
        """The number."""
        return int.from_bytes(packet[self.at : self.end], self.byte_order)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the packets of a burst of `count` values are built. See BurstOptions."""

    count: int
    type: NumberType
    at: int = 0
    byte_order: ByteOrder = "little"
    step: int = 1
    index: Counter | None = None
    counts: Counted = Counted.PACKETS
    first: int = 0
    burst: Counter | None = None

    @property
    def shortest(self) -> int:
        """Bytes that a packet with a value has at least."""
        counters = [each.end for each in (self.index, self.burst) if each is not None]
        return max(self.at + self.type.size, *counters, 0)

    def values_in(self, payload: bytes) -> int:
        """How many values of this channel there are."""
        return -(-(len(payload) // self.type.size) // self.step)

    def extent(self, payload: bytes) -> int:
        """By how much the index of the next packet is greater."""
        if self.counts is Counted.PACKETS:
            return 1
        return self.values_in(payload) * self._extent_of_value

    @property
    def places(self) -> int:
        """No packet has a greater index: there are no empty ones."""
        return self.count * self.step * (self.type.size if self.counts is Counted.BYTES else 1)

    @property
    def _extent_of_value(self) -> int:
        """By how much a value of this channel, with those of the others, makes the index greater that counts values."""
        return self.step * self.type.size if self.counts is Counted.BYTES else 1

    @property
    def least_last_place(self) -> int:
        """The index of the last packet, counted from 0, is this at least: it is as long as a packet can be."""
        most = self.values_in(bytes(max(LONGEST_VALUE - self.at, self.type.size)))
        if self.counts is Counted.PACKETS:
            return -(-self.count // most) - 1
        return max(0, self.count - most) * self._extent_of_value

    def decode(self, payload: bytes) -> NDArray[np.float64]:
        """The numbers of this channel, as they stand in the bytes of one packet."""
        size = self.type.size
        raw = payload[: len(payload) // size * size]
        numbers = _numbers(raw, self.type, self.byte_order)
        return numbers[:: self.step]


@np.errstate(invalid="ignore")  # a device may send any number, a signalling NaN included
def _numbers(raw: bytes, kind: NumberType, order: ByteOrder) -> NDArray[np.float64]:
    """The numbers that fill the bytes."""
    size = kind.size
    if size in WHOLE:
        form = "f" if kind.startswith("float") else "i" if kind.startswith("int") else "u"
        return np.frombuffer(raw, ("<" if order == "little" else ">") + f"{form}{size}").astype(np.float64)
    digits = np.frombuffer(raw, np.uint8).reshape(-1, size).astype(np.int64)
    places = np.arange(size) if order == "little" else np.arange(size)[::-1]
    numbers: NDArray[np.int64] = (digits << 8 * places).sum(axis=1)
    if kind.startswith("int"):
        numbers -= (numbers >> (8 * size - 1)) << (8 * size)
    return numbers.astype(np.float64)
