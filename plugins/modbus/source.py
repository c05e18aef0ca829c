"""The `modbus` source: one device on a bus, and the channels that its registers and bits hold."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta

from gatewayd.plugin import (
    Block,
    Channel,
    Duration,
    Effort,
    Line,
    OptionError,
    Poll,
    Source,
    SourceError,
    Waveform,
    now,
)
from gatewayd_plugins.modbus.declaring import declared
from gatewayd_plugins.modbus.device import MOST_EXTRA, MOST_EXTRA_SECONDS, Device
from gatewayd_plugins.modbus.fields.complaints import Complaints
from gatewayd_plugins.modbus.fields.field import Field
from gatewayd_plugins.modbus.fields.options import ChannelOptions, TextOptions
from gatewayd_plugins.modbus.planning.planner import LONGEST_HOLE, Limits
from gatewayd_plugins.modbus.planning.requests import MOST_REGISTERS
from gatewayd_plugins.modbus.plausibility import check_lengths, check_pace, check_unit, check_waits
from gatewayd_plugins.modbus.profiles import adoption
from gatewayd_plugins.modbus.reading.reading import Reading
from gatewayd_plugins.modbus.reading.texts import Told, texts
from gatewayd_plugins.modbus.waveforms.capture import Capture
from gatewayd_plugins.modbus.waveforms.waveform import WaveField
from gatewayd_plugins.modbus.wire.bus import Bus
from gatewayd_plugins.modbus.wire.efforts import Wire
from gatewayd_plugins.modbus.wire.secure import Tls
from gatewayd_plugins.modbus.wire.url import parse
from gatewayd_plugins.modbus.writing.setting import Settings

ONE_SECOND = Duration(1)
NO_PAUSE = Duration(0)
LONGEST_FRAME = 256
"""Bytes on a serial line."""
LONGEST_POLL = 3600.0
"""Seconds that gatewayd allows."""
MARGIN = 12.0 + MOST_EXTRA_SECONDS
"""Seconds that a poll may take beyond its time-outs before gatewayd breaks it off: as long as a bus takes to open, and
as what the device refuses is looked into."""


@dataclass
class Modbus(Source):
    """A device at `url` with the number `unit`; each request waits up to `timeout` for its answer.

    Channels are read together in requests of up to `max_registers` registers (or 16 times as many bits), which read
    over holes of up to `max_hole`, or `one_by_one`; each waveform is read by itself. Addresses count from `base`.
    Each request waits for `pause` after the last answer, and the first one for `pause_after_connect`.
    The channels of a `profile`, or those that `include` matches, are added to the source's own.
    `write_multiple`: the device only knows the functions that set several registers or coils. `texts` are read after
    the first polls. The files and `server_name` are for a url of TLS: see secure.py.
    """

    url: Annotated[str, Meta(examples=["tcp://10.0.0.5"], extra_json_schema={"pattern": "^[A-Za-z+]+:"})]
    channels: dict[str, ChannelOptions] = dataclasses.field(default_factory=dict)
    unit: Annotated[int, Meta(ge=0, le=255)] = 1
    timeout: Duration = ONE_SECOND
    max_registers: Annotated[int, Meta(ge=1, le=MOST_REGISTERS)] = MOST_REGISTERS
    max_hole: Annotated[int, Meta(ge=0, le=MOST_REGISTERS)] = LONGEST_HOLE
    turnaround: Duration | None = None
    profile: Annotated[str, Meta(examples=["eastron-sdm630"])] = ""
    include: list[str] = dataclasses.field(default_factory=list)
    base: Literal[0, 1] = 0
    one_by_one: bool = False
    pause: Duration = NO_PAUSE
    pause_after_connect: Duration = NO_PAUSE
    write_multiple: bool = False
    texts: dict[str, TextOptions] = dataclasses.field(default_factory=dict)
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    server_name: str | None = None

    def __post_init__(self) -> None:
        """Raise OptionError for options that contradict each other or Modbus."""
        adoption.take_over_options(self, self.profile)
        self.channels = adoption.adopted(self.profile, self.include, self.channels)
        complaints = Complaints()
        with complaints.collect():
            security = Tls(self.ca_file, self.cert_file, self.key_file, self.server_name)
            self._address = parse(self.url, security)
            check_unit(self.unit, self._address)
        with complaints.collect():
            pauses = {"pause": self.pause, "pause_after_connect": self.pause_after_connect}
            check_waits(self.timeout, self.turnaround, pauses)
        with complaints.collect():
            self._declare()
        with complaints.collect():
            self._told = Told(texts(self.texts, self.base, self.max_registers))
        complaints.tell()
        self._readings: dict[float, Reading] = {}
        self._captures: dict[str, Capture] = {}
        self._wire = Wire(self._address, self.turnaround, self.pause)
        self._device = Device(self.unit, self.timeout)
        settable = {name: each for name, each in self._fields.items() if self._declared[name].writable is not None}
        self._settings = Settings(settable, self.unit, self.timeout, multiple=self.write_multiple)
        self._bus: Bus | None = None

    @staticmethod
    def check_each(options: Mapping[str, Any]) -> None:
        """Raise OptionError for a url and for channels that are wrong whatever the other options are."""
        complaints = Complaints()
        with complaints.collect():
            if "url" in options:
                parse(options["url"])
        with complaints.collect():
            declared(options.get("channels", {}), options.get("base", 0))
        complaints.tell()

    def declare(self) -> Sequence[Channel]:
        """What the table of channels names."""
        return list(self._declared.values())

    def polls(self, interval: float) -> Sequence[Poll]:
        """One poll for each interval, of all single values that have it, and one for each waveform.

        Raises OptionError for a waveform that the line cannot carry so often.
        """
        limits = Limits(self.max_registers, -1 if self.one_by_one else self.max_hole)
        paces = {name: interval if each.interval is None else each.interval for name, each in self.channels.items()}
        by_interval: dict[float, dict[str, Field]] = {}
        for name, each in self._fields.items():
            by_interval.setdefault(float(paces[name]), {})[name] = each
        self._readings = {every: Reading(fields, limits, self._wire.price) for every, fields in by_interval.items()}
        self._captures = {name: Capture(name, wave, limits) for name, wave in self._waves.items()}
        for name, capture in self._captures.items():
            where = ["interval"] if self.channels[name].interval is None else ["channels", name, "interval"]
            check_pace(name, capture.requests, paces[name], self._address, where)
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
        each = self.timeout + self.pause + self._address.wire_time(LONGEST_FRAME)
        return min(2 * (most + MOST_EXTRA) * each + self.pause_after_connect + MARGIN, LONGEST_POLL)

    def line(self) -> Line:
        """The connection or the port."""
        return Bus(self._address)

    def use(self, line: Line) -> None:
        """Share a bus."""
        if not isinstance(line, Bus):
            raise TypeError(f"{line!r} is no bus")
        line.admit(self.timeout, self.unit, self.pause, self.pause_after_connect)
        self._bus = line
        self._device.use(line)

    async def open(self) -> None:
        """The device may be another one by now."""
        self._told.ask_again(_seconds())

    def about(self) -> Mapping[str, str]:
        """Its texts, as far as it has told them."""
        return self._told.about

    async def write(self, channel: str, value: float) -> None:
        """Set a coil or registers, and read them back. Raises SourceError when they are not as they were to be."""
        if self._bus is None:
            raise SourceError("there is no bus")
        await self._settings.write(self._bus, channel, value)

    def effort(self, poll: Poll) -> Sequence[Effort]:
        """The requests of a poll, as they are planned for a device of which nothing is known."""
        capture = self._captures.get(poll.channels[0])
        return self._wire.efforts(self._readings[poll.interval].requests if capture is None else capture.requests)

    def recall(self, memory: bytes) -> None:
        """Know again what was learned of the device."""
        self._device.recall(memory)

    def memory(self) -> bytes:
        """What was learned of the device."""
        return self._device.memory()

    async def poll(self, poll: Poll) -> Block | Sequence[Waveform]:
        """Ask for all that the poll reads. What the device refuses is bad; without an answer it fails."""
        given = await self._read(poll)
        if not self._told.is_whole and self._bus is not None:
            try:
                await self._told.ask(self._device.ask, _seconds())
            except SourceError:  # it has just answered: it may not know this text
                await self._bus.recover()
        return given

    async def _read(self, poll: Poll) -> Block | Sequence[Waveform]:
        capture = self._captures.get(poll.channels[0])
        if capture is not None:
            return await self._device.capture(capture)
        return await self._device.read(self._readings[poll.interval])

    def _declare(self) -> None:
        """Find out what the channels are and where their values lie. Raises OptionError."""
        if not self.channels:
            what, fix = "there are no channels", 'add one: pressure = { register = "holding:100" }, or a profile'
            raise OptionError(["channels"], what, fix)
        channels = declared(self.channels, self.base)
        self._declared = {name: channel for name, (channel, _) in channels.items()}
        self._fields = {name: where for name, (_, where) in channels.items() if isinstance(where, Field)}
        self._waves = {name: where for name, (_, where) in channels.items() if isinstance(where, WaveField)}
        check_lengths(self._fields, self._waves, self.max_registers)


def _seconds() -> float:
    return now() / 1e9
