"""Waits: for how long a poll waits at worst until its turn, by deadline and never interrupted. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gatewayd.model import Floats

BRIEF = 0.25
"""A turn that takes up to so many of its neighbours' shortest interval is brief: it is not put off."""
SEEK = 2.0
"""So many of its neighbours' shortest intervals a long turn is put off at most, and never beyond its own one."""
MOST_LOOKS = 100_000
"""Looks at one kind in one case, for one poll: there is more to look at on lines that are as good as full."""
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Asking:
    """What asks for a line: `seconds` every `interval`; it must begin within `urgency` seconds after it is due.

    Those of other sources have a `shortest` interval, infinite if there are none.
    """

    interval: float
    seconds: float
    shortest: float

    @property
    def put_off(self) -> float:
        """For how many seconds at most a turn is put off because it is long."""
        return min(SEEK * self.shortest, self.interval) if self.seconds > BRIEF * self.shortest else 0.0

    @property
    def urgency(self) -> float:
        """Within how many seconds after it is due it must begin; a long one that was put off must at once."""
        return 0.0 if self.put_off else self.interval


def longest_busy(asking: Mapping[Asking, int]) -> float:
    """How long a line is busy without a pause at most, that so many of each kind ask for: for less than all time."""
    length = sum(each.seconds * count for each, count in asking.items())
    while True:
        turns = ((each, count * math.ceil(length / each.interval)) for each, count in asking.items())
        longer = sum(each.seconds * count for each, count in turns)
        if longer <= length + ROUNDING:
            return length
        length = longer


def longest_wait(own: Asking, asking: Counter[Asking], busy: float) -> float:
    """How many seconds one of those that ask waits at worst, on a line that is `busy` for so long at most.

    After L. George, N. Rivierre, M. Spuri: Preemptive and Non-Preemptive Real-Time UniProcessor Scheduling (INRIA,
    1996): the poll is due `late` seconds after all others were due at once, for each `late` that may matter.
    """
    others = asking - Counter([own])
    lates = np.fromiter({0.0, *_lates(own, others, busy)}, dtype=np.float64)
    return float(np.max(_waits(own, others, lates), initial=0.0)) + own.put_off


def _lates(own: Asking, others: Mapping[Asking, int], busy: float) -> Iterator[float]:
    """When its turn must begin just as late as one of another."""
    kinds = {(each.interval, each.urgency) for each in others}
    most = max(1, MOST_LOOKS // max(1, len(kinds)) ** 2)
    for interval, urgency in kinds:
        first = (urgency - own.interval) % interval
        yield from (first + k * interval for k in range(min(math.ceil((busy - first) / interval), most)))


def _waits(own: Asking, others: Mapping[Asking, int], lates: Floats) -> Floats:
    """How long it waits in each case; a row for each case, a column for each kind of others."""
    interval, seconds, urgency = np.array([(e.interval, e.seconds, e.urgency) for e in others]).reshape(-1, 3).T
    counts = np.array(list(others.values()), dtype=np.float64)
    must = (lates + own.interval)[:, np.newaxis]
    before = urgency <= must
    blocking = np.max(np.where(before, 0.0, seconds), axis=1, initial=0.0)
    own_before = np.floor(lates / own.interval + ROUNDING) * own.seconds
    most = np.floor((must - urgency) / interval + ROUNDING)
    work = np.where(before, seconds * counts, 0.0)
    begin = np.zeros(len(lates))
    while True:
        turns = 1.0 + np.minimum(np.floor(begin[:, np.newaxis] / interval + ROUNDING), most)
        then = blocking + own_before + np.sum(turns * work, axis=1)
        if np.all(then <= begin + ROUNDING):
            return begin - lates
        begin = np.maximum(begin, then)
