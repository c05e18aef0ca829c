"""A configured source: what the config makes of a source's table, ready for whoever polls it."""

from __future__ import annotations

from dataclasses import dataclass

from gatewayd.plugin import Line, Poll, Source


@dataclass(frozen=True, slots=True)
class ConfiguredSource:
    """A source of the config, not yet open: `groups[i]` is the plan's group that `polls[i]` reads.

    Sources that share a line have the same `line`; None: it has one to itself.
    """

    name: str
    plugin: str
    source: Source
    polls: tuple[Poll, ...]
    groups: tuple[int, ...]
    line: Line | None = None
