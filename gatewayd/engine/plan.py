"""The compiled configuration: names have become numbers, tables have become tuples, nothing is left to look up."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from gatewayd.model import Kind, Severity


@dataclass(frozen=True, slots=True)
class PlannedChannel:
    """A channel under its full name; its place in `Plan.channels` is its number."""

    name: str
    unit: str
    source: str
    kind: Kind = Kind.SCALAR
    derived: bool = False

    @property
    def short_name(self) -> str:
        """Its name within its source."""
        return self.name.removeprefix(f"{self.source}.")


@dataclass(frozen=True, slots=True)
class PlannedGroup:
    """Channels (numbers) that one poll reads together; its place in `Plan.groups` is its number."""

    source: str
    channels: tuple[int, ...]
    interval: int
    """Nanoseconds between polls."""


@dataclass(frozen=True, slots=True)
class PlannedWindow:
    """Features over a sliding window of some channels of one group.

    `columns` are positions within the group's channels. `span` is nanoseconds, 0 for a window of `samples` values.
    `outputs[i][j]` is the channel number of feature j of column i.
    """

    name: str
    group: int
    columns: tuple[int, ...]
    span: int
    samples: int
    every: int
    """Hop in nanoseconds; 0: at every poll."""
    features: tuple[str, ...]
    outputs: tuple[tuple[int, ...], ...]

    def room(self, interval: int) -> int:
        """How many values of each column it keeps when polls are `interval` ns apart.

        By time that is what it should hold and a little more, should the source be faster than its interval.
        """
        return self.samples or max(1, self.span // interval) * 9 // 8 + 2


@dataclass(frozen=True, slots=True)
class PlannedBurstFeatures:
    """Features of each burst of one waveform channel; `outputs[j]` is the channel number of feature j."""

    name: str
    channel: int
    features: tuple[str, ...]
    outputs: tuple[int, ...]


class Condition(enum.StrEnum):
    """What a rule looks for."""

    ABOVE = "above"
    BELOW = "below"
    OUTSIDE = "outside"
    RATE = "rate_above"
    STALE = "stale"
    FLAT = "flat"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRule:
    """One rule; times are nanoseconds. `low` and `high` are the limits that its condition uses, else infinite.

    RATE: `high` is the limit of the absolute change per second, taken over `span`. STALE and FLAT: `span` is how
    long; FLAT tolerates changes up to `deadband`. `gate` is the channel (its number) that is 0 while the rule rests.
    """

    name: str
    channel: int
    condition: Condition
    low: float = float("-inf")
    high: float = float("inf")
    deadband: float = 0.0
    span: int = 0
    on_delay: int = 0
    off_delay: int = 0
    gate: int | None = None
    severity: Severity = Severity.WARNING
    text: str = ""


@dataclass(frozen=True, slots=True)
class PlannedReadings:
    """Channels of one group (positions in it) whose every reading goes upstream, gathered for `every` ns."""

    group: int
    columns: tuple[int, ...]
    every: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the engine needs to know."""

    channels: tuple[PlannedChannel, ...]
    groups: tuple[PlannedGroup, ...]
    windows: tuple[PlannedWindow, ...] = ()
    bursts: tuple[PlannedBurstFeatures, ...] = ()
    rules: tuple[PlannedRule, ...] = ()
    readings: tuple[PlannedReadings, ...] = ()
    summary_every: int = 60_000_000_000

    def derivations(self) -> tuple[tuple[int, ...], ...]:
        """The derived channels (numbers) that always come together: those of each window, then of each burst."""
        windows = (tuple(number for row in window.outputs for number in row) for window in self.windows)
        return (*windows, *(burst.outputs for burst in self.bursts))
