"""What was fitted: what a score needs of healthy running, and how that is kept. Reading it executes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec
import numpy as np

from gatewayd.model import Floats
from gatewayd_ext.healthy import ORDER, check_finite, check_learned


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What was learned of some channels, for the kernels `Health` and `Changes`, whose twins say what it is.

    `reach` is how far a channel alone must be from its centre, in its unit, for the level to be at its edge.
    """

    centre: Floats
    scale: Floats
    precision: Floats
    course: Floats
    noise: Floats
    change: Floats
    reach: Floats
    level_edge: float
    energy_edge: float

    def check(self) -> None:
        """Raises ValueError when it cannot be of healthy running."""
        check_learned(self, 1.0)
        check_finite("reach", self.reach, self.centre.shape)
        if min(map(np.min, (self.scale, self.noise, self.change, self.reach))) < 0:
            raise ValueError("what is learned of spreads cannot be below 0")

    @property
    def judged(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which channels are judged: those that have ever changed."""
        return self.scale > 0

    def rebased(self, rows: Floats) -> Fitted:
        """The same about the middle of other rows (finite)."""
        return replace(self, centre=np.median(rows, axis=0))


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """What was fitted, as it is kept: arrays are float64, little-endian."""

    centre: bytes
    scale: bytes
    precision: bytes
    course: bytes
    noise: bytes
    change: bytes
    reach: bytes
    level_edge: float
    energy_edge: float

    @classmethod
    def of(cls, fitted: Fitted) -> Kept:
        """As it is kept."""
        return cls(
            centre=packed(fitted.centre),
            scale=packed(fitted.scale),
            precision=packed(fitted.precision),
            course=packed(fitted.course),
            noise=packed(fitted.noise),
            change=packed(fitted.change),
            reach=packed(fitted.reach),
            level_edge=fitted.level_edge,
            energy_edge=fitted.energy_edge,
        )

    def fitted(self, columns: int) -> Fitted:
        """Have it back. Raises ValueError for what is not of so many channels, or cannot be of healthy running."""
        fitted = Fitted(
            centre=unpacked(self.centre, columns),
            scale=unpacked(self.scale, columns),
            precision=unpacked(self.precision, columns, columns),
            course=unpacked(self.course, columns, ORDER),
            noise=unpacked(self.noise, columns),
            change=unpacked(self.change, columns),
            reach=unpacked(self.reach, columns),
            level_edge=self.level_edge,
            energy_edge=self.energy_edge,
        )
        fitted.check()
        return fitted


def packed(numbers: Floats) -> bytes:
    """An array as it is kept."""
    return np.asarray(numbers, "<f8").tobytes()


def unpacked(data: bytes, *shape: int) -> Floats:
    """An array of this shape. Raises ValueError for data of another length."""
    numbers: Floats = np.frombuffer(data, "<f8").astype(np.float64).reshape(shape)
    return numbers
