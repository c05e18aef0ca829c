"""Guarded: the sensors of one group of single values, checked together at each poll by one kernel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from gatewayd.engine.derived import Derived
from gatewayd.engine.plan import Plan, PlannedSensor
from gatewayd.engine.said import Said
from gatewayd.engine.sensors.checked import NOTHING_FOUND, Checked
from gatewayd.engine.sensors.faults import A_JUMP, words
from gatewayd.model import Bytes, Polled
from gatewayd.records import Cause, SensorFault, Stamp
from gatewayd_ext.guarding import NOTHING, Checks
from gatewayd_ext.judging import Guard


class Guarded(Checked):
    """The sensors of one group; what is found of them comes together, in the order in which they were planned."""

    def __init__(self, sensors: tuple[PlannedSensor, ...], group: int, plan: Plan, boot: str) -> None:
        planned = plan.groups[group]
        columns = [planned.channels.index(sensor.channel) for sensor in sensors]
        self._channels = [plan.channels[channel] for channel in planned.channels]
        super().__init__(sensors, [self._channels[column].name for column in columns], boot)
        self._outputs = tuple(sensor.outputs[0] for sensor in sensors)
        self._columns = dict(zip(self._outputs, columns, strict=True))
        self._sensors = dict(zip(columns, sensors, strict=True))
        checks = tuple(_checks(self._sensors.get(column)) for column in range(len(self._channels)))
        self._guard = Guard(planned.interval, checks)
        for column, sensor in self._sensors.items():
            self._guard.rest(column, sensor.gate is not None)
        self._taken = None if columns == list(range(len(self._channels))) else columns
        self._fine = np.zeros(len(sensors))
        self._good = np.zeros(len(sensors), dtype=np.uint8)
        self._fine.flags.writeable = self._good.flags.writeable = False
        self._time = 0

    def rests(self, sensor: PlannedSensor) -> Callable[[bool], None]:
        """What is to be told when the sensor's machine rests (True), or runs."""
        column = self._columns[sensor.outputs[0]]
        return lambda resting: self._guard.rest(column, resting)

    def polled(self, polled: Polled, said: Said) -> tuple[Polled, Derived]:
        """Check one poll: it comes back with the qualities that it deserves, and with what is found."""
        self._time = time = polled.time
        if not self._guard.push(time, polled.values, polled.qualities, polled.missed):
            self._note(time, NOTHING_FOUND, said)
            return polled, Derived(self._outputs, time, self._fine, self._good)
        lowered, faults = np.empty(len(polled.values), dtype=np.uint8), np.empty(len(polled.values))
        self._guard.read(lowered, faults)
        reasons = {**polled.reasons, **self._reasons(polled, lowered)}
        faults = faults if self._taken is None else faults[self._taken]
        self._note(time, faults.tobytes() if faults.any() else NOTHING_FOUND, said)
        found = Derived(self._outputs, time, faults, self._good)
        return replace(polled, qualities=lowered, reasons=reasons), found

    def _reasons(self, polled: Polled, lowered: Bytes) -> Mapping[str, str]:
        """Why qualities are lower than they came; of what is no number everybody knows that."""
        changed = np.flatnonzero((polled.qualities != lowered) & np.isfinite(polled.values)).tolist()
        return {self._channels[column].short_name: self._words(column) or A_JUMP for column in changed}

    def _words(self, column: int) -> str:
        sensor = self._sensors.get(column)
        if sensor is None:
            return ""
        return words(self._guard.fact(column), sensor, self._channels[column].unit, self._time)

    def explain(self, output: int) -> tuple[Cause, ...]:
        """What is found of the sensor with this output, as the one cause of its alarm."""
        column = self._columns[output]
        fact, channel = self._guard.fact(column), self._channels[column]
        if fact.fault == SensorFault.NONE:
            return ()
        part, since = self._words(column), Stamp(self._boot, fact.since)
        return (Cause(channel=channel.name, share=1.0, value=fact.value, unit=channel.unit, part=part, since=since),)

    def _learned(self) -> bytes:
        return self._guard.state()

    def _learn_again(self, data: bytes, later: int) -> None:
        self._guard.restore(data, later)


def _checks(sensor: PlannedSensor | None) -> Checks:
    if sensor is None:
        return NOTHING
    return Checks(sensor.low, sensor.high, sensor.rest, sensor.jump, sensor.dropouts)
