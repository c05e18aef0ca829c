"""The `iio` source: bursts of acceleration from a sensor that Linux's Industrial I/O drives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from gatewayd.plugin import Channel, Kind, Line, OptionError, Poll, Source, SourceError, Waveform
from msgspec import Meta

from gatewayd_iio.device import Device
from gatewayd_iio.recorder import Recorder
from gatewayd_iio.threads import to_the_end

HURRY = 10.0
"""Seconds that everything but the burst itself may take."""
SLOWEST = 10.0
"""Hz that a sensor is thought to have at least, when the config does not say."""


@dataclass
class Iio(Source):
    """Bursts of `values` scans of some axes of one accelerometer."""

    device: Annotated[str, Meta(min_length=1, examples=["adxl345"])]
    axes: tuple[Literal["x", "y", "z"], ...] = ("x", "y", "z")
    values: Annotated[int, Meta(ge=16, le=65536)] = 4096
    rate: Annotated[float, Meta(gt=0)] | None = None
    range: Annotated[float, Meta(gt=0)] | None = None
    trigger: str | None = None
    sysfs: Path = Path("/sys/bus/iio/devices")
    nodes: Path = Path("/dev")

    def __post_init__(self) -> None:
        """Raise OptionError for axes that are none, or named twice."""
        if not self.axes or len(set(self.axes)) < len(self.axes):
            raise OptionError(["axes"], f"the axes are {list(self.axes)}", 'name each once, as in ["x", "y", "z"]')
        self._recorder: Recorder | None = None

    @property
    def poll_limit(self) -> float:
        """The burst, and what it takes to begin and end it."""
        return HURRY + self.values / (self.rate or SLOWEST)

    def declare(self) -> Sequence[Channel]:
        """A waveform for each axis."""
        ends = None if self.range is None else (-self.range, self.range)
        return [Channel(axis, "m/s2", Kind.WAVEFORM, range=ends) for axis in self.axes]

    def line(self) -> Line:
        """A device has one buffer: sources of one device take turns."""
        return Line(str(self.sysfs / self.device), name=self.device)

    async def open(self) -> None:
        """Find the device."""
        device = await to_the_end(Device.find, self.sysfs, self.device)
        channels = tuple(f"in_accel_{axis}" for axis in self.axes)
        self._recorder = Recorder(device, self.nodes / device.folder.name, channels, self.rate, self.trigger)

    async def close(self) -> None:
        """Nothing is held between bursts."""
        self._recorder = None

    def about(self) -> Mapping[str, str]:
        """Its name, and the rate that it is set to."""
        device = self._recorder and self._recorder.device
        return {"name": device.name, "rate": f"{device.rate:g} Hz"} if device else {}

    async def poll(self, poll: Poll) -> Sequence[Waveform]:
        """One burst of all axes."""
        if self._recorder is None:
            raise SourceError("the device is not open")
        burst = await self._recorder.burst(self.values)
        return [
            Waveform(axis, burst.values[f"in_accel_{axis}"], burst.rate, time=burst.begun, gap=burst.gap)
            for axis in self.axes
        ]
