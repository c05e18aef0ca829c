"""Devices: the options of a source become an object of its plugin, with the channels and polls that it declares."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from gatewayd.config.files import with_places
from gatewayd.config.findings import Place
from gatewayd.config.kinds import CHANNEL_NAME
from gatewayd.config.reader import WRONG, complain, read_record
from gatewayd.config.settings import Source as SourceTable
from gatewayd.config.words import quoted
from gatewayd.errors import PluginError
from gatewayd.foreign import OURS, raised
from gatewayd.plugin import Channel, Effort, Kind, Line, Poll, Source

HERE = Path()
SHORTEST = 0.01
"""Seconds between two polls, at least."""


class Device(msgspec.Struct, frozen=True):
    """An object of a plugin, with all that it declares about itself; `is_open`: it will have channels later.

    It is made of `options`.
    """

    source: Source
    channels: tuple[Channel, ...]
    polls: tuple[Poll, ...]
    line: Line | None
    is_open: bool = False
    efforts: tuple[tuple[Effort, ...], ...] = ()
    options: Mapping[str, Any] = {}


def device(table: SourceTable, kind: type[Source], place: Place, folder: Path = HERE) -> Device | None:
    """Make a source of its options, whose files are looked for in `folder`; None when these are wrong.

    Raises PluginError for a plugin that misbehaves.
    """
    try:
        with _foreign(table.plugin):
            options = with_places(table.options, kind, folder)
            source = read_record(options, kind, place, also=["interval", "isolation"])
            if source is WRONG:
                return None
            channels = tuple(source.declare())
            is_open = bool(source.open_ended)
            polls = () if is_open and not channels else tuple(source.polls(table.interval))
            line = source.line()
            _check_declared(table.plugin, channels, polls, is_open=is_open)
            _check_line(table.plugin, line)
            efforts = tuple(tuple(source.effort(poll)) for poll in polls)
            _check_efforts(table.plugin, efforts)
    except ValueError as error:
        complain(error, table.options, place)
        return None
    right = _check_channels(channels, place) & _check_polls(polls, place)
    return Device(source, channels, polls, line, is_open, efforts, options) if right else None


@contextmanager
def _foreign(plugin: str) -> Iterator[None]:
    """Call a plugin: a ValueError is a complaint about its options, all else that it raises is its own fault."""
    try:
        yield
    except (*OURS, ValueError, PluginError):
        raise
    except BaseException as error:  # foreign code may raise anything
        what = f"cannot be set up ({raised(error)})"
        raise PluginError(plugin, what, "tell its author") from error


def _check_declared(plugin: str, channels: Sequence[Channel], polls: Sequence[Poll], *, is_open: bool) -> None:
    """Raise PluginError for declarations that make no sense whatever the options are."""
    for channel in channels:
        if not (isinstance(channel, Channel) and _well_typed(channel)):
            raise PluginError(plugin, f"declares {channel!r}, which is not a Channel", "tell its author")
    for poll in polls:
        if not (isinstance(poll, Poll) and isinstance(poll.interval, int | float) and poll.channels):
            raise PluginError(plugin, f"declares {poll!r}, which is not a Poll of channels", "tell its author")
    names = [channel.name for channel in channels]
    polled = [name for poll in polls for name in poll.channels]
    for what, wrong in (
        ("declares no channels", not names and not is_open),
        ("declares a channel twice", len(set(names)) < len(names)),
        ("declares a poll of channels that it does not have", not set(polled) <= set(names)),
        ("declares channels that no poll reads", not set(names) <= set(polled)),
        ("declares two polls of one channel", len(set(polled)) < len(polled)),
        (
            "declares a range that is not two numbers, the lower one first",
            not all(_ascend(channel.range) for channel in channels),
        ),
        (
            "declares what may be written as something other than two numbers, the lower one first",
            not all(_ascend(channel.writable) for channel in channels),
        ),
        ("declares labels that are not texts of whole numbers", not all(map(_well_labelled, channels))),
    ):
        if wrong:
            raise PluginError(plugin, what, "tell its author")


def _check_line(plugin: str, line: Line | None) -> None:
    """Raise PluginError for a line that is none."""
    if line is None or (isinstance(line, Line) and isinstance(line.key, str) and isinstance(line.terms, str)):
        return
    raise PluginError(plugin, f"gives {line!r} as its line, which is not a Line with a key", "tell its author")


def _check_efforts(plugin: str, efforts: Sequence[Sequence[Effort]]) -> None:
    """Raise PluginError for an effort that is none."""
    for effort in itertools.chain.from_iterable(efforts):
        if not (isinstance(effort, Effort) and _well_timed(effort)):
            raise PluginError(plugin, f"gives {effort!r}, which is not an Effort of finite seconds", "tell its author")


def _well_timed(effort: Effort) -> bool:
    seconds = effort.seconds
    return isinstance(effort.what, str) and isinstance(seconds, int | float) and 0 <= seconds < math.inf


def _well_typed(channel: Channel) -> bool:
    return isinstance(channel.name, str) and isinstance(channel.unit, str) and isinstance(channel.kind, Kind)


def _ascend(ends: tuple[float, float] | None) -> bool:
    if ends is None:
        return True
    numbers = isinstance(ends, tuple) and len(ends) == 2 and all(isinstance(end, int | float) for end in ends)
    return numbers and ends[0] < ends[1]


def _well_labelled(channel: Channel) -> bool:
    labels = channel.labels
    return isinstance(labels, Mapping) and all(isinstance(n, int) and isinstance(v, str) for n, v in labels.items())


def _check_channels(channels: Sequence[Channel], place: Place) -> bool:
    wrong = [channel.name for channel in channels if not CHANNEL_NAME.holds(channel.name)]
    for name in wrong:
        what = f"{quoted(name)} cannot be the name of a channel"
        place.at("channels", name).wrong(what, f"expected {CHANNEL_NAME.words}")
    return not wrong


def _check_polls(polls: Sequence[Poll], place: Place) -> bool:
    wrong = [poll for poll in polls if not (math.isfinite(poll.interval) and poll.interval >= SHORTEST)]
    for poll in wrong:
        channel = poll.channels[0]
        what = f"{quoted(channel)} would be polled every {poll.interval:g} s"
        place.at("channels", channel, "interval").wrong(what, '"10ms" is the shortest interval')
    return not wrong
