"""PLX Continuous Measurement: what a pulse oximeter sends about once a second.

The Bluetooth SIG's Pulse Oximeter Service 1.0.1: flags, then saturation and pulse, then what the flags say that there
is; what the bits of the device and sensor status mean is in its table 3.5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from gatewayd_oximeter.sfloat import sfloat

FAST, SLOW, MEASUREMENT, SENSOR, AMPLITUDE = (1 << bit for bit in range(5))
"""Flags: what follows the saturation and the pulse, in this order."""

DOUBTS = {
    6: "early estimate",
    9: "from the device's memory",
    10: "demonstration",
    11: "test",
    12: "calibration",
    14: "questionable measurement",
}
FAILURES = {13: "measurement unavailable", 15: "invalid measurement"}
"""Bits of the measurement status."""

SENSOR_DOUBTS = {
    2: "irregular signal processing",
    4: "poor signal",
    5: "low perfusion",
    6: "erratic signal",
    8: "questionable pulse",
    10: "interference",
}
SENSOR_FAILURES = {
    1: "equipment malfunction",
    3: "inadequate signal",
    7: "no pulse in the signal",
    11: "sensor not on a finger",
    12: "unknown sensor",
    13: "sensor displaced",
    14: "sensor malfunction",
    15: "sensor disconnected",
}
"""Bits of the device and sensor status. The others say nothing about the reading."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """`spo2` in %, `pulse` a minute, `amplitude` of the pulse in % (NaN: none).

    `doubts` say why they may be wrong, `failures` why they are.
    """

    spo2: float
    pulse: float
    amplitude: float = math.nan
    doubts: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


class PacketError(ValueError):
    """A packet is not as the service defines it."""


def continuous(packet: bytes) -> Measurement:
    """Read one packet. Raises PacketError."""
    fields = _Fields(packet)
    flags = fields.whole(1)
    spo2, pulse = fields.number(), fields.number()
    for present in (FAST, SLOW):
        if flags & present:
            fields.number(), fields.number()
    measurement = fields.whole(2) if flags & MEASUREMENT else 0
    sensor = fields.whole(3) if flags & SENSOR else 0
    amplitude = fields.number() if flags & AMPLITUDE else math.nan
    doubts = _named(measurement, DOUBTS) + _named(sensor, SENSOR_DOUBTS)
    failures = _named(measurement, FAILURES) + _named(sensor, SENSOR_FAILURES)
    return Measurement(spo2, pulse, amplitude, doubts, failures)


class _Fields:
    """A packet's fields, one after the other."""

    def __init__(self, packet: bytes) -> None:
        self._packet = packet
        self._at = 0

    def whole(self, size: int) -> int:
        data = self._packet[self._at : self._at + size]
        if len(data) < size:
            raise PacketError(f"a packet of {len(self._packet)} bytes is shorter than its flags say")
        self._at += size
        return int.from_bytes(data, "little")

    def number(self) -> float:
        raw = self.whole(2)
        return sfloat(raw & 0xFF, raw >> 8)


def _named(bits: int, names: dict[int, str]) -> tuple[str, ...]:
    return tuple(name for bit, name in names.items() if bits >> bit & 1)
