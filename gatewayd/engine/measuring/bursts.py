"""Bursts: the features of windows of waveforms, with the quality that they deserve."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

import numpy as np

from gatewayd.engine.derived import Derived, no_values
from gatewayd.engine.measuring.cuts import NOT_FINITE, Cut
from gatewayd.engine.measuring.reasons import OF_SHAFT, reason
from gatewayd.engine.measuring.shafts import Shafts
from gatewayd.engine.plan import Plan, PlannedBurstFeatures
from gatewayd.model import NO_REASONS, Floats, Quality, Signal
from gatewayd_ext import Burst as Kernel
from gatewayd_ext.terms import EVEN, Term

Kernels = Callable[[int, tuple[Term, ...]], Kernel]

_BAD = np.uint8(Quality.BAD)


class CutFeatures:
    """The features of one planned list.

    A feature is no better than its window. Of a burst with gaps those that need even spacing are `BAD`, all others
    `UNCERTAIN`. One that cannot be computed is `BAD` (it is NaN), and all are when a value is not a finite number.
    """

    def __init__(self, features: PlannedBurstFeatures, plan: Plan, shafts: Shafts, kernels: Kernels) -> None:
        self.how = features.cut
        self._plan = features
        self._names = [plan.channels[number].short_name for number in features.outputs]
        self._even = np.array([term.name in EVEN for term in features.terms])
        self._shaft = features.shaft if any(term.name in OF_SHAFT for term in features.terms) else None
        self._shafts = shafts
        self._kernels = kernels

    def push(self, cut: Cut) -> Iterator[Derived]:
        """The features of each window."""
        if cut.quality == Quality.BAD:
            yield no_values(self._plan.outputs, self._names, cut.times[0], cut.reason)
            return
        speeds = [self._speed(time, row, cut.rate) for time, row in zip(cut.times, cut.values, strict=True)]
        values = self._computed(cut, speeds)
        best = max(cut.quality, Quality.UNCERTAIN) if cut.gap else cut.quality
        qualities = np.where(np.isfinite(values), np.uint8(best), _BAD)
        for place, (time, speed) in enumerate(zip(cut.times, speeds, strict=True)):
            reasons = self._reasons(cut, place, values[place], speed)
            yield Derived(self._plan.outputs, time, values[place], qualities[place], reasons)

    def _speed(self, time: int, values: Signal, rate: float) -> float:
        return math.nan if self._shaft is None else self._shafts.speed(self._shaft, time, values, rate)

    def _computed(self, cut: Cut, speeds: list[float]) -> Floats:
        kernel = self._kernels(cut.values.shape[1], self._plan.terms)
        values = np.empty((len(cut.values), len(self._names)))
        turning = [speed if speed > 0.0 else math.nan for speed in speeds]
        if len(set(turning)) == 1:
            kernel.compute(cut.values, cut.rate, values, turning[0])
        else:
            for window, row, speed in zip(cut.values, values, turning, strict=True):
                kernel.compute(window, cut.rate, row, speed)
        if cut.gap:
            values[:, self._even] = np.nan
        return values

    def _reasons(self, cut: Cut, place: int, values: Floats, speed: float) -> Mapping[str, str]:
        """Why some of the `values` of window number `place` are bad."""
        bad = np.flatnonzero(~np.isfinite(values)).tolist()
        if not bad:
            return NO_REASONS
        if len(bad) == len(values) and not np.isfinite(cut.values[place]).all():
            return dict.fromkeys(self._names, NOT_FINITE)
        n, terms = cut.values.shape[1], self._plan.terms
        return {self._names[each]: reason(terms[each], n, cut.rate, speed, gap=cut.gap) for each in bad}


class BurstFeatures:
    """All features of waveforms."""

    def __init__(self, plan: Plan, shafts: Shafts) -> None:
        kernels = lru_cache(maxsize=2 * len(plan.bursts) + 2)(Kernel)
        self._by_channel: dict[int, list[CutFeatures]] = {}
        for features in plan.bursts:
            self._by_channel.setdefault(features.channel, []).append(CutFeatures(features, plan, shafts, kernels))

    def push(self, cut: Cut) -> Iterator[Derived]:
        """The features of each window of the cut."""
        for features in self._by_channel.get(cut.channel, ()):
            if features.how == cut.how:
                yield from features.push(cut)
