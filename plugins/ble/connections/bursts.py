"""Bursts: packets come one after the other, some late, twice or never, and make waveforms, whole or with gaps. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gatewayd_plugins.ble.connections.packets import Layout

SECOND = 1_000_000_000
MOST_WAITING = 16
"""Bursts that wait for a poll at most; of more the oldest are lost."""
LATE = SECOND
"""ns for which packets with the number of the burst that is over are taken to be late."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """A burst as it came: raw values, the time (ns) of its first packet, and how many values are `missing`."""

    time: int
    values: NDArray[np.float64]
    missing: int = 0


@dataclass(slots=True)
class _Pieces:
    """What has come of the current burst: payloads by their places, without a hole up to the place `end`."""

    number: int | None
    begun: int
    last: int = 0
    end: int = 0
    whole: int = 0
    """Values without a hole before them."""
    by_place: dict[int, bytes] = field(default_factory=dict)


class Gathering:
    """Gathers the bursts of one channel.

    Bursts that have numbers, or were `asked` for, are told apart, and their packets may come late. All others are told
    apart by places alone: where they do not increase, the next burst begins. Two bursts of which more is lost than one
    has in all, the end of one and the begin of the other, can then not be told from one that is whole.
    """

    def __init__(self, layout: Layout, timeout: float, *, asked: bool = False) -> None:
        self.unusable = 0
        """Packets that belong to no burst, or are too short."""
        self._layout = layout
        self._timeout = int(timeout * SECOND)
        self._told_apart = asked or layout.burst is not None
        self._pieces: _Pieces | None = None
        self._over: int | None = None
        self._over_at = 0
        """The number of the burst that is over, and when its last packet came."""
        self._latest = 0
        self._surplus: int | None = None
        self._finished: deque[Gathered] = deque(maxlen=MOST_WAITING)

    @property
    def ready(self) -> bool:
        """Whether a burst can be taken."""
        return bool(self._finished)

    def begin(self) -> None:
        """A burst was asked for, or the connection is new: what comes now belongs to none before."""
        self._finish()
        self._over = None
        self._surplus = None

    def take(self, now: int) -> list[Gathered]:
        """The bursts that are over, also those that have not become whole in time."""
        if self._pieces is not None and now - self._pieces.begun > self._timeout:
            self._finish()
        taken = list(self._finished)
        self._finished.clear()
        return taken

    def packet(self, packet: bytes, time: int) -> None:
        """A packet has come. Nothing in it makes this raise."""
        layout = self._layout
        if len(packet) < layout.shortest:
            self.unusable += 1
            return
        if self._pieces is not None and time - self._pieces.begun > self._timeout:
            self._finish()
        number = None if layout.burst is None else layout.burst.read(packet)
        if self._is_late(number, time):
            self.unusable += 1
            return
        if self._pieces is not None and number != self._pieces.number:
            self._finish()
        self._latest = time
        payload = packet[layout.at :]
        self._place(payload, self._place_of(packet, payload), number, time)

    def _is_late(self, number: int | None, time: int) -> bool:
        """Whether a packet belongs to the burst that is over."""
        if number is None or number != self._over or (self._pieces and self._pieces.number == number):
            return False
        return time - self._over_at < LATE

    def _place_of(self, packet: bytes, payload: bytes) -> int:
        layout = self._layout
        if layout.index is None:
            return self._pieces.end if self._pieces else 0
        span = layout.index.span
        place = (layout.index.read(packet) - layout.first) % span
        if self._pieces is None or not self._told_apart or not self._wraps(payload):
            return place
        last = self._pieces.last
        return last + (place - last) % span

    def _wraps(self, payload: bytes) -> bool:
        """Whether the index starts again from 0 within a burst."""
        layout = self._layout
        if layout.index is None:
            return False
        values = layout.index.span * max(1, layout.values_in(payload)) // layout.extent(payload)
        return layout.count > values

    def _place(self, payload: bytes, place: int, number: int | None, time: int) -> None:
        if place >= self._layout.places or (self._pieces is None and place and place == self._surplus):
            self.unusable += 1
            return
        there = self._pieces.by_place.get(place) if self._pieces else None
        if there is not None and (self._told_apart or there == payload):
            self.unusable += 1
            return
        if self._pieces is not None and not self._told_apart and place <= self._pieces.last:
            self._finish()
        self._add(payload, place, number, time)

    def _add(self, payload: bytes, place: int, number: int | None, time: int) -> None:
        pieces = self._pieces
        if pieces is None:
            pieces = self._pieces = _Pieces(number, begun=time)
            self._surplus = None
        pieces.by_place[place] = payload
        pieces.last = max(pieces.last, place)
        while (next_one := pieces.by_place.get(pieces.end)) is not None:
            pieces.end += max(1, self._layout.extent(next_one))
            pieces.whole += self._layout.values_in(next_one)
        if pieces.whole >= self._layout.count:
            self._finish()

    def _finish(self) -> None:
        """The current burst is over, whole or not."""
        pieces, self._pieces = self._pieces, None
        if pieces is None:
            return
        self._over, self._over_at = pieces.number, self._latest
        whole = pieces.whole >= self._layout.count
        self._surplus = pieces.end if whole else None
        places = sorted(place for place in pieces.by_place if not whole or place < pieces.end)
        values = np.concatenate([self._layout.decode(pieces.by_place[place]) for place in places])
        values = values[: self._layout.count]
        missing = 0 if whole else max(1, self._layout.count - len(values))
        self._finished.append(Gathered(pieces.begun, values, missing))
