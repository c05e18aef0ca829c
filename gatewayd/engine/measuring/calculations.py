"""Calculations: what is asked for outside the engine at each window, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from gatewayd.engine.derived import Derived, no_values
from gatewayd.engine.measuring.cuts import CLIPPED, HAS_GAPS, NOT_FINITE, Cut
from gatewayd.engine.measuring.reasons import FALLBACK
from gatewayd.engine.measuring.shafts import Shafts, why_unknown
from gatewayd.engine.measuring.windows import Contents, SlidingWindow
from gatewayd.engine.plan import Plan, PlannedBearing
from gatewayd.features.bearings.fitness import unfit
from gatewayd.features.bearings.geometry import Orders
from gatewayd.model import NO_REASONS, Computed, Quality, Request, Signal

TOO_FEW = "too few values in the window"


class Asking:
    """One calculation: asks for it at each window that is fit, and tells of those that are not.

    Even spacing is always needed of a waveform. A bearing needs one that is not clipped, and enough turns of a shaft
    whose speed is known.
    """

    def __init__(self, number: int, plan: Plan, bearing: PlannedBearing | None, shafts: Shafts) -> None:
        self.plan = plan.calculations[number]
        self._number = number
        self._orders = None if bearing is None else Orders(*bearing.orders)
        self._outputs = self.plan.outputs if bearing is None else bearing.outputs
        self._names = [plan.channels[output].short_name for output in self._outputs]
        self._shafts = shafts

    def of_cut(self, cut: Cut) -> Iterator[Request | Derived]:
        """What follows from windows of a waveform."""
        reason = cut.reason or (HAS_GAPS if cut.gap else CLIPPED if cut.clipped and self._orders else "")
        if reason:
            yield from (no_values(self._outputs, self._names, time, reason) for time in cut.times)
            return
        for time, values in zip(cut.times, cut.values, strict=True):
            yield self._of_window(cut, time, values)

    def _of_window(self, cut: Cut, time: int, values: Signal) -> Request | Derived:
        if not np.isfinite(values).all():
            return no_values(self._outputs, self._names, time, NOT_FINITE)
        speed = self._shafts.speed(self.plan.shaft, time, values, cut.rate)
        reason = self._orders and (why_unknown(speed) or unfit(values, cut.rate, speed, self._orders))
        if reason:
            return no_values(self._outputs, self._names, time, reason)
        return Request(self._number, time, values, None, cut.rate, speed, cut.quality)

    def of_contents(self, time: int, contents: Contents) -> Request | Derived:
        """What follows from a window of single values."""
        if contents.quality == Quality.BAD:
            return no_values(self._outputs, self._names, time, TOO_FEW)
        speed = self._shafts.speed(self.plan.shaft, time, contents.values, math.nan)
        return Request(self._number, time, contents.values, contents.seconds, math.nan, speed, contents.quality)

    def computed(self, computed: Computed) -> Derived:
        """The results, as good as the calculator says; what is no finite number is bad."""
        usable = np.isfinite(computed.values)
        qualities = np.where(usable, computed.quality, Quality.BAD).astype(np.uint8)
        reasons = NO_REASONS
        if (qualities == Quality.BAD).any():
            bad = np.flatnonzero(qualities == Quality.BAD).tolist()
            reasons = dict.fromkeys([self._names[each] for each in bad], computed.reason or FALLBACK)
        return Derived(self._outputs, computed.time, computed.values, qualities, reasons)


class Calculations:
    """All calculations of the plan, by the windows that they are asked for at."""

    def __init__(self, plan: Plan, shafts: Shafts) -> None:
        bearings = {each.calculation: each for each in plan.bearings}
        self._all = [Asking(number, plan, bearings.get(number), shafts) for number in range(len(plan.calculations))]
        self._by_window: dict[int, list[Asking]] = {}
        self._by_channel: dict[int, list[Asking]] = {}
        for asking in self._all:
            if asking.plan.window is None:
                self._by_channel.setdefault(asking.plan.channel, []).append(asking)
            else:
                self._by_window.setdefault(asking.plan.window, []).append(asking)

    def of_cut(self, cut: Cut) -> Iterator[Request | Derived]:
        """What follows from windows of a waveform."""
        for asking in self._by_channel.get(cut.channel, ()):
            if asking.plan.cut == cut.how:
                yield from asking.of_cut(cut)

    def of_hop(self, number: int, window: SlidingWindow, time: int) -> Iterator[Request | Derived]:
        """What follows from a hop of the planned window `number`."""
        for asking in self._by_window.get(number, ()):
            yield asking.of_contents(time, window.contents(time, asking.plan.column))

    def computed(self, computed: Computed) -> Derived:
        """What a calculation came to."""
        return self._all[computed.calculation].computed(computed)
