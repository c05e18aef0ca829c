"""Windows: slide over the polls of each group and give features at every hop, with the quality they deserve."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from gatewayd.engine.derived import Derived
from gatewayd.engine.plan import Plan, PlannedBurstFeatures, PlannedWindow
from gatewayd.model import Burst, Bytes, Floats, Polled, Quality, Saved, definition_hash
from gatewayd_ext import Window, burst_features

WINDOWS = "windows"
_BAD = np.uint8(Quality.BAD)


class SlidingWindow:
    """One planned window: a ring of the last values, asked for its features once a hop.

    The first features come when the window has had the time to fill, later ones at hops from there, each at the poll
    that is nearest. A feature of a window that holds less than half of the values that its group should have yielded is
    `UNCERTAIN`, of one that holds less than a tenth `BAD`, and so is one that cannot be computed (it is NaN). A feature
    of a full window by time is `UNCERTAIN`: more than a value a poll came, and some of its span may be overwritten.

    The saved state is good only for the `definition` and in the boot that it was made for.
    """

    def __init__(self, window: PlannedWindow, plan: Plan, boot: str) -> None:
        interval = plan.groups[window.group].interval
        self.group = window.group
        self._outputs = tuple(channel for row in window.outputs for channel in row)
        names = [plan.channels[channel].name for channel in self._outputs]
        columns = [plan.channels[plan.groups[window.group].channels[column]].name for column in window.columns]
        self.name = names[0]
        self.definition = definition_hash([names, columns, window.span, window.samples, window.every, interval, boot])
        self._every = window.every
        self._early = interval // 2
        self._expected = window.samples or max(1, window.span // interval)
        self._fill = interval * (self._expected - 1)
        self._due: int | None = None
        self._shape = (len(window.columns), len(window.features))
        self._by_time = window.span > 0
        self._room = window.room(interval)
        self._kernel = Window(np.asarray(window.columns, dtype=np.int64), window.span, self._room, window.features)

    def push(self, polled: Polled) -> Derived | None:
        """Take one poll in; give the features if a hop is due at it."""
        time = polled.time
        self._kernel.push(time, polled.values, polled.qualities)
        if self._due is None:
            self._due = time + self._fill
        if time < self._due - self._early:
            return None
        self._due = self._next_hop(self._due, time)
        return self._compute(time)

    def _next_hop(self, due: int, time: int) -> int:
        """The first hop that is not due at `time`, on the grid that `due` is on: the hops never drift."""
        return due + self._every * ((time + self._early - due) // self._every + 1) if self._every else time

    def _compute(self, time: int) -> Derived:
        values = np.empty(self._shape)
        counts = np.empty(self._shape[0], dtype=np.int64)
        self._kernel.compute(time, values, counts)
        return Derived(self._outputs, time, values.ravel(), self._qualities(values, counts).ravel())

    def _qualities(self, values: Floats, counts: NDArray[np.int64]) -> Bytes:
        usable = np.isfinite(values) & (counts * 10 >= self._expected)[:, np.newaxis]
        partial = (counts * 2 < self._expected) | (self._by_time & (counts >= self._room))
        return np.where(usable, partial.astype(np.uint8)[:, np.newaxis], _BAD)  # 0 is GOOD, 1 is UNCERTAIN

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
        self._all = [SlidingWindow(window, plan, boot) for window in plan.windows]
        self._by_group: list[list[SlidingWindow]] = [[] for _ in plan.groups]
        for window in self._all:
            self._by_group[window.group].append(window)

    def push(self, polled: Polled) -> Sequence[Derived]:
        """Feed every window of the poll's group; give the features of those whose hop is due."""
        computed = [window.push(polled) for window in self._by_group[polled.group]]
        return [derived for derived in computed if derived is not None]

    def state(self) -> tuple[Saved, ...]:
        """What must be kept of all windows."""
        return tuple(window.state() for window in self._all)

    def restore(self, saved: Iterable[Saved]) -> None:
        """Go on with the windows of an earlier run that are still defined the same way, in the same boot."""
        by_name = {item.name: item for item in saved if item.stage == WINDOWS}
        for window in self._all:
            if window.name in by_name:
                window.restore(by_name[window.name])


class BurstFeatures:
    """Features of waveforms: each burst is a window of its own."""

    def __init__(self, plan: Plan) -> None:
        self._by_channel: dict[int, list[PlannedBurstFeatures]] = {}
        for features in plan.bursts:
            self._by_channel.setdefault(features.channel, []).append(features)

    def push(self, burst: Burst) -> Sequence[Derived]:
        """The features of one burst, with its quality."""
        return [_of_burst(burst, plan) for plan in self._by_channel.get(burst.channel, ())]


def _of_burst(burst: Burst, plan: PlannedBurstFeatures) -> Derived:
    values = np.full(len(plan.features), np.nan)
    if burst.quality <= Quality.UNCERTAIN:
        burst_features(burst.values, burst.rate, plan.features, values)
    qualities = np.where(np.isfinite(values), burst.quality, Quality.BAD).astype(np.uint8)
    return Derived(plan.outputs, burst.time, values, qualities)
