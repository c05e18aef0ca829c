"""PUBLIC and stable: everything that a plugin may import from gatewayd.

A plugin is a module named by an entry point of the group `gatewayd`. Its `register_sources` hook registers
subclasses of `Source`; gatewayd reads their options from the config, schedules their polls, times them out, backs
off, counts, stamps and logs. A plugin does none of that: it talks to its device. Its `register_features` hook
registers functions that compute a number from a window of a channel. See docs/plugins.md and
docs/plugin-interface.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pluggy

from gatewayd import clock
from gatewayd.duration import Duration
from gatewayd.model import Block, Channel, Floats, Kind, Quality, Sample, Waveform
from gatewayd.ucum import meant

__all__ = [
    "INTERFACE",
    "Block",
    "Channel",
    "Duration",
    "Effort",
    "FeatureFunction",
    "FeatureWindow",
    "Kind",
    "Line",
    "OptionError",
    "PluginDeprecationWarning",
    "Poll",
    "Quality",
    "Sample",
    "Source",
    "SourceError",
    "Waveform",
    "Yield",
    "check_unit",
    "hookimpl",
    "now",
]

INTERFACE = 1
"""The version of this interface. It goes up when something is taken away; what is added changes nothing for others."""

hookspec = pluggy.HookspecMarker("gatewayd")
hookimpl = pluggy.HookimplMarker("gatewayd")

Yield = Sample | Block | Waveform
"""What a poll may give: one of these, or several."""


class SourceError(Exception):
    """Raise it when a device cannot be read; its text tells the integrator why (`no answer within 1 s`)."""


class OptionError(ValueError):
    """Raise it from `Source.__post_init__` when options contradict each other.

    `option` is the path of the guilty key below the source's table, so that gatewayd can point at its line; a number in
    it is the place in a list. `also` are others that were found with it, so that all are told at once.
    """

    def __init__(self, option: Sequence[str | int], what: str, fix: str = "", also: Sequence[OptionError] = ()) -> None:
        self.option = tuple(option)
        self.what = what
        self.fix = fix
        self.also = tuple(also)
        super().__init__(what)


def check_unit(unit: str, option: Sequence[str | int] = ("unit",)) -> None:
    """Raise OptionError for what is usually mistaken for a UCUM code (`°C`, `rpm`), with the code that is meant.

    `option` is where it is written, as in OptionError.
    """
    right = meant(unit)
    if right != unit:
        raise OptionError(option, f"{unit!r} is not a UCUM code", f'did you mean "{right}"?')


class PluginDeprecationWarning(FutureWarning):
    """A plugin uses what will be taken away; the text says what to do instead. Python shows it to everybody."""


@dataclass(frozen=True, slots=True)
class Poll:
    """Channels (their names within the source) that are read together every `interval` seconds."""

    interval: float
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effort:
    """One thing that a poll asks of its line: `what` it is, in words, and the `seconds` that it keeps the line busy.

    0 seconds: nobody knows before it was tried.
    """

    what: str
    seconds: float = 0.0


class Line:
    """What sources share and must take turns on: a serial port, a TCP connection, a radio.

    gatewayd keeps one line per `key`, opens it, lets one source at a time use it, and calls `recover` after a turn
    that failed, before anyone else's turn. Lines of one key must agree in their `terms` (baud rate, parity).
    Messages call it `name`, which is its key if it has none.
    """

    def __init__(self, key: str, terms: str = "", name: str = "") -> None:
        self.key = key
        self.terms = terms
        self.name = name or key

    async def open(self) -> None:
        """Make the line ready; called again after it was closed. Raise `SourceError` when that is impossible."""

    async def close(self) -> None:
        """Let go of it. Called at the end, and when a turn had to be broken off."""

    async def recover(self) -> None:
        """After a failed turn: make sure that no late answer can be taken for the next one's."""


class Source:
    """One configured device. Subclass it as a dataclass: its fields are the options of the source's table.

    msgspec reads the options, so a field may be any type that it knows (also nested dataclasses), with
    `Annotated[int, msgspec.Meta(ge=1)]` for bounds and `Duration` for what is written as `"5s"`. A `Path` arrives
    whole: of one of systemd's credentials, or beside the config. Contradictions are raised as `OptionError` in
    `__post_init__`.
    """

    @property
    def open_ended(self) -> bool:
        """Whether channels are known only later, with what is replayed: until then it may declare none."""
        return False

    @property
    def poll_limit(self) -> float:
        """Seconds after which gatewayd breaks a call off. A source that bounds its own waits may say more."""
        return 10.0

    def declare(self) -> Sequence[Channel]:
        """All channels, from the options alone: no I/O here, so that a config can be checked without the device."""
        raise NotImplementedError

    def polls(self, interval: float) -> Sequence[Poll]:
        """What is read together and how often; `interval` is the one of the source's table, in seconds."""
        return [Poll(interval, tuple(channel.name for channel in self.declare()))]

    def effort(self, poll: Poll) -> Sequence[Effort]:  # noqa: ARG002 - for those who override it
        """What one poll asks of the line, from the options alone; empty: it is not known.

        `gatewayd plan` shows it, and a config that asks more of a line than there is time is refused.
        """
        return ()

    def recorded(self) -> Mapping[str, str]:
        """By the names of channels, the columns of a recording that they are, whoever else has columns of that name."""
        return {}

    def line(self) -> Line | None:
        """The line that this source needs; sources whose lines have one key share one. None: a line of its own."""
        return None

    def use(self, line: Line) -> None:
        """gatewayd hands over the line that this source shares with others; called once, before `open`."""

    async def open(self) -> None:
        """Called before the first poll and again after a failed one, with the line open."""

    async def close(self) -> None:
        """Called at the end and after a failed poll; once more when it was broken off by the end."""

    def recall(self, memory: bytes) -> None:
        """Take up what `memory` gave in an earlier run with the same options; called once at most, before `open`."""

    def memory(self) -> bytes:
        """What was learned about the device and should outlive a restart, 64 KiB at most; empty: nothing.

        gatewayd asks now and then, and at a stop.
        """
        return b""

    def about(self) -> Mapping[str, str]:
        """What the device says of itself (`{"serial": "4711"}`), as far as it was read."""
        return {}

    async def write(self, channel: str, value: float) -> None:  # noqa: ARG002 - for those who override it
        """Set a channel that was declared `writable`, to a value within its limits: gatewayd has checked that.

        It is called between polls, with the line open. Raise `SourceError` when it was not done.
        """
        raise SourceError(f"{channel} cannot be written")

    async def poll(self, poll: Poll) -> Yield | Iterable[Yield]:
        """Read the device once. Channels that are left out have no new value; raise `SourceError` on failure."""
        raise NotImplementedError


def now() -> int:
    """The present, in the nanoseconds of CLOCK_BOOTTIME that all times are given in."""
    return clock.now()


@dataclass(frozen=True, slots=True, eq=False)
class FeatureWindow:
    """One window of a channel, what a feature is computed from.

    `values` are in `unit`, `seconds` are their times from the first one on; both are float64 and cannot be written to.
    `rate` is how many values come a second, NaN when they are not evenly spaced; `shaft` is the speed of the shaft in
    Hz, NaN when it is not known.
    """

    values: Floats
    seconds: Floats
    rate: float
    unit: str
    shaft: float


FeatureFunction = Callable[..., float]
"""A feature: takes a FeatureWindow, then numbers, which the config gives or which have defaults. NaN: there is none."""


class Hooks:
    """The hooks that a plugin may implement."""

    @hookspec
    def register_sources(self, register: Callable[[str, type[Source]], None]) -> None:
        """Called once, when the config names the plugin: call `register(type_name, class)` for each source type.

        The type name is what the config's `plugin = "..."` says; it equals the name of the entry point.
        """

    @hookspec
    def register_features(self, register: Callable[..., None]) -> None:
        """Called once, when the config names the plugin: call `register(name, function, unit)` for each feature.

        In the config it is `plugin.name`, or `plugin.name(2)` when the function takes numbers after its window. The
        unit is a UCUM code; without one it is that of the channel.
        """
