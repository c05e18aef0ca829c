"""The ring: what came lately, as far back as it may be asked for and as a bound of bytes allows."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from gatewayd.model import Burst, Bytes, Floats

ROW = 420
"""About how many bytes a row takes besides its values."""
WAVE = 400
"""The same of a waveform."""


class Row(NamedTuple):
    """Values of channels (numbers of the plan) that came together at one time, measured or derived."""

    channels: tuple[int, ...]
    time: int
    values: Floats
    qualities: Bytes
    reasons: Mapping[str, str]


class Ring:
    """The rows of the last `span` ns, and the last waveform of each channel; each of both within `limit` bytes."""

    def __init__(self, span: int, limit: int) -> None:
        self._span = span
        self._limit = limit
        self._rows: deque[Row] = deque()
        self._size = 0
        self._waves: dict[int, Burst] = {}
        self._wave_size = 0
        self._begin: int | None = None
        self.pinned: int | None = None
        """What came from this time on is kept even if it is older than the span."""

    def resize(self, span: int, limit: int) -> None:
        """From now on keep so much."""
        self._span = span
        self._limit = limit

    def renumbered(self, numbers: Mapping[int, int]) -> Ring:
        """The same rows and waveforms under other numbers of their channels, without what has none."""
        ring = Ring(self._span, self._limit)
        ring._begin, ring.pinned = self._begin, self.pinned
        known: dict[tuple[int, ...], _Columns] = {}
        for row in self._rows:
            columns = known.get(row.channels)
            if columns is None:
                columns = known[row.channels] = _Columns.of(row.channels, numbers)
            if columns.channels:
                ring.put(columns.of_row(row))
        for channel, burst in self._waves.items():
            if channel in numbers:
                ring.burst(replace(burst, channel=numbers[channel]))
        return ring

    def put(self, row: Row) -> None:
        """Take a row in, and let go what is too old."""
        rows, horizon = self._rows, row.time - self._span
        if self.pinned is not None and self.pinned < horizon:
            horizon = self.pinned
        rows.append(row)
        self._size += ROW + row.values.nbytes
        while rows and (rows[0].time < horizon or self._size > self._limit):
            gone = rows.popleft()
            self._size -= ROW + gone.values.nbytes
            self._begin = gone.time

    def burst(self, burst: Burst) -> None:
        """Take a waveform in: the last one of its channel."""
        before = self._waves.pop(burst.channel, None)
        self._wave_size += WAVE + burst.values.nbytes - (WAVE + before.values.nbytes if before else 0)
        self._waves[burst.channel] = burst
        while self._wave_size > self._limit:
            gone = self._waves.pop(next(iter(self._waves)))
            self._wave_size -= WAVE + gone.values.nbytes

    def rows(self) -> tuple[Row, ...]:
        """All rows, in the order in which they came."""
        return tuple(self._rows)

    def waves(self) -> Mapping[int, Burst]:
        """The last waveforms by their channels."""
        return dict(self._waves)

    def reaches(self, time: int) -> bool:
        """Whether nothing that came at `time` or later has been let go."""
        return self._begin is None or self._begin < time


class _Columns(NamedTuple):
    """What becomes of rows of some channels: their new numbers, and which of them those are (None: all)."""

    channels: tuple[int, ...]
    there: list[int] | None

    @classmethod
    def of(cls, channels: tuple[int, ...], numbers: Mapping[int, int]) -> _Columns:
        """By the new numbers of those that are still there."""
        there = [column for column, channel in enumerate(channels) if channel in numbers]
        return cls(tuple(numbers[channels[column]] for column in there), there if len(there) < len(channels) else None)

    def of_row(self, row: Row) -> Row:
        """The same row."""
        if self.there is None:
            return row._replace(channels=self.channels)
        return row._replace(channels=self.channels, values=row.values[self.there], qualities=row.qualities[self.there])
