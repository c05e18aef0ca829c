"""Windows: slide over the polls of each group and give features at every hop, with the quality they deserve."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewayd.engine.derived import Derived
from gatewayd.engine.plan import Plan, PlannedWindow
from gatewayd.model import Bytes, Floats, Polled, Quality
from gatewayd.records import Saved, definition_hash
from gatewayd_ext import Sliding, Window
from gatewayd_ext.terms import SLIDING

WINDOWS = "windows"
OFTEN = 16
"""Features are kept up to date from poll to poll where hops to a window times columns are as many: computing them anew
costs more there (benchmarks/streaming.py)."""

_BAD = np.uint8(Quality.BAD)


@dataclass(frozen=True, slots=True)
class Contents:
    """The values of one column of a window, `seconds` after the first of them, and what may become of them at best."""

    seconds: Floats
    values: Floats
    quality: Quality


class SlidingWindow:
    """One planned window: a ring of the last values, asked for its features once a hop.

    The first features come when the window has had the time to fill, later ones at hops from there, each at the poll
    that is nearest. A feature of a window that holds less than half of the values that its group should have yielded is
    `UNCERTAIN`, of one that holds less than a tenth `BAD`, and so is one that cannot be computed (it is NaN). A feature
    of a full window by time is `UNCERTAIN`: more than a value a poll came, and some of its span may be overwritten.

    The saved state is good only for the `definition` and in the boot that it was made for.
    """

    def __init__(self, window: PlannedWindow, plan: Plan, boot: str, *, asked: bool = False) -> None:
        interval = plan.groups[window.group].interval
        self.group = window.group
        self.outputs = tuple(channel for row in window.outputs for channel in row)
        names = [plan.channels[channel].name for channel in self.outputs]
        columns = [plan.channels[plan.groups[window.group].channels[column]].name for column in window.columns]
        self.name = names[0] if names else f"{window.name}: {columns[0]}"
        self.definition = definition_hash([names, columns, window.span, window.samples, window.every, interval, boot])
        self._every = window.every
        self._early = interval // 2
        self._expected = window.samples or max(1, window.span // interval)
        self._fill = interval * (self._expected - 1)
        self._due: int | None = None
        self._shape = (len(window.columns), len(window.terms))
        self._good = np.zeros(len(self.outputs), dtype=np.uint8)
        self._good.flags.writeable = False
        self._by_time = window.span > 0
        self._room = window.room(interval)
        ring = np.asarray(window.columns, dtype=np.int64), window.span, self._room, window.terms
        slides = not asked and _slides(window, self._expected * interval, interval)
        self._asked = None if slides else Window(*ring)
        self._kernel = Sliding(*ring) if self._asked is None else self._asked

    def push(self, polled: Polled) -> bool:
        """Take one poll in; whether a hop is due at it."""
        time = polled.time
        self._kernel.push(time, polled.values, polled.qualities)
        if self._due is None:
            self._due = time + self._fill
        if time < self._due - self._early:
            return False
        self._due = self._next_hop(self._due, time)
        return True

    def _next_hop(self, due: int, time: int) -> int:
        """The first hop that is not due at `time`, on the grid that `due` is on: the hops never drift."""
        return due + self._every * ((time + self._early - due) // self._every + 1) if self._every else time

    def features(self, time: int) -> Derived:
        """All features at `time`."""
        values = np.empty(self._shape)
        counts = np.empty(self._shape[0], dtype=np.int64)
        self._kernel.compute(time, values, counts)
        return Derived(self.outputs, time, values.ravel(), self._qualities(values, counts))

    def _qualities(self, values: Floats, counts: NDArray[np.int64]) -> Bytes:
        best = [self._best(held) for held in counts.tolist()]
        if not any(best) and math.isfinite(sum(values.ravel().tolist())):  # the usual case, without ten calls of numpy
            return self._good
        return np.where(np.isfinite(values), np.array(best, dtype=np.uint8)[:, np.newaxis], _BAD).ravel()

    def _best(self, held: int) -> Quality:
        """The best that may become of so many values."""
        if held * 10 < self._expected:
            return Quality.BAD
        partial = held * 2 < self._expected or (self._by_time and held >= self._room)
        return Quality.UNCERTAIN if partial else Quality.GOOD

    def contents(self, time: int, column: int) -> Contents:
        """The values of one column at `time`, of a window that was made to be `asked`."""
        if self._asked is None:
            raise ValueError(f"{self.name} was not made to be asked for its contents")
        seconds, values = self._asked.contents(time, column)
        return Contents(seconds, values, self._best(len(values)))

    def state(self) -> Saved:
        """The ring and the next hop."""
        data = (self._due or 0).to_bytes(8, "little") + self._kernel.state()
        return Saved(WINDOWS, self.name, self.definition, data)

    def restore(self, saved: Saved) -> None:
        """Go on where `state` was taken; data that the kernel refuses are passed over, and the window fills anew."""
        if saved.definition != self.definition:
            return
        with suppress(ValueError):
            self._kernel.restore(saved.data[8:])
            self._due = int.from_bytes(saved.data[:8], "little") or None


class Windows:
    """All sliding windows, by the group that feeds them."""

    def __init__(self, plan: Plan, boot: str) -> None:
        asked = {calculation.window for calculation in plan.calculations}
        self._all = [
            SlidingWindow(window, plan, boot, asked=number in asked) for number, window in enumerate(plan.windows)
        ]
        self._by_group: list[list[tuple[int, SlidingWindow]]] = [[] for _ in plan.groups]
        for number, window in enumerate(self._all):
            self._by_group[window.group].append((number, window))

    def push(self, polled: Polled) -> Sequence[tuple[int, SlidingWindow]]:
        """Feed every window of the poll's group; give the numbers of those whose hop is due, and themselves."""
        return [(number, window) for number, window in self._by_group[polled.group] if window.push(polled)]

    def state(self) -> tuple[Saved, ...]:
        """What must be kept of all windows."""
        return tuple(window.state() for window in self._all)

    def restore(self, saved: Iterable[Saved]) -> None:
        """Go on with the windows of an earlier run that are still defined the same way, in the same boot."""
        by_name = {item.name: item for item in saved if item.stage == WINDOWS}
        for window in self._all:
            if window.name in by_name:
                window.restore(by_name[window.name])


def _slides(window: PlannedWindow, length: int, interval: int) -> bool:
    """Whether its features are kept up to date rather than computed anew: all can be, and they are needed often."""
    often = max(window.every, interval) * OFTEN <= length * len(window.columns)
    return often and bool(window.terms) and all(term.name in SLIDING for term in window.terms)
