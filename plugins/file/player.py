"""The player: gives a recording piece by piece, with the times at which it is played."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from gatewayd.plugin import Block, Waveform, Yield
from gatewayd_plugins.file.recording import Numbers

MOST = 1000
"""Pieces that one poll gives: what is more is passed over, as a device would not wait either."""
SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Track:
    """One channel and its values."""

    channel: str
    values: Numbers


@dataclass(frozen=True, slots=True)
class Pieces:
    """Waveforms of `size` values; `gaps` are the rows before which values are missing."""

    size: int
    gaps: Sequence[int] = ()

    def cut(self, tracks: Sequence[Track], begin: int, rate: float, start: int | None) -> list[Yield]:
        """A waveform of each track, from row `begin` on."""
        end = begin + self.size
        gap = any(begin < row < end for row in self.gaps)
        return [Waveform(each.channel, each.values[begin:end], rate, time=start, gap=gap) for each in tracks]


@dataclass(frozen=True, slots=True)
class Rows:
    """Each row is a reading of all tracks."""

    size: int = 1

    def cut(self, tracks: Sequence[Track], begin: int, rate: float, start: int | None) -> list[Yield]:  # noqa: ARG002
        """A block of the row `begin`."""
        return [
            Block(tuple(each.channel for each in tracks), [float(each.values[begin]) for each in tracks], time=start)
        ]


@dataclass(slots=True)
class Player:
    """Plays tracks of equal length, `rate` rows a second, again and again if told to `repeat`.

    In real time a piece is given once all of it has been played. Between two rounds a row is left out, lest the end of
    the recording and its beginning are taken for one signal.
    """

    tracks: Sequence[Track]
    rate: float
    kind: Pieces | Rows
    in_real_time: bool
    repeat: bool
    _started: int | None = field(default=None, init=False)
    _given: int = field(default=0, init=False)

    def due(self) -> list[Yield]:
        """What is to be given now, oldest first."""
        if not self.in_real_time:
            self._given += 1
            return self._piece(self._given - 1, started=None)
        now = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        self._started = now if self._started is None else self._started
        ended = self._ended((now - self._started) / SECOND)
        self._given = max(self._given, ended - MOST)
        pieces = [self._piece(n, self._started) for n in range(self._given, ended)]
        self._given = ended
        return [each for piece in pieces for each in piece]

    @property
    def _rows(self) -> int:
        return len(self.tracks[0].values)

    @property
    def _per_round(self) -> int:
        return -(-self._rows // self.kind.size)

    def _ended(self, seconds: float) -> int:
        """How many pieces are over after so many seconds."""
        rounds, rest = divmod(seconds * self.rate, self._rows + 1)
        in_round = self._per_round if rest >= self._rows else int(rest // self.kind.size)
        ended = int(rounds) * self._per_round + in_round
        return ended if self.repeat else min(ended, self._per_round)

    def _piece(self, number: int, started: int | None) -> list[Yield]:
        turn, place = divmod(number, self._per_round)
        if turn and not self.repeat:
            return []
        begin = place * self.kind.size
        at = None if started is None else started + round((turn * (self._rows + 1) + begin) / self.rate * SECOND)
        return self.kind.cut(self.tracks, begin, self.rate, at)
