"""Forecasts: each follows one channel over a long time, and tells when it will be at its limit, or why not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

import msgspec
import numpy as np

from gatewayd.engine.alarms.conditions import reading
from gatewayd.engine.derived import Derived
from gatewayd.engine.deriving.deriver import Deriver
from gatewayd.engine.latest import Row
from gatewayd.engine.packing import packed, unpacked
from gatewayd.engine.plan import Plan, PlannedForecast
from gatewayd.engine.said import Said
from gatewayd.forecasts.forecast import Forecast, forecast
from gatewayd.forecasts.points import Points
from gatewayd.model import Quality
from gatewayd.records import Cause, Saved, definition_hash

FORECASTS = "forecasts"


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered: the medians of stretches, their clock, and when that was in which boot."""

    boot: str
    time: int
    ahead: int
    medians: list[tuple[int, float]]


class Trending(Deriver):
    """One forecast, told anew whenever a stretch of time is over.

    Its clock is that of the boot, `_ahead` ns on. After a reboot it goes on where it was: for how long the machine was
    off is not known, and counts as no time.
    """

    plan: PlannedForecast

    def __init__(self, planned: PlannedForecast, plan: Plan, _paces: Mapping[int, int], boot: str) -> None:
        channel = plan.channels[planned.inputs[0]]
        self.plan = planned
        self._boot = boot
        self._channel = channel
        self._names = [plan.channels[output].short_name for output in planned.outputs]
        self._definition = definition_hash([channel.name, channel.unit, planned.limit, planned.every])
        self._points = Points(planned.every)
        self._ahead = 0
        self._last = Forecast()

    def step(self, row: Row, why: Callable[[], str], said: Said) -> Derived | None:  # noqa: ARG002 - a Deriver
        """Take the value in, if it is good; forecast anew when a stretch of time is over with it."""
        if row.qualities[0] != Quality.GOOD:
            return None
        if not self._points.push(row.time + self._ahead, float(row.values[0])):
            return None
        said.saved += self.state(row.time)
        self._last = forecast(*self._points.series(), self.plan.limit)
        return self._derived(row.time, self._last)

    def explain(self, output: int) -> tuple[Cause, ...]:  # noqa: ARG002 - all its outputs have one cause
        """The channel, where it is and how fast it moves."""
        if not math.isfinite(self._last.days):
            return ()
        unit, limit = self._channel.unit, self.plan.limit
        course = f"{reading(self._last.slope, f'{unit or 1}/d')}, at {reading(limit, unit)} in {_range(self._last)}"
        return (
            Cause(channel=self._channel.name, share=1.0, value=self._points.medians[-1][1], unit=unit, part=course),
        )

    def state(self, time: int) -> Iterable[Saved]:
        """The medians."""
        kept = Kept(self._boot, time, self._ahead, list(self._points.medians))
        return (packed(FORECASTS, self.plan.name, self._definition, kept),)

    def restore(self, saved: Mapping[tuple[str, str], Saved], time: int) -> None:
        """Go on with the medians."""
        kept = unpacked(saved.get((FORECASTS, self.plan.name)), self._definition, Kept)
        if kept is not None:
            self._points.restore(kept.medians)
            self._ahead = kept.ahead if kept.boot == self._boot else kept.time + kept.ahead - time

    def _derived(self, time: int, told: Forecast) -> Derived:
        values = np.array([told.days, told.earliest, told.latest, told.slope])
        qualities = np.where(np.isfinite(values), Quality.GOOD, Quality.BAD).astype(np.uint8)
        reasons = {name: told.why for name, quality in zip(self._names, qualities, strict=True) if quality}
        return Derived(self.plan.outputs, time, values, qualities, reasons)


def _range(told: Forecast) -> str:
    return f"{told.earliest:.3g} to {told.latest:.3g} days"
