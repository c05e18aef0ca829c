"""What the engine itself derives from what it is fed: the record that passes between its stages."""

from __future__ import annotations

from dataclasses import dataclass

from gatewayd.model import Bytes, Floats


@dataclass(frozen=True, slots=True)
class Derived:
    """Values (float64) and qualities (uint8) of the derived channels `outputs`, all of one time."""

    outputs: tuple[int, ...]
    time: int
    values: Floats
    qualities: Bytes
