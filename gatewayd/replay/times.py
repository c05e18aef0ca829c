"""The column of times: which one it is, and what its cells say, in nanoseconds of the recording's own clock."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]

UNREADABLE = -(2**63)
"""Stands for a time that cannot be read."""
LATEST = 1e11
"""Seconds since 1970: a time beyond, which is in the year 5138, is in another unit."""
HEADINGS = ("datetime", "timestamp", "time", "date", "seconds")
"""What a column of times is called; a unit or a zone may follow: `time [s]`, `Timestamp (UTC)`."""
SHORT = ("t", "ts")
"""The same, with nothing after it: `T1` is a temperature."""

_NAIVE = datetime(1970, 1, 1)  # noqa: DTZ001 - the clock of a recording is whatever it is
_AWARE = datetime(1970, 1, 1, tzinfo=UTC)
_DAY, _SECOND = 86_400_000_000, 1_000_000
_WORDS = re.compile(r"[a-z0-9]+")


def time_column(names: Sequence[str], first: Sequence[str]) -> int | None:
    """The place of the column of times: by its heading, else the first one that has a date in the `first` row."""
    words = [_WORDS.findall(name.lower().replace("_", " ")) for name in names]
    for heading in (*HEADINGS, *SHORT):
        found = [
            place for place, each in enumerate(words) if each[:1] == [heading] and not (each[1:] and heading in SHORT)
        ]
        if found:
            return found[0]
    dates = (place for place, cell in enumerate(first) if not is_number(cell) and read_time(cell) != UNREADABLE)
    return next(dates, None)


def read_times(cells: Sequence[str]) -> Times:
    """All times of a column; those that cannot be read are UNREADABLE."""
    return np.fromiter(map(read_time, cells), np.int64, len(cells))


def read_time(cell: str) -> int:
    """A date as ISO 8601 has it (one with a zone in UTC), or seconds, which as floats hold microseconds of today."""
    if "-" not in cell[1:]:  # of digits alone, which a number has, too, no date is made
        return _seconds(cell)
    try:
        at = datetime.fromisoformat(cell.strip())
    except ValueError:
        return _seconds(cell)
    since = at - (_NAIVE if at.tzinfo is None else _AWARE)
    return (since.days * _DAY + since.seconds * _SECOND + since.microseconds) * 1000


def is_number(cell: str) -> bool:
    """Whether a cell holds a number, with a point or a comma."""
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def shown(time: int, *, dated: bool) -> str:
    """A time for people, to the millisecond: as a date, or in seconds."""
    if not dated:
        return f"{time / 1e9:.3f}".rstrip("0").rstrip(".") + " s"
    seconds, rest = divmod(time, 1_000_000_000)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return text + (f".{rest // 1_000_000:03d}" if rest >= 1_000_000 else "")


def _seconds(cell: str) -> int:
    try:
        seconds = float(cell.replace(",", "."))
    except ValueError:
        return UNREADABLE
    return round(seconds * _SECOND) * 1000 if math.isfinite(seconds) and abs(seconds) < LATEST else UNREADABLE
