"""What the engine itself derives from what it is fed: the record that passes between its stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
import numpy as np

from gatewayd.model import NO_REASONS, Bytes, Floats, Quality


class Derived(msgspec.Struct, frozen=True, eq=False):
    """Values (float64) and qualities (uint8) of the derived channels `outputs`, all of one time.

    `reasons` says why one is bad, by its name within its source, as far as that is known. No array is written to once
    it is in here.
    """

    outputs: tuple[int, ...]
    time: int
    values: Floats
    qualities: Bytes
    reasons: Mapping[str, str] = NO_REASONS


def no_values(outputs: tuple[int, ...], names: Iterable[str], time: int, reason: str) -> Derived:
    """That there is no value of any of the `outputs` at `time`, and why; `names` are theirs within the source."""
    values = np.full(len(outputs), np.nan)
    qualities = np.full(len(outputs), Quality.BAD, dtype=np.uint8)
    return Derived(outputs, time, values, qualities, dict.fromkeys(names, reason))
