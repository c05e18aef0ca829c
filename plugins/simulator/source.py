"""The `simulator` source: the pump of `pump.py`, polled like any device, beginning when it is first opened."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

from msgspec import Meta

from gatewayd.plugin import Block, Channel, Duration, Kind, OptionError, Poll, Source, Waveform
from gatewayd_plugins.simulator.faults import Episode, Fault
from gatewayd_plugins.simulator.pump import RATE, Pump

SCALARS = (
    Channel("pressure", "bar"),
    Channel("flow", "l/min"),
    Channel("vibration", "m/s2"),
    Channel("body_temp", "Cel"),
    Channel("power", "W"),
    Channel("running"),
)
ACCELERATION = Channel("acceleration", "m/s2", Kind.WAVEFORM)
A_MINUTE = Duration(60.0)


@dataclass
class Simulator(Source):
    """A centrifugal pump that develops `fault` after `fault_after`, for `fault_for` (for good without it).

    `seed` makes it one of many alike; with `burst` it also yields a waveform of its acceleration that often, of
    `burst_values` values.
    """

    seed: Annotated[int, Meta(ge=0)] = 1
    fault: Fault = Fault.NONE
    fault_after: Duration = A_MINUTE
    fault_for: Duration | None = None
    burst: Duration | None = None
    burst_values: Annotated[int, Meta(ge=16, le=65536)] = 1024

    def __post_init__(self) -> None:
        """Raise OptionError for what takes no time at all."""
        for option, duration in (("fault_for", self.fault_for), ("burst", self.burst)):
            if duration == 0.0:
                raise OptionError([option], f"{option} is no time at all", "leave it out, or give it some time")
        lasts = math.inf if self.fault_for is None else self.fault_for
        self._pump = Pump(self.seed, Episode(self.fault, self.fault_after, lasts))
        self._started: float | None = None

    def declare(self) -> Sequence[Channel]:
        """The six readings, and the acceleration where bursts are wanted."""
        return SCALARS if self.burst is None else (*SCALARS, ACCELERATION)

    def polls(self, interval: float) -> Sequence[Poll]:
        """All readings together, and the bursts on a schedule of their own."""
        readings = Poll(interval, tuple(channel.name for channel in SCALARS))
        return [readings] if self.burst is None else [readings, Poll(self.burst, (ACCELERATION.name,))]

    async def open(self) -> None:
        """Start the pump; once it runs it runs on."""
        if self._started is None:
            self._started = time.monotonic()

    async def poll(self, poll: Poll) -> Block | Waveform:
        """Read the sensors, or record a burst."""
        running_for = time.monotonic() - (self._started or 0.0)
        if ACCELERATION.name in poll.channels:
            return Waveform(ACCELERATION.name, self._pump.acceleration(running_for, self.burst_values), RATE)
        readings = asdict(self._pump.readings(running_for))
        return Block(poll.channels, [readings[channel] for channel in poll.channels])
