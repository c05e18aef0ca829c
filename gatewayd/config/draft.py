"""The draft of a plan: names get numbers, and whoever refers to a name learns what became of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from gatewayd.config.findings import Place
from gatewayd.config.names import Names, alike
from gatewayd.config.words import did_you_mean, quoted
from gatewayd.configured import Calculation
from gatewayd.engine.plan import (
    Plan,
    PlannedAlarms,
    PlannedBearing,
    PlannedBurstFeatures,
    PlannedCalculation,
    PlannedChannel,
    PlannedDeriver,
    PlannedGroup,
    PlannedReadings,
    PlannedRule,
    PlannedSensor,
    PlannedWindow,
)
from gatewayd.features.notation import parse, respelled
from gatewayd.model import Kind

CARRIES = {Kind.SCALAR: "single values", Kind.WAVEFORM: "waveforms"}
"""What is in a channel, in words."""
_WILD = re.compile(r"[*?]|\[.+\]")
"""What makes a pattern of a name."""

_NEGATION = re.compile(r"!\s*|no\S*\s+", re.IGNORECASE)
"""What may be meant by `not `."""

ALONE = ("calculated.", "total.", "health.")
"""What the names of channels begin with that are called as what derives them."""
DERIVED = ("bearing", "calculated", "total", "asset", "health", "trend")
"""What the names of channels begin with that tables derive from any others."""


class Draft(msgspec.Struct):
    """A plan in the making.

    `yielding` are the sources of its channels. `columns` gives the group of a source's scalar channel and its position
    there; `paces` the nanoseconds between two values of any channel. `functions` do the calculations of the same
    number; `origins` are the tables that derive channels. `lost` are sources and `gone` derived channels that are left
    out, with the reason; `faulty` are sources, bearings and derived channels whose tables are wrong, which is already
    said. `faulty_features`: the same of any table of features; `blind`: of all sources. `open` are sources whose
    channels are known only with a recording: what is missing may be theirs. `assets` are the assets that sources belong
    to, where they are not assets of their own. `ranges` are what sensors can measure; `afterwards` is to be done when
    all tables have been read.
    """

    channels: list[PlannedChannel] = []
    groups: list[PlannedGroup] = []
    windows: list[PlannedWindow] = []
    bursts: list[PlannedBurstFeatures] = []
    calculations: list[PlannedCalculation] = []
    functions: list[Calculation] = []
    bearings: list[PlannedBearing] = []
    sensors: list[PlannedSensor] = []
    derivers: list[PlannedDeriver] = []
    rules: list[PlannedRule] = []
    readings: list[PlannedReadings] = []
    names: Names = msgspec.field(default_factory=Names)
    yielding: set[str] = set()
    columns: dict[int, tuple[int, int]] = {}
    paces: dict[int, int] = {}
    origins: dict[str, str] = {}
    lost: dict[str, str] = {}
    gone: dict[str, str] = {}
    assets: dict[str, str] = {}
    ranges: dict[int, tuple[float, float]] = {}
    afterwards: list[Callable[[], None]] = []
    faulty: set[str] = set()
    left_out: set[str] = set()
    faulty_features: bool = False
    blind: bool = False
    open: set[str] = set()

    @property
    def numbers(self) -> dict[str, int]:
        """The numbers of the channels, by their names."""
        return self.names.numbers

    def knows(self, source: str) -> bool:
        """Whether there is a table of that source, usable or not."""
        return any(source in known for known in (self.yielding, self.faulty, self.open, self.lost))

    def plan(self, summary_every: int, alarms: PlannedAlarms) -> Plan:
        """The plan as it stands."""
        return Plan(
            channels=tuple(self.channels),
            groups=tuple(self.groups),
            windows=tuple(self.windows),
            bursts=tuple(self.bursts),
            calculations=tuple(self.calculations),
            bearings=tuple(self.bearings),
            sensors=tuple(self.sensors),
            derivers=tuple(self.derivers),
            rules=tuple(self.rules),
            readings=tuple(self.readings),
            alarms=alarms,
            summary_every=summary_every,
        )

    def add_channel(self, channel: PlannedChannel, pace: int) -> int:
        """Number a channel; its name must be new."""
        number = self.names.add(channel.name)
        self.yielding.add(channel.source)
        self.channels.append(channel)
        self.paces[number] = pace
        return number

    def add_group(self, group: PlannedGroup) -> int:
        """Number a group."""
        number = len(self.groups)
        self.groups.append(group)
        for column, channel in enumerate(group.channels):
            if self.channels[channel].kind is Kind.SCALAR:
                self.columns[channel] = (number, column)
        return number

    def add_calculation(self, planned: PlannedCalculation, function: Calculation) -> int:
        """Number a calculation."""
        self.calculations.append(planned)
        self.functions.append(function)
        return len(self.calculations) - 1

    def derive(self, channel: PlannedChannel, pace: int, table: str, place: Place) -> int:
        """Number a channel that a table derives, or note that its name is taken."""
        if channel.name not in self.numbers:
            self.origins[channel.name] = table
            return self.add_channel(channel, pace)
        number = self.numbers[channel.name]
        origin = self.origins.get(channel.name)
        if origin != table:
            by = f"{origin} derives" if origin else f"source {quoted(self.channels[number].source)} yields"
            place.wrong(f"{by} {channel.name} already", "a channel can come from one place only")
        return number

    def matching(self, patterns: Sequence[str], place: Place, who: str) -> list[int]:
        """The channels of sources that match any of some patterns; those that match none are noted."""
        matched: set[int] = set()
        for n, pattern in enumerate(patterns):
            numbers = [number for number in self.names.matching(pattern) if not self.channels[number].derived]
            if not numbers:
                self._nothing_matches(pattern, place.at(n), who)
            matched.update(numbers)
        return sorted(matched)

    def judged(self, patterns: Sequence[str], place: Place, who: str) -> list[int]:
        """The channels of single values that some names and patterns stand for; those that match none are noted.

        A name is that channel, whoever yields or derives it. A pattern matches channels of sources, or derived ones
        when it matches none of those: `*` is all that sources yield, `calculated.*` all formulas.
        """
        return sorted({number for n, each in enumerate(patterns) for number in self._judged(each, place.at(n), who)})

    def find(self, name: str, place: Place, who: str, kind: Kind = Kind.SCALAR) -> int | None:
        """The number of a channel of this kind. None when there is none, which is noted unless its cause is.

        The empty name stands for one that is missing, which is noted.
        """
        if not name:
            return None
        number = self.numbers.get(respelled(name))
        if number is None:
            self._not_found(respelled(name), place, who)
            return None
        if self.channels[number].kind is kind:
            return number
        fix = f"name a channel of {CARRIES[kind]}"
        if kind is Kind.SCALAR:
            fix = f'compute features of it: [features.NAME] with channels = ["{name}"]'
        place.wrong(f"channel {quoted(name)} carries {CARRIES[self.channels[number].kind]}, not {CARRIES[kind]}", fix)
        return None

    def why_lost(self, name: str) -> str:
        """Why a channel is left out; empty when it is not."""
        return self.gone.get(respelled(name)) or self.lost.get(name.partition(".")[0], "")

    def _judged(self, pattern: str, place: Place, who: str) -> list[int]:
        if respelled(pattern) in self.numbers or not _WILD.search(pattern):
            number = self.find(pattern, place, who)
            return [] if number is None else [number]
        matched = self.names.matching(pattern)
        numbers = [n for n in matched if self.channels[n].kind is Kind.SCALAR]
        if not numbers:
            self._nothing_judged(pattern, place, who, waves=bool(matched))
        return [n for n in numbers if not self.channels[n].derived] or numbers

    def _nothing_judged(self, pattern: str, place: Place, who: str, *, waves: bool) -> None:
        if self.faulty_features or alike(self.faulty, pattern):
            return
        gone = alike(self.gone, pattern)
        if gone and (why := self.gone[gone[0]]):
            place.wrong(f"{quoted(pattern)} in {who} is left out: {why}", fatal=False)
        elif waves:
            place.wrong(f"{quoted(pattern)} matches waveforms only", "name features of them, or single values")
        else:
            self._nothing_matches(pattern, place, who)

    def _nothing_matches(self, pattern: str, place: Place, who: str) -> None:
        source = pattern.partition(".")[0]
        if self.blind or self._may_follow(pattern) or alike(self.faulty, source) or alike(self.open, source):
            return
        if lost := alike(self.lost, source):
            place.wrong(f"{quoted(pattern)} in {who} is left out: {self.lost[lost[0]]}", fatal=False)
        elif self.names.matching(pattern):
            place.wrong(f"{quoted(pattern)} matches derived channels only", "name channels that sources yield")
        else:
            yielded = [channel.name for channel in self.channels if not channel.derived]
            fix = did_you_mean(pattern, yielded, "sources yield")
            place.wrong(f"no channel of a source matches {quoted(pattern)}", fix)

    def _not_found(self, name: str, place: Place, who: str) -> None:
        if self.blind or self._awaited(name) or self._may_follow(name):
            return
        why = self.why_lost(name)
        if not why:
            negated = self._negated(name)
            derived = [each for each in self.faulty if each.startswith(ALONE)]  # with faults, and yet it may be meant
            fix = negated or did_you_mean(name, derived) or did_you_mean(name, self.numbers, "known channels")
            place.wrong(f"unknown channel {quoted(name)}", fix)
        elif who not in self.left_out:
            self.left_out.add(who)
            place.wrong(f"{who} is left out: {why}", fatal=False)

    def _negated(self, name: str) -> str:
        """How to write what looks like the negation of a channel."""
        negation = _NEGATION.match(name)
        channel = name[negation.end() :] if negation else ""
        known = channel in self.numbers or self._awaited(channel) or name.startswith("!")
        return f'write "not {channel}"' if channel and known else ""

    def _awaited(self, name: str) -> bool:
        """Whether a table whose faults are known would have yielded or derived it."""
        owners = (name, name.partition(".")[0], name.rpartition(".")[0])
        return not self.faulty.isdisjoint(owners) or self._is_feature(name)

    def _may_follow(self, name: str) -> bool:
        """Whether it may be a channel of an open source, or follow from one."""
        first = name.partition(".")[0]
        return first in self.open or (bool(self.open) and first in DERIVED)

    def _is_feature(self, name: str) -> bool:
        """Whether it is written like a feature of a channel, if there are tables of features with faults."""
        ends = (n for n in range(len(name) - 1, -1, -1) if name[n] == "." and name[:n] in self.numbers)
        end = next(ends, None) if self.faulty_features else None
        try:
            return end is not None and bool(parse(name[end + 1 :]))
        except ValueError:
            return False
