"""The draft of a plan: names get numbers, and whoever refers to a name learns what became of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase, translate

import msgspec

from gatewayd.config.findings import Place
from gatewayd.config.words import did_you_mean, quoted
from gatewayd.engine.plan import (
    Plan,
    PlannedBurstFeatures,
    PlannedChannel,
    PlannedGroup,
    PlannedReadings,
    PlannedRule,
    PlannedWindow,
)
from gatewayd.model import Kind
from gatewayd_ext import FEATURES


class Draft(msgspec.Struct):
    """A plan in the making.

    `columns` gives the group of a source's scalar channel and its position there; `paces` the nanoseconds between two
    values of any channel. `lost` are sources that are left out, with the reason; `faulty` those whose tables are
    wrong, which is already said. `faulty_features`: the same of any table of features; `blind`: of all sources.
    """

    channels: list[PlannedChannel] = []
    groups: list[PlannedGroup] = []
    windows: list[PlannedWindow] = []
    bursts: list[PlannedBurstFeatures] = []
    rules: list[PlannedRule] = []
    readings: list[PlannedReadings] = []
    numbers: dict[str, int] = {}
    columns: dict[int, tuple[int, int]] = {}
    paces: dict[int, int] = {}
    lost: dict[str, str] = {}
    faulty: set[str] = set()
    left_out: set[str] = set()
    faulty_features: bool = False
    blind: bool = False

    def plan(self, summary_every: int) -> Plan:
        """The plan as it stands."""
        return Plan(
            tuple(self.channels),
            tuple(self.groups),
            tuple(self.windows),
            tuple(self.bursts),
            tuple(self.rules),
            tuple(self.readings),
            summary_every,
        )

    def add_channel(self, channel: PlannedChannel, pace: int) -> int:
        """Number a channel; its name must be new."""
        number = self.numbers[channel.name] = len(self.channels)
        self.channels.append(channel)
        self.paces[number] = pace
        return number

    def add_group(self, group: PlannedGroup) -> int:
        """Number a group."""
        number = len(self.groups)
        self.groups.append(group)
        for column, channel in enumerate(group.channels):
            self.columns[channel] = (number, column)
        return number

    def matching(self, patterns: Sequence[str], place: Place, who: str) -> list[int]:
        """The channels of sources that match any of some patterns; those that match none are noted."""
        matched: set[int] = set()
        for n, pattern in enumerate(patterns):
            fits = re.compile(translate(pattern)).match
            numbers = [n for n, channel in enumerate(self.channels) if not channel.derived and fits(channel.name)]
            if not numbers:
                self._nothing_matches(pattern, place.at(n), who)
            matched.update(numbers)
        return sorted(matched)

    def find(self, name: str, place: Place, who: str) -> int | None:
        """The number of a channel of numbers. None when there is none, which is noted unless its cause is."""
        number = self.numbers.get(name)
        if number is None:
            self._not_found(name, place, who)
            return None
        if self.channels[number].kind is Kind.WAVEFORM:
            fix = f'compute features of it: [features.NAME] with channels = ["{name}"]'
            place.wrong(f"channel {quoted(name)} carries waveforms, not single values", fix)
            return None
        return number

    def _nothing_matches(self, pattern: str, place: Place, who: str) -> None:
        source = pattern.partition(".")[0]
        if self.blind or any(fnmatchcase(name, source) for name in self.faulty):
            return
        lost = next((name for name in self.lost if fnmatchcase(name, source)), None)
        if lost is not None:
            place.wrong(f"{quoted(pattern)} in {who} is left out: {self.lost[lost]}", fatal=False)
        elif any(fnmatchcase(channel.name, pattern) for channel in self.channels):
            place.wrong(f"{quoted(pattern)} matches derived channels only", "name channels that sources yield")
        else:
            yielded = [channel.name for channel in self.channels if not channel.derived]
            fix = did_you_mean(pattern, yielded, "sources yield")
            place.wrong(f"no channel of a source matches {quoted(pattern)}", fix)

    def _not_found(self, name: str, place: Place, who: str) -> None:
        source = name.partition(".")[0]
        if self.blind or source in self.faulty or self._awaited(name):
            return
        if source not in self.lost:
            place.wrong(f"unknown channel {quoted(name)}", did_you_mean(name, self.numbers, "known channels"))
        elif who not in self.left_out:
            self.left_out.add(who)
            place.wrong(f"{who} is left out: {self.lost[source]}", fatal=False)

    def _awaited(self, name: str) -> bool:
        """Whether a table of features whose faults are known would have derived it."""
        channel, _, feature = name.rpartition(".")
        return self.faulty_features and channel in self.numbers and feature in FEATURES
