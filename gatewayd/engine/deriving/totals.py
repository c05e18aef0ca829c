"""Totals: rates that are integrated over time, and counters without their wraps and resets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec
import numpy as np

from gatewayd.engine.derived import Derived
from gatewayd.engine.deriving.deriver import Deriver
from gatewayd.engine.deriving.meters import Advance, Counter, Meter, Rate
from gatewayd.engine.latest import INTERVALS, LEAST, Row
from gatewayd.engine.packing import packed, unpacked
from gatewayd.engine.plan import Plan, PlannedTotal
from gatewayd.engine.said import Said
from gatewayd.model import NO_REASONS, Quality
from gatewayd.records import Saved, definition_hash

TOTALS = "totals"
SAVED_EVERY = 60_000_000_000
"""ns: a total is saved so often, and at a stop. What came since then is lost when the power is cut."""
TOO_LARGE = Advance(0.0, "the total is too large", Quality.BAD)


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of a total: its sum, and where its meter was at a time of a boot."""

    total: float
    rest: float
    missed: float
    boot: str
    time: int | None
    last: float


class Sum:
    """A sum that stays exact over years of small additions (Neumaier's compensated summation)."""

    __slots__ = ("rest", "total")

    def __init__(self, total: float = 0.0, rest: float = 0.0) -> None:
        self.total = total
        self.rest = rest

    def add(self, number: float) -> bool:
        """Add a number; False, and nothing is added, where the sum would be too large."""
        total = self.total + number
        if total - total != 0.0:
            return False
        larger, smaller = (self.total, number) if abs(self.total) >= abs(number) else (number, self.total)
        self.rest += (larger - total) + smaller
        self.total = total
        return True

    def value(self) -> float:
        """What it comes to."""
        return self.total + self.rest


class Total(Deriver):
    """One total, and for a rate the seconds that are not in it because nothing was measured."""

    plan: PlannedTotal

    def __init__(self, planned: PlannedTotal, plan: Plan, paces: Mapping[int, int], boot: str) -> None:
        self.plan = planned
        self._boot = boot
        self._names = [plan.channels[output].short_name for output in planned.outputs]
        self._definition = definition_hash([plan.channels[planned.inputs[0]].name, planned.per, planned.wrap])
        patience = max(LEAST, INTERVALS * paces.get(planned.inputs[0], 0))
        self._meter: Meter = Rate(planned.per, patience) if planned.per else Counter(planned.wrap)
        self._sum = Sum()
        self._saved: int | None = None

    def step(self, row: Row, why: Callable[[], str], said: Said) -> Derived:
        """Add what has come since the last good value."""
        time, quality = row.time, int(row.qualities[0])
        if quality > Quality.UNCERTAIN:
            return self._derived(time, Advance(0.0, why(), Quality.BAD), quality)
        advance = self._meter.take(time, float(row.values[0]))
        if not self._sum.add(advance.added):
            advance = TOO_LARGE
        if self._saved is None:
            self._saved = time
        elif not 0 <= time - self._saved < SAVED_EVERY:
            self._saved = time
            said.saved += self.state(time)
        return self._derived(time, advance, quality)

    def state(self, time: int) -> Iterable[Saved]:  # noqa: ARG002 - a Deriver
        """The total, with the value that the next one follows on."""
        meter, total = self._meter, self._sum
        kept = Kept(total.total, total.rest, meter.missed, self._boot, meter.time, meter.last)
        return (packed(TOTALS, self.plan.name, self._definition, kept),)

    def restore(self, saved: Mapping[tuple[str, str], Saved], time: int) -> None:  # noqa: ARG002 - a Deriver
        """Go on with what was saved."""
        kept = unpacked(saved.get((TOTALS, self.plan.name)), self._definition, Kept)
        if kept is not None:
            self._sum, self._meter.missed = Sum(kept.total, kept.rest), kept.missed
            self._meter.resume(kept.time, kept.last, rebooted=kept.boot != self._boot)

    def _derived(self, time: int, advance: Advance, quality: int) -> Derived:
        known = advance.quality <= Quality.UNCERTAIN
        values, qualities = [self._sum.value() if known else np.nan], [max(quality, advance.quality)]
        if self.plan.per:
            values.append(self._meter.missed)
            qualities.append(Quality.GOOD)
        reasons = {self._names[0]: advance.doubt} if advance.doubt else NO_REASONS
        return Derived(self.plan.outputs, time, np.array(values), np.array(qualities, dtype=np.uint8), reasons)
