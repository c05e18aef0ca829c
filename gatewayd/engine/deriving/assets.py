"""Assets: whether a machine is off, starting, steady or stopping, by a channel that tells whether it runs."""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable, Iterable, Mapping

import msgspec
import numpy as np

from gatewayd.engine.alarms.delays import Delay
from gatewayd.engine.derived import Derived
from gatewayd.engine.deriving.deriver import Deriver
from gatewayd.engine.deriving.maintenance import Maintenance
from gatewayd.engine.latest import Row
from gatewayd.engine.packing import packed, unpacked
from gatewayd.engine.plan import Plan, PlannedAsset
from gatewayd.engine.said import Said
from gatewayd.model import NO_REASONS, Command, Quality
from gatewayd.records import Saved, definition_hash

ASSETS = "assets"
EVEN = 0.05
"""By how much of itself a steady speed may differ within the time that starting takes."""
PARTS = 8

_GOOD, _ABSENT = int(Quality.GOOD), int(Quality.ABSENT)


class State(enum.IntEnum):
    """What a machine does. The numbers are values of a channel: never renumber them."""

    OFF = 0
    STARTING = 1
    STEADY = 2
    STOPPING = 3


class Spread:
    """How far a value was from lowest to highest within the last `span` ns and a little more: an eighth of it."""

    def __init__(self, span: int) -> None:
        self._width = max(1, span // PARTS)
        self._span = span + self._width
        self._parts: deque[tuple[int, float, float]] = deque()

    def is_even(self, time: int, value: float) -> bool:
        """Take a value in; whether it has stayed within `EVEN` of itself."""
        parts = self._parts
        if parts and 0 <= time - parts[-1][0] < self._width:
            begin, low, high = parts[-1]
            parts[-1] = begin, min(low, value), max(high, value)
        else:
            parts.append((time, value, value))
        while parts[0][0] < time - self._span:
            parts.popleft()
        low, high = min(part[1] for part in parts), max(part[2] for part in parts)
        return high - low <= EVEN * max(abs(low), abs(high))

    def clear(self) -> None:
        """Forget all values."""
        self._parts.clear()


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of a machine within a boot."""

    boot: str
    on: bool | None
    on_since: tuple[int, int] | None
    off_since: tuple[int, int] | None


class Asset(Deriver):
    """One machine.

    It is steady when it was seen to run all through the time that starting takes: it starts anew after a stop, however
    short, after a silence of more than half that time, and when it is first seen.
    """

    plan: PlannedAsset

    def __init__(self, planned: PlannedAsset, plan: Plan, paces: Mapping[int, int], boot: str) -> None:
        self.plan = planned
        self._boot = boot
        self._names = [plan.channels[output].short_name for output in planned.outputs]
        self._definition = _definition(planned, plan)
        interval = max(paces.get(number, 0) for number in planned.inputs)
        self._on: bool | None = None
        self._on_since = Delay(planned.starting, interval)
        self._off_since = Delay(planned.stopping, interval)
        self._speeds = Spread(planned.starting) if len(planned.inputs) > 1 else None
        self._maintenance = Maintenance(planned.name, boot)

    def step(self, row: Row, why: Callable[[], str], said: Said) -> Derived:
        """Tell its state, whether it runs, is steady, is in maintenance."""
        time = row.time
        said.saved += filter(None, [self._maintenance.due(time)])
        known = row.qualities.tolist()
        quality, worst = known[0], max(known)
        values = [np.nan, np.nan, np.nan, float(self._maintenance.active(time))]
        if quality <= Quality.UNCERTAIN:
            state = self._course(time, row.values.tolist(), worst)
            values[1] = float(state in (State.STARTING, State.STEADY))
            if worst <= Quality.UNCERTAIN:
                values[0], values[2] = state, float(state is State.STEADY)
        qualities = [worst, quality, worst, _GOOD]
        reasons = NO_REASONS if worst <= Quality.UNCERTAIN else self._reasons(qualities, why())
        return self._derived(time, values, qualities, reasons)

    def command(self, command: Command, said: Said) -> Derived | None:
        """Begin or end its maintenance."""
        saved = self._maintenance.ordered(command)
        if saved is None:
            return None
        said.saved.append(saved)
        values = [np.nan, np.nan, np.nan, float(self._maintenance.active(command.time))]
        return self._derived(command.time, values, [_ABSENT, _ABSENT, _ABSENT, _GOOD], NO_REASONS)

    def state(self, time: int) -> Iterable[Saved]:
        """How long it has run or stood still, and its maintenance."""
        kept = Kept(self._boot, self._on, self._on_since.state(), self._off_since.state())
        yield packed(ASSETS, self.plan.name, self._definition, kept)
        yield self._maintenance.state(time)

    def restore(self, saved: Mapping[tuple[str, str], Saved], time: int) -> None:
        """Go on; where the speed counts, only whether it runs is still known."""
        self._maintenance.restore(saved, time)
        kept = unpacked(saved.get((ASSETS, self.plan.name)), self._definition, Kept)
        if kept is not None and kept.boot == self._boot:
            self._on = kept.on
            self._off_since.restore(kept.off_since)
            self._on_since.restore(kept.on_since if self._speeds is None else None)

    def _course(self, time: int, values: list[float], worst: int) -> State:
        """What it does, by a channel that tells whether it runs, and its speed."""
        before, self._on = self._on, self._runs(values[0])
        if self._on:
            self._off_since.stop()
            even = self._speeds is None or (worst <= Quality.UNCERTAIN and self._speeds.is_even(time, values[1]))
            return State.STEADY if self._on_since.passed(time) and even else State.STARTING
        self._on_since.stop()
        if self._speeds is not None:
            self._speeds.clear()
        if before or self._off_since.since is not None:
            if not self._off_since.passed(time):
                return State.STOPPING
            self._off_since.stop()
        return State.OFF

    def _runs(self, value: float) -> bool:
        if self.plan.above is None:
            return value != 0.0
        return value > self.plan.above - (self.plan.deadband if self._on else 0.0)

    def _reasons(self, qualities: list[int], reason: str) -> Mapping[str, str]:
        return {name: reason for name, each in zip(self._names, qualities, strict=True) if each > Quality.UNCERTAIN}

    def _derived(self, time: int, values: list[float], qualities: list[int], reasons: Mapping[str, str]) -> Derived:
        return Derived(self.plan.outputs, time, np.array(values), np.array(qualities, dtype=np.uint8), reasons)


def _definition(planned: PlannedAsset, plan: Plan) -> str:
    names = [plan.channels[number].name for number in planned.inputs]
    return definition_hash([names, planned.above, planned.deadband, planned.starting, planned.stopping])
