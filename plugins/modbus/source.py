"""The `modbus` source: one device on a bus, and the channels that its registers and bits hold."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from gatewayd.plugin import Block, Channel, Duration, Kind, Line, OptionError, Poll, Source, SourceError, Waveform
from gatewayd_plugins.modbus import address
from gatewayd_plugins.modbus.bus import Bus
from gatewayd_plugins.modbus.capture import Capture
from gatewayd_plugins.modbus.fields import ChannelOptions, Field, field
from gatewayd_plugins.modbus.planner import MOST_REGISTERS, Limits, Request
from gatewayd_plugins.modbus.reading import Reading
from gatewayd_plugins.modbus.refusal import Refused
from gatewayd_plugins.modbus.waveform import WaveField, check_range, refuse_for_scalars, wave_field

ONE_SECOND = Duration(1)
SHORTEST_TIMEOUT = 0.01
LONGEST_TIMEOUT = 60.0
LONGEST_FRAME = 256
"""Bytes on a serial line."""
AROUND_VALUES = 13
"""Bytes on a serial line of a request and of its answer without the values."""
LONGEST_POLL = 3600.0
"""Seconds that gatewayd allows."""
MARGIN = 12.0
"""Seconds that a poll may take beyond its time-outs before gatewayd breaks it off: as long as a bus takes to open."""


@dataclass
class Modbus(Source):
    """A device at `url` with the number `unit`; each request waits up to `timeout` for its answer.

    Channels are read together in requests of up to `max_registers` registers (or 16 times as many bits), which read
    over holes of up to `max_hole`; each waveform is read by itself.
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
        self._fields: dict[str, Field] = {}
        self._waves: dict[str, WaveField] = {}
        for name, options in self.channels.items():
            self._place(name, options)
        self._check_lengths()
        self._readings: dict[float, Reading] = {}
        self._captures: dict[str, Capture] = {}
        self._bus: Bus | None = None

    def declare(self) -> Sequence[Channel]:
        """What the table of channels names."""
        kinds = dict.fromkeys(self._waves, Kind.WAVEFORM)
        return [
            Channel(name, options.unit, kinds.get(name, Kind.SCALAR), options.range)
            for name, options in self.channels.items()
        ]

    def polls(self, interval: float) -> Sequence[Poll]:
        """One poll for each interval, of all single values that have it, and one for each waveform.

        Raises OptionError for a waveform that the line cannot carry so often.
        """
        limits = Limits(self.max_registers, self.max_hole)
        paces = {name: interval if each.interval is None else each.interval for name, each in self.channels.items()}
        by_interval: dict[float, dict[str, Field]] = {}
        for name, each in self._fields.items():
            by_interval.setdefault(float(paces[name]), {})[name] = each
        self._readings = {every: Reading(fields, limits) for every, fields in by_interval.items()}
        self._captures = {name: Capture(name, wave, limits) for name, wave in self._waves.items()}
        for name, capture in self._captures.items():
            self._check_pace(name, capture, paces[name])
        together = [Poll(every, tuple(fields)) for every, fields in by_interval.items()]
        return together + [Poll(float(paces[name]), (name,)) for name in self._waves]

    @property
    def poll_limit(self) -> float:
        """All requests of a poll may take their full time, each with one before it to get in step again."""
        most = max(
            [len(reading.requests) for reading in self._readings.values()]
            + [capture.most_requests for capture in self._captures.values()],
            default=1,
        )
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

    async def poll(self, poll: Poll) -> Block | Sequence[Waveform]:
        """Ask for all that the poll reads. What the device refuses is bad; without an answer it fails."""
        capture = self._captures.get(poll.channels[0])
        if capture is not None:
            return await capture.read(self._ask)
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

    def _place(self, name: str, options: ChannelOptions) -> None:
        path = ("channels", name)
        check_range(options, path)
        if options.count is not None:
            self._waves[name] = wave_field(options, path)
        else:
            refuse_for_scalars(options, path)
            self._fields[name] = field(options, path)

    def _check_unit(self) -> None:
        if self._address.rtu and not 1 <= self.unit <= 247:
            what = "is for all devices, and none answers" if self.unit == 0 else "is reserved"
            raise OptionError(["unit"], f"on a serial line {self.unit} {what}", "give the device's own, 1 to 247")

    def _check_lengths(self) -> None:
        """Raise OptionError for a number that needs more registers than a request may have."""
        for name, each in self._numbers():
            if not each.table.of_bits and each.length > self.max_registers:
                what = f"a number of channel {name!r} alone takes {each.length} registers"
                raise OptionError(["max_registers"], what, f"give at least {each.length}")

    def _numbers(self) -> Iterator[tuple[str, Field]]:
        """All that is read, with the channel that it is read for."""
        yield from self._fields.items()
        for name, wave in self._waves.items():
            parts = (wave.first, wave.rate, wave.ready, wave.sequence)
            yield from ((name, each) for each in parts if isinstance(each, Field))

    def _check_pace(self, name: str, capture: Capture, interval: float) -> None:
        """Raise OptionError for a waveform that takes longer on a serial line than there is from one to the next."""
        sizes = [AROUND_VALUES + request.size for request in capture.requests]
        takes = self._address.wire_time(sum(sizes)) + 2 * len(sizes) * self._address.gap
        if takes > interval:
            path = ["interval"] if self.channels[name].interval is None else ["channels", name, "interval"]
            what = f"waveform {name!r} is on the line for {takes:.2f} s, and is to be read every {interval:g} s"
            raise OptionError(path, what, f'give it interval = "{math.ceil(2 * takes)}s", so that others are read, too')
