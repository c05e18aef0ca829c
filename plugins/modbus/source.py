"""The `modbus` source: one device on a bus, and the channels that its registers and bits hold."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from gatewayd.plugin import Block, Channel, Duration, Line, OptionError, Poll, Source, SourceError
from gatewayd_plugins.modbus import address
from gatewayd_plugins.modbus.bus import Bus
from gatewayd_plugins.modbus.fields import ChannelOptions, Field, field
from gatewayd_plugins.modbus.planner import MOST_REGISTERS, Limits, Request
from gatewayd_plugins.modbus.reading import Reading
from gatewayd_plugins.modbus.refusal import Refused

ONE_SECOND = Duration(1)
SHORTEST_TIMEOUT = 0.01
LONGEST_TIMEOUT = 60.0
LONGEST_FRAME = 256
"""Bytes on a serial line."""
LONGEST_POLL = 3600.0
"""Seconds that gatewayd allows."""
MARGIN = 12.0
"""Seconds that a poll may take beyond its time-outs before gatewayd breaks it off: as long as a bus takes to open."""


@dataclass
class Modbus(Source):
    """A device at `url` with the number `unit`; each request waits up to `timeout` for its answer.

    Channels are read together in requests of up to `max_registers` registers (or 16 times as many bits), which read
    over holes of up to `max_hole`.
    """

    url: Annotated[str, Meta(examples=["tcp://10.0.0.5"])]
    channels: dict[str, ChannelOptions] = dataclasses.field(default_factory=dict)
    unit: Annotated[int, Meta(ge=0, le=255)] = 1
    timeout: Duration = ONE_SECOND
    max_registers: Annotated[int, Meta(ge=1, le=MOST_REGISTERS)] = MOST_REGISTERS
    max_hole: Annotated[int, Meta(ge=0, le=MOST_REGISTERS)] = 16

    def __post_init__(self) -> None:
        """Raise OptionError for options that contradict each other or Modbus."""
        self._address = address.parse(self.url)
        self._check_unit()
        if not SHORTEST_TIMEOUT <= self.timeout <= LONGEST_TIMEOUT:
            raise OptionError(["timeout"], f"{self.timeout:g} s is no time to wait", 'give "10ms" to "60s"')
        if not self.channels:
            what, fix = "there are no channels", 'add one: pressure = { register = "holding:100" }'
            raise OptionError(["channels"], what, fix)
        self._fields = {name: field(each, ("channels", name)) for name, each in self.channels.items()}
        self._check_lengths()
        self._readings: dict[float, Reading] = {}
        self._bus: Bus | None = None

    def declare(self) -> Sequence[Channel]:
        """What the table of channels names."""
        return [Channel(name, options.unit) for name, options in self.channels.items()]

    def polls(self, interval: float) -> Sequence[Poll]:
        """One poll for each interval, of all channels that have it."""
        by_interval: dict[float, dict[str, Field]] = {}
        for name, options in self.channels.items():
            every = interval if options.interval is None else float(options.interval)
            by_interval.setdefault(every, {})[name] = self._fields[name]
        limits = Limits(self.max_registers, self.max_hole)
        self._readings = {every: Reading(fields, limits) for every, fields in by_interval.items()}
        return [Poll(every, tuple(fields)) for every, fields in by_interval.items()]

    @property
    def poll_limit(self) -> float:
        """All requests of a poll may take their full time, each with one before it to get in step again."""
        most = max((len(reading.requests) for reading in self._readings.values()), default=1)
        limit = 2 * most * (self.timeout + self._address.wire_time(LONGEST_FRAME)) + MARGIN
        return min(limit, LONGEST_POLL)

    def line(self) -> Line:
        """The connection or the port."""
        return Bus(self._address)

    def use(self, line: Line) -> None:
        """Share a bus."""
        if not isinstance(line, Bus):
            raise TypeError(f"{line!r} is no bus")
        line.admit(self.timeout)
        self._bus = line

    async def poll(self, poll: Poll) -> Block:
        """Ask for all that the poll reads. What the device refuses is bad; without an answer it fails."""
        reading = self._readings[poll.interval]
        answers = [await self._ask(request) for request in reading.requests]
        return reading.block(answers)

    async def _ask(self, request: Request) -> bytes | Refused:
        if self._bus is None:
            raise SourceError("there is no bus")
        try:
            return await self._bus.read(self.unit, request, self.timeout)
        except Refused as refused:
            if refused.by_gateway:
                raise SourceError(str(refused)) from None
            return refused

    def _check_unit(self) -> None:
        if self._address.rtu and not 1 <= self.unit <= 247:
            what = "is for all devices, and none answers" if self.unit == 0 else "is reserved"
            raise OptionError(["unit"], f"on a serial line {self.unit} {what}", "give the device's own, 1 to 247")

    def _check_lengths(self) -> None:
        for name, each in self._fields.items():
            if not each.table.of_bits and each.length > self.max_registers:
                what = f"channel {name!r} alone takes {each.length} registers"
                raise OptionError(["max_registers"], what, f"give at least {each.length}")
