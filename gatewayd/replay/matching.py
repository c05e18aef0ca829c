"""Matching: which column of a recording is which channel of the config."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gatewayd.config import Config, load
from gatewayd.config.words import did_you_mean, listed, quoted
from gatewayd.errors import ReplayError
from gatewayd.model import Kind
from gatewayd.replay.recording import Heading


@dataclass(frozen=True, slots=True)
class Match:
    """A config to which the columns of a recording belong.

    `channels` gives the plan's number of the channel of each column that has one. `untaken` are the columns that nobody
    takes, `unfed` the sources that no column feeds.
    """

    config: Config
    channels: dict[str, int]
    untaken: tuple[str, ...]
    unfed: tuple[str, ...]


def match(path: Path, recording: Path, heading: Heading, given: str | None = None) -> Match:
    """Read the config at `path`, and find a channel for each column of a recording.

    A column is the channel that has its name, or that the only source has under this name, or under which a source has
    it in its recordings; `given` is the name of the source that its columns are of. An open-ended source takes what is
    left. Raises ReplayError, and ConfigError.
    """
    config = load(path, offline=True)
    columns = list(heading.columns)
    source = _source(config, given)
    open_ended = [name for name, each in config.sources.items() if each.source.open_ended]
    taking = [source] if source in open_ended else open_ended
    named = _Named(config, source)
    left = [column for column in columns if named.channel(column) is None]
    if len(taking) == 1 and left:
        names = {column: column.removeprefix(f"{taking[0]}.") for column in left}
        config = load(path, {taking[0]: list(names.values())}, offline=True)
        named = _Named(config, source, taking[0], names)
    elif len(taking) > 1:
        raise ReplayError(str(path), f"the sources {listed(taking)} could take its columns", "choose one with --as")
    channels = {column: number for column in columns if (number := named.channel(column)) is not None}
    if not channels:
        raise _nothing(path, recording, columns, config)
    _check_twice(recording, channels, config)
    fed = {config.plan.channels[number].source for number in channels.values()}
    untaken = tuple(column for column in columns if column not in channels)
    return Match(config, channels, untaken, tuple(name for name in config.sources if name not in fed))


class _Named:
    """The channels of a config by the names that a column may have."""

    def __init__(
        self, config: Config, source: str | None, taking: str = "", names: dict[str, str] | None = None
    ) -> None:
        self._taken = names or {}
        self._full = {
            each.name: number
            for number, each in enumerate(config.plan.channels)
            if not each.derived and each.kind is Kind.SCALAR
        }
        self._of = {name: dict(self._recorded(config, name)) for name in config.sources}
        self._own = self._of.get(taking, {})
        only = source or (next(iter(config.sources)) if len(config.sources) == 1 else None)
        self._short = {} if only is None else self._shorts(config, only) | self._of[only]
        self._apart = [each for name, each in self._of.items() if source is None or name == source]

    def channel(self, column: str) -> int | None:
        """The number of the channel that a column is."""
        if column in self._taken:
            return self._own.get(self._taken[column])
        for names in (self._full, self._short, *self._apart):
            if column in names:
                return names[column]
        return None

    def _recorded(self, config: Config, name: str) -> Iterator[tuple[str, int]]:
        """The columns that the source itself names."""
        for channel, column in config.sources[name].source.recorded().items():
            number = self._full.get(f"{name}.{channel}")
            if number is not None:
                yield column, number

    def _shorts(self, config: Config, name: str) -> dict[str, int]:
        channels = config.plan.channels
        return {
            channels[number].short_name: number for number in self._full.values() if channels[number].source == name
        }


def _source(config: Config, given: str | None) -> str | None:
    if given is None or given in config.sources:
        return given
    fix = did_you_mean(given, config.sources, "its sources are")
    raise ReplayError(str(config.path), f"{quoted(given)} is no source of it", fix)


def _check_twice(recording: Path, channels: dict[str, int], config: Config) -> None:
    by_channel: dict[int, str] = {}
    for column, number in channels.items():
        other = by_channel.setdefault(number, column)
        if other != column:
            name = config.plan.channels[number].name
            what = f"its columns {quoted(other)} and {quoted(column)} are both channel {name}"
            raise ReplayError(str(recording), what, "leave one of them out")


def _nothing(path: Path, recording: Path, columns: Sequence[str], config: Config) -> ReplayError:
    if not columns:
        return ReplayError(
            str(recording), "it has no columns of values, but times and labels alone", "add one for each channel"
        )
    what = f"none of its columns ({listed(columns)}) is a channel of {path}"
    channels = [each.name for each in config.plan.channels if not each.derived and each.kind is Kind.SCALAR]
    fix = f"name them like channels ({listed(channels[:8])}), or say with --as which source they are of"
    return ReplayError(str(recording), what, fix)
