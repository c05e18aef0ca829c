"""What the config makes of its tables, ready for whoever polls a source or does a calculation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gatewayd.model import Request
from gatewayd.plugin import Channel, Effort, Line, Poll, Source

_ITS_OWN = ("name", "plugin", "options", "interval", "isolated", "channels", "polls", "efforts", "files")


@dataclass(frozen=True, slots=True)
class ConfiguredSource:
    """A source of the config, not yet open: `groups[i]` is the plan's group that `polls[i]` reads.

    Sources that share a line have the same `line`; None: it has one to itself. `options` are its plugin's, as they are
    written, from which another object like `source` could be made, and so is `interval` (seconds). `isolated`: it is
    polled in another process. `efforts[i]` is what `polls[i]` asks of the line, as far as its plugin knows. `files` are
    those that its options name, each with its size and when it was changed last.
    """

    name: str
    plugin: str
    source: Source
    polls: tuple[Poll, ...]
    groups: tuple[int, ...]
    line: Line | None = None
    channels: tuple[Channel, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    interval: float = 1.0
    isolated: bool = False
    efforts: tuple[tuple[Effort, ...], ...] = ()
    files: tuple[tuple[str, int, int], ...] = ()

    @property
    def planned(self) -> tuple[float, ...]:
        """How many seconds each of its polls takes, as far as its plugin knows; 0: it does not."""
        efforts = self.efforts or ((),) * len(self.polls)
        return tuple(sum(effort.seconds for effort in asked) for asked in efforts)

    def is_like(self, other: ConfiguredSource) -> bool:
        """Whether `other` is written, declared and connected in the same way: then each could go on for the other."""
        alike = (getattr(self, each) == getattr(other, each) for each in _ITS_OWN)
        return all(alike) and same_line(self.line, other.line)

    @property
    def ranges(self) -> Mapping[str, tuple[float, float]]:
        """What can be measured of those channels of which it is known, by their names within the source."""
        return {channel.name: channel.range for channel in self.channels if channel.range}


def same_line(one: Line | None, other: Line | None) -> bool:
    """Whether two sources would share these lines, were they in one config; None: a source has one to itself."""
    if one is None or other is None:
        return one is other
    return type(one) is type(other) and (one.key, one.terms) == (other.key, other.terms)


@dataclass(frozen=True, slots=True)
class Calculation:
    """How the plan's calculation of the same number is done: `function` gives a number for each of its outputs.

    That of a bearing gives its three scores and the speed of the shaft. `plugin` is whose code it is, which may raise
    anything, and take its time; empty: our own.
    """

    name: str
    plugin: str
    function: Callable[[Request], Sequence[float]]
