"""The `oximeter` source: a pulse oximeter that sends its measurements by itself, polled for what has come."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from gatewayd.plugin import Block, Channel, Duration, Poll, Quality, Source, SourceError
from msgspec import Meta

from gatewayd_oximeter.link import Link
from gatewayd_oximeter.plx import Measurement, PacketError, continuous

CHANNELS = ("spo2", "pulse", "amplitude")
POSSIBLE = {"spo2": (0.0, 100.0), "pulse": (0.0, 500.0), "amplitude": (0.0, 100.0)}
"""What a value can be at all; anything else is a fault of the device, or of the radio."""
MAC = r"^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$"


@dataclass
class Oximeter(Source):
    """One oximeter, by its Bluetooth address. When it sends nothing for `silence` it is connected to anew."""

    address: Annotated[str, Meta(pattern=MAC, examples=["00:1C:05:12:34:56"])]
    adapter: str = "hci0"
    silence: Duration = field(default=Duration(5.0))
    connect: Duration = field(default=Duration(20.0))

    def __post_init__(self) -> None:
        """Nothing is connected yet."""
        self._link: Link | None = None

    @property
    def poll_limit(self) -> float:
        """Connecting takes longest."""
        return self.connect + self.silence + 5.0

    def declare(self) -> Sequence[Channel]:
        """Saturation, pulse, and how strong the pulse is where the device says so."""
        return [Channel("spo2", "%"), Channel("pulse", "1/min"), Channel("amplitude", "%")]

    async def open(self) -> None:
        """Connect."""
        self._link = Link(self.address, self.adapter, self.connect)
        await self._link.open()

    async def close(self) -> None:
        """Disconnect."""
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    def about(self) -> Mapping[str, str]:
        """Manufacturer, model and serial number, where the device tells them."""
        return {} if self._link is None else self._link.about

    async def poll(self, poll: Poll) -> Sequence[Block]:
        """All measurements since the last poll, each with its time."""
        if self._link is None:
            raise SourceError("there is no connection")
        return [_read(packet, time) for time, packet in await self._link.packets(self.silence)]


def _read(packet: bytes, time: int) -> Block:
    """A packet that is spoilt has bad values, at its time."""
    try:
        return _block(continuous(packet), time)
    except PacketError as error:
        bad, reasons = [Quality.BAD] * len(CHANNELS), dict.fromkeys(CHANNELS, str(error))
        return Block(CHANNELS, [math.nan] * len(CHANNELS), bad, reasons, time)


def _block(measurement: Measurement, time: int) -> Block:
    values = (measurement.spo2, measurement.pulse, measurement.amplitude)
    judged = _judged(measurement)
    qualities, reasons = [], {}
    for name, value in zip(CHANNELS, values, strict=True):
        quality, reason = judged if judged[0] == Quality.BAD else _possible(name, value) or judged
        if name == "amplitude" and math.isnan(value):
            quality = Quality.ABSENT
        elif reason:
            reasons[name] = reason
        qualities.append(quality)
    return Block(CHANNELS, values, qualities, reasons, time)


def _possible(name: str, value: float) -> tuple[Quality, str] | None:
    """What is wrong with a value that cannot be; None: nothing."""
    low, high = POSSIBLE[name]
    if low <= value <= high:
        return None
    return Quality.BAD, f"the device gave {value:g}" if math.isfinite(value) else "the device gave no number"


def _judged(measurement: Measurement) -> tuple[Quality, str]:
    """A failure makes the values bad, a doubt uncertain."""
    if measurement.failures:
        return Quality.BAD, ", ".join(measurement.failures)
    return (Quality.UNCERTAIN if measurement.doubts else Quality.GOOD), ", ".join(measurement.doubts)
