"""Mounts: the checks of waveforms, above all whether the accelerometer is still firmly mounted.

A sensor that has come loose no longer follows the machine at high frequencies: its mounting resonance falls below them.
It rattles at low ones, leans another way in the field of gravity, or hits its ends. What machines do is something else:
imbalance raises low frequencies and leaves the high ones, bearings and cavitation raise the high ones, and a machine
that slows down loses both.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from gatewayd.engine.alarms.conditions import reading
from gatewayd.engine.derived import Derived
from gatewayd.engine.plan import Plan, PlannedSensor
from gatewayd.engine.said import Said
from gatewayd.engine.sensors.checked import NOTHING_FOUND, Checked
from gatewayd.engine.sensors.faults import share
from gatewayd.model import Burst, Quality, Signal
from gatewayd.records import Cause, SensorFault, Stamp

TAUGHT = 8
"""So many bursts tell what is usual."""
REMEMBERED = 64
"""Bursts over which it is averaged."""
RECENT = 16
"""Bursts over which the share of bad ones is averaged."""
DULL = 0.5
"""A share of the usual high frequencies below which the sensor has lost them."""
RATTLES = 1.5
"""Times the usual low frequencies above which it rattles."""
TILTS = 8.0
"""Times the usual scatter of the mean above which it leans another way, if that is more than `SWAY`."""
SWAY = 0.05
"""The same as a share of the usual rms."""
SLOW = 16
"""Low frequencies are those of the means of so many values: below a thirtieth of the rate, about."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What a burst is like: its mean, its rms without that, and the rms of its high and low frequencies."""

    mean: float
    rms: float
    high: float
    low: float


class Usual(msgspec.Struct, array_like=True):
    """What bursts used to be like, after `bursts` of them, what was found last, and whether the machine is at rest.

    `scatter` is how far their means are from `mean`, `bad` the share of bad ones.
    """

    bursts: int = 0
    mean: float = 0.0
    scatter: float = 0.0
    rms: float = 0.0
    high: float = 0.0
    low: float = 0.0
    bad: float = 0.0
    fault: int = SensorFault.NONE
    since: int = 0
    resting: bool = False

    def learn(self, sound: Sound) -> None:
        """Take one more burst in."""
        self.bursts += 1
        part = 1.0 / min(self.bursts, REMEMBERED)
        if self.bursts > 1:
            self.scatter += part * (abs(sound.mean - self.mean) - self.scatter)
        for name in ("mean", "rms", "high", "low"):
            old = getattr(self, name)
            setattr(self, name, old + part * (getattr(sound, name) - old))

    def count(self, *, bad: bool) -> None:
        """Keep the share of bursts that were bad."""
        self.bad += (bad - self.bad) / RECENT


class Mount(Checked):
    """The sensor of one channel of waveforms."""

    def __init__(self, sensor: PlannedSensor, plan: Plan, boot: str) -> None:
        channel = plan.channels[sensor.channel]
        super().__init__((sensor,), [channel.name], boot)
        self._plan = sensor
        self._unit = channel.unit
        self._usual = Usual(resting=sensor.gate is not None)
        self._sound: Sound | None = None

    def rests(self, _sensor: PlannedSensor) -> Callable[[bool], None]:
        """What is to be told when the machine rests (True), or runs."""
        return self._rest

    def _rest(self, resting: bool) -> None:  # noqa: FBT001 - it is told as a callback
        self._usual.resting = resting

    def burst(self, burst: Burst, said: Said) -> tuple[Burst, Derived]:
        """Check one waveform: it comes back with the quality that it deserves, and with what is found."""
        if burst.quality > Quality.UNCERTAIN or not len(burst.values) or not np.isfinite(burst.values).all():
            return burst, self.missing(burst.time, said)
        burst, now = self._clipped(burst), sound(burst.values)
        self._sound = now
        self._usual.count(bad=False)
        found = self._found(self._judge(burst, now), burst.time, said)
        if self._usual.fault == SensorFault.NONE and not self._usual.resting:
            self._usual.learn(now)
        return self._lowered(burst), found

    def missing(self, time: int, said: Said) -> Derived:
        """No good waveform came; what is found."""
        self._usual.count(bad=True)
        return self._found(SensorFault(self._usual.fault), time, said)

    def _found(self, fault: SensorFault, time: int, said: Said) -> Derived:
        usual = self._usual
        if fault in (SensorFault.NONE, SensorFault.DROPOUTS):
            most = self._plan.dropouts * (0.5 if usual.fault == SensorFault.DROPOUTS else 1.0)
            fault = SensorFault.DROPOUTS if usual.bad > most else SensorFault.NONE
        if fault != usual.fault:
            usual.fault, usual.since = fault, time
        self._note(time, bytes([fault]) if fault else NOTHING_FOUND, said)
        return Derived(self._plan.outputs, time, np.array([float(fault)]), np.zeros(1, dtype=np.uint8))

    def _clipped(self, burst: Burst) -> Burst:
        low, high = self._plan.low, self._plan.high
        if burst.clipped or not (burst.values.min() <= low or burst.values.max() >= high):
            return burst
        return replace(burst, clipped=True)

    def _judge(self, burst: Burst, now: Sound) -> SensorFault:
        """What is wrong by this burst and what is usual."""
        if self._plan.rest and now.rms == 0.0:
            return SensorFault.STUCK
        if self._plan.mount and not self._usual.resting and self._is_loose(burst, now):
            return SensorFault.LOOSE
        return SensorFault.CLIPPED if burst.clipped else SensorFault.NONE

    def _is_loose(self, burst: Burst, now: Sound) -> bool:
        usual = self._usual
        if usual.bursts < TAUGHT or now.high >= DULL * usual.high:
            return False
        tilted = abs(now.mean - usual.mean) > max(TILTS * usual.scatter, SWAY * usual.rms)
        return now.low > RATTLES * usual.low or tilted or burst.clipped

    def _lowered(self, burst: Burst) -> Burst:
        fault = self._usual.fault
        if fault == SensorFault.STUCK:
            return replace(burst, quality=Quality.BAD, reason=self._words())
        if fault in (SensorFault.LOOSE, SensorFault.DROPOUTS) and burst.quality == Quality.GOOD:
            return replace(burst, quality=Quality.UNCERTAIN, reason=self._words())
        return burst

    def _words(self) -> str:
        usual, now = self._usual, self._sound
        if usual.fault == SensorFault.DROPOUTS:
            return f"dropouts, {share(usual.bad)} of the last waveforms were bad"
        if now is None or usual.fault == SensorFault.NONE:
            return ""
        if usual.fault == SensorFault.STUCK:
            return f"stuck at {reading(now.mean, self._unit)} for a whole waveform"
        if usual.fault == SensorFault.CLIPPED:
            return "clipped at an end of its range"
        high, low = _share(now.high, usual.high), _share(now.low, usual.low)
        lean = f"its mean {reading(now.mean, self._unit)} instead of {reading(usual.mean, self._unit)}"
        return f"loose mount, with {high} of the usual high frequencies, {low} of the low ones, {lean}"

    def explain(self, _output: int) -> tuple[Cause, ...]:
        """What is found, as the one cause of its alarm."""
        usual = self._usual
        if usual.fault == SensorFault.NONE:
            return ()
        since = Stamp(self._boot, usual.since)
        return (Cause(channel=self.name, share=1.0, part=self._words(), since=since),)

    def _learned(self) -> bytes:
        return msgspec.msgpack.encode(self._usual)

    def _learn_again(self, data: bytes, later: int) -> None:
        self._usual = msgspec.msgpack.decode(data, type=Usual)
        self._usual.since += later


def sound(values: Signal) -> Sound:
    """What a burst is like: high frequencies from how much its values differ from each other, low ones from means."""
    mean = float(values.mean())
    swing = values - mean
    whole = len(swing) // SLOW * SLOW
    slow = swing[:whole].reshape(-1, SLOW).mean(axis=1) if whole else swing
    return Sound(mean, _rms(swing), _rms(np.diff(swing)), _rms(slow))


def _rms(values: Signal) -> float:
    return math.sqrt(float(np.dot(values, values)) / len(values)) if len(values) else 0.0


def _share(now: float, usual: float) -> str:
    return share(now / usual) if usual else "more than none"
