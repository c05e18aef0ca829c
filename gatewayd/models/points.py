"""Operating points: which of a model's baselines a row belongs to, by the value of a speed or a load."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

OVERLAP = 0.02
"""How far beyond an edge, in parts of the narrower bin beside it, a value must be for another operating point."""


class Points:
    """The bins between `edges`, which ascend: below the first, between each two, from the last one on.

    A value that hovers at an edge stays in the bin that it came from.
    """

    def __init__(self, edges: Sequence[float], name: str = "", unit: str = "") -> None:
        self._edges = tuple(edges)
        self._slack = tuple(_slack(edges, place) for place in range(len(edges)))
        self.names = tuple(_name(edges, place, name, unit) for place in range(len(edges) + 1))
        self._now = -1

    def __len__(self) -> int:
        return len(self.names)

    def at(self, value: float) -> int:
        """The bin (from 0) of a finite value."""
        place = bisect_right(self._edges, value)
        now = self._now
        if place == now or (now >= 0 and self._hovers(value, now, place)):
            return now
        self._now = place
        return place

    def _hovers(self, value: float, now: int, place: int) -> bool:
        """Whether a value of the next bin is still as good as at the edge to the bin of now."""
        if place == now + 1:
            return value < self._edges[now] + self._slack[now]
        return place == now - 1 and value > self._edges[place] - self._slack[place]


def _slack(edges: Sequence[float], place: int) -> float:
    beside = [abs(edges[place] - edges[other]) for other in (place - 1, place + 1) if 0 <= other < len(edges)]
    return OVERLAP * min(beside, default=abs(edges[place]))


def _name(edges: Sequence[float], place: int, name: str, unit: str) -> str:
    if not edges:
        return ""
    shown = [f"{edge:g}" for edge in edges]
    unit = f" {unit}" if unit not in ("", "1") else ""
    if place == 0:
        return f"{name} below {shown[0]}{unit}"
    if place == len(edges):
        return f"{name} from {shown[-1]}{unit} on"
    return f"{name} from {shown[place - 1]} to {shown[place]}{unit}"
