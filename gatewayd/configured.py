"""What the config makes of its tables, ready for whoever polls a source or does a calculation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gatewayd.model import Request
from gatewayd.plugin import Line, Poll, Source


@dataclass(frozen=True, slots=True)
class ConfiguredSource:
    """A source of the config, not yet open: `groups[i]` is the plan's group that `polls[i]` reads.

    Sources that share a line have the same `line`; None: it has one to itself. `ranges` are those of its channels (by
    their names within the source) of which one is known.
    """

    name: str
    plugin: str
    source: Source
    polls: tuple[Poll, ...]
    groups: tuple[int, ...]
    line: Line | None = None
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Calculation:
    """How the plan's calculation of the same number is done: `function` gives a number for each of its outputs.

    That of a bearing gives its three scores and the speed of the shaft. `plugin` is whose code it is, which may raise
    anything, and take its time; empty: our own.
    """

    name: str
    plugin: str
    function: Callable[[Request], Sequence[float]]
