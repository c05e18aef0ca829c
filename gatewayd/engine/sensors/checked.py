"""Checked: sensors whose faults come together, and how what was learned of them outlives a stop, a crash, a reboot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec

from gatewayd.engine.plan import PlannedSensor
from gatewayd.engine.said import Said
from gatewayd.records import Cause, Saved, definition_hash

SENSORS = "sensors"
SELDOM = 60_000_000_000
"""A fault that comes and goes is saved no more often than once in so many ns."""

NOTHING_FOUND = b""
"""The faults of sensors that are all well."""


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """What was learned, and when that was saved in which boot."""

    boot: str
    time: int
    data: bytes


class Checked:
    """Some sensors, and the stage's state of them: saved at a stop, and when a fault begins or ends.

    In another boot all goes on as if no time had passed: for how long the machine was off, nobody knows.
    """

    def __init__(self, sensors: tuple[PlannedSensor, ...], names: Sequence[str], boot: str) -> None:
        self.sensors = sensors
        self.name = names[0]
        self._boot = boot
        self._definition = definition_hash([SENSORS, names])
        self._faults: bytes | None = None
        self._unsaved = False
        self._saved_at: int | None = None

    def rests(self, sensor: PlannedSensor) -> Callable[[bool], None]:
        """What is to be told when the sensor's machine rests (True), or runs."""
        raise NotImplementedError

    def explain(self, output: int) -> tuple[Cause, ...]:
        """What is found of the sensor with this output, as the one cause of its alarm."""
        raise NotImplementedError

    def _learned(self) -> bytes:
        raise NotImplementedError

    def _learn_again(self, data: bytes, later: int) -> None:
        """Take back what `_learned` gave, all times `later` by so many ns. Raises ValueError for what is damaged."""
        raise NotImplementedError

    def _note(self, time: int, faults: bytes, said: Said) -> None:
        """Save what was learned if other faults are found than before, unless that was done just now."""
        if faults != self._faults:
            self._unsaved, self._faults = self._faults is not None or any(faults), faults
        if self._unsaved and (self._saved_at is None or time - self._saved_at >= SELDOM):
            self._unsaved, self._saved_at = False, time
            said.saved.append(self.state(time))

    def state(self, time: int) -> Saved:
        """What must be kept over a stop at `time`."""
        kept = Kept(self._boot, time, self._learned())
        return Saved(SENSORS, self.name, self._definition, msgspec.msgpack.encode(kept))

    def restore(self, saved: Saved, time: int) -> None:
        """Go on at `time`; what cannot be read, or was learned with other checks, is passed over and learned anew."""
        if saved.definition == self._definition:
            with suppress(ValueError, msgspec.MsgspecError):
                kept = msgspec.msgpack.decode(saved.data, type=Kept)
                self._learn_again(kept.data, 0 if kept.boot == self._boot else time - kept.time)
