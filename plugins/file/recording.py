"""Recordings: what a file holds, whatever its format: evenly spaced columns of numbers, with or without gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64] | NDArray[np.float32]

LATEST = 1e11
"""Seconds since 1970: a time beyond, which is in the year 5138, is in another unit."""
JITTER = 0.5
"""By how much of a step a time may be off before values are taken to be missing."""


class RecordingError(ValueError):
    """A file that cannot be read as a recording."""

    def __init__(self, path: Path, what: str) -> None:
        self.what = what
        super().__init__(f"{path}: {what}")


@dataclass(frozen=True, slots=True)
class Recording:
    """Columns of equally many values, `rate` Hz (None: the file does not say), not necessarily finite.

    `gaps` are the rows before which values are missing.
    """

    columns: Mapping[str, Numbers]
    rate: float | None = None
    gaps: tuple[int, ...] = ()

    @property
    def length(self) -> int:
        """The number of rows."""
        return len(next(iter(self.columns.values())))


def spacing(path: Path, times: NDArray[np.float64]) -> tuple[float, tuple[int, ...]]:
    """The rate in Hz and the gaps of rows at these times in seconds. Raises RecordingError when there is no rate."""
    steps = np.diff(times)
    if not len(steps):
        raise RecordingError(path, "one row does not tell the rate")
    if abs(times[0]) > LATEST:
        raise RecordingError(path, f"its times are no seconds ({times[0]:.0f}); are they milliseconds?")
    wrong = np.flatnonzero(~((steps > 0) & (steps < np.inf)))
    if len(wrong):
        later = wrong[0] + 2
        raise RecordingError(path, f"its times do not rise from row to row: time {later} is not after time {later - 1}")
    step = float(np.median(steps))
    gaps = np.flatnonzero(steps > step * (1 + JITTER)) + 1
    even = np.delete(steps, gaps - 1)
    return 1.0 / float(even.mean()), tuple(gaps.tolist())
