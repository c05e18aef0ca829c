"""Windows: slide over the polls of each group and give features at every hop, with the quality they deserve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatewayd.engine.plan import Plan, PlannedBurstFeatures, PlannedWindow
from gatewayd.model import Burst, Bytes, Floats, Polled, Quality, definition_hash
from gatewayd_ext import Window, burst_features


@dataclass(frozen=True, slots=True)
class Derived:
    """Values (float64) and qualities (uint8) of the derived channels `outputs`, all of one time.

    `origin` is the place of what derived them in `Plan.windows`, or in `Plan.bursts` for features of bursts.
    """

    origin: int
    outputs: tuple[int, ...]
    time: int
    values: Floats
    qualities: Bytes


class SlidingWindow:
    """One planned window: a ring of the last values, asked for its features once a hop.

    Its saved state is good only for the `definition` and in the boot that it was made for.

    The first features come when the window is full. A feature of a window that holds less than half of the values
    that its group should have yielded is `UNCERTAIN`; one that cannot be computed is `BAD` (and NaN).
    """

    def __init__(self, number: int, plan: Plan, boot: str) -> None:
        window = plan.windows[number]
        interval = plan.groups[window.group].interval
        outputs = tuple(channel for row in window.outputs for channel in row)
        names = [plan.channels[channel].name for channel in outputs]
        self.group = window.group
        self.name = names[0]
        self.definition = definition_hash([names, window.span, window.samples, window.every, interval, boot])
        self._number = number
        self._outputs = outputs
        self._every = window.every
        self._shape = (len(window.columns), len(window.features))
        self._expected = window.samples or max(1, window.span // interval)
        self._fill = interval * (self._expected - 1)
        self._due: int | None = None
        columns = np.asarray(window.columns, dtype=np.int64)
        self._kernel = Window(columns, window.span, _capacity(window, self._expected), window.features)

    def push(self, polled: Polled) -> Derived | None:
        """Take one poll in; give the features if a hop is due at it."""
        self._kernel.push(polled.time, polled.values, polled.qualities)
        if self._due is None:
            self._due = polled.time + self._fill
        if polled.time < self._due:
            return None
        self._due = _next_hop(self._due, polled.time, self._every)
        return self._compute(polled.time)

    def _compute(self, time: int) -> Derived:
        values = np.empty(self._shape)
        counts = np.empty(self._shape[0], dtype=np.int64)
        self._kernel.compute(time, values, counts)
        full = np.where(counts * 2 >= self._expected, Quality.GOOD, Quality.UNCERTAIN).astype(np.uint8)
        qualities = np.repeat(full, self._shape[1])
        flat = values.ravel()
        qualities[~np.isfinite(flat)] = Quality.BAD
        return Derived(self._number, self._outputs, time, flat, qualities)

    def state(self) -> bytes:
        """The ring and the next hop, for `restore` in the same boot."""
        return (self._due or 0).to_bytes(8, "little") + self._kernel.state()

    def restore(self, data: bytes) -> None:
        """Go on where `state` was taken. Raises ValueError when the data belong to another window."""
        self._kernel.restore(data[8:])
        self._due = int.from_bytes(data[:8], "little") or None


def _capacity(plan: PlannedWindow, expected: int) -> int:
    """Room for what a window should hold and a little more, should the source be faster than its interval."""
    return plan.samples or expected + expected // 8 + 2


def _next_hop(due: int, time: int, every: int) -> int:
    """The first hop after `time` on the grid that `due` is on; the hops never drift."""
    return time if every == 0 else due + every * ((time - due) // every + 1)


class Windows:
    """All sliding windows, by the group that feeds them."""

    def __init__(self, plan: Plan, boot: str) -> None:
        self.all = [SlidingWindow(number, plan, boot) for number in range(len(plan.windows))]
        self._by_group: list[list[SlidingWindow]] = [[] for _ in plan.groups]
        for window in self.all:
            self._by_group[window.group].append(window)

    def push(self, polled: Polled) -> Sequence[Derived]:
        """Feed every window of the poll's group; give the features of those whose hop is due."""
        computed = [window.push(polled) for window in self._by_group[polled.group]]
        return [derived for derived in computed if derived is not None]


class BurstFeatures:
    """Features of waveforms: each burst is a window of its own."""

    def __init__(self, plan: Plan) -> None:
        self._by_channel: dict[int, list[tuple[int, PlannedBurstFeatures]]] = {}
        for number, features in enumerate(plan.bursts):
            self._by_channel.setdefault(features.channel, []).append((number, features))

    def push(self, burst: Burst) -> Sequence[Derived]:
        """The features of one burst, with its quality."""
        return [_of_burst(burst, number, plan) for number, plan in self._by_channel.get(burst.channel, ())]


def _of_burst(burst: Burst, number: int, plan: PlannedBurstFeatures) -> Derived:
    values = np.full(len(plan.features), np.nan)
    if burst.quality <= Quality.UNCERTAIN:
        burst_features(burst.values, burst.rate, plan.features, values)
    qualities = np.where(np.isfinite(values), burst.quality, Quality.BAD).astype(np.uint8)
    return Derived(number, plan.outputs, burst.time, values, qualities)
