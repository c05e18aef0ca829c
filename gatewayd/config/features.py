"""Features: each `[features.NAME]` table becomes windows, one for each group that it looks at, and derived channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gatewayd.config.draft import Draft
from gatewayd.config.findings import Place
from gatewayd.config.reader import read_table
from gatewayd.config.settings import Feature
from gatewayd.config.words import quoted, spell
from gatewayd.engine.plan import PlannedBurstFeatures, PlannedChannel, PlannedWindow

MOST_HELD = 2_000_000
"""The values that all windows together may hold."""
BYTES = 16
"""What a value takes in a window."""
PLAIN_NUMBERS = ("crest_factor", "kurtosis")
"""Features that have no unit, whatever their channel's is."""


class Deriving:
    """Enters tables of features into a draft."""

    def __init__(self, draft: Draft) -> None:
        self.settings: dict[str, Feature] = {}
        self._draft = draft
        self._origins: dict[str, str] = {}
        """Which table derives a channel."""
        self._held = 0
        """How many values all windows hold."""

    def add(self, name: str, raw: dict[str, Any], place: Place) -> None:
        """Plan the windows of one table."""
        before = len(place.findings)
        table = read_table(raw, Feature, place).record
        if table is not None:
            self.settings[name] = table
            self._check_compute(table, place)
            self._plan(name, table, place)
        if any(finding.fatal for finding in place.findings[before:]):
            self._draft.faulty_features = True

    def _plan(self, name: str, table: Feature, place: Place) -> None:
        matched = self._draft.matching(table.channels, place.at("channels"), f"[features.{name}]")
        groups: dict[int, list[int]] = {}
        for number in matched:
            if number in self._draft.columns:
                groups.setdefault(self._draft.columns[number][0], []).append(number)
            else:
                outputs = self._derive(name, table, number, self._draft.paces[number], place)
                self._draft.bursts.append(PlannedBurstFeatures(name, number, table.compute, outputs))
        windows = [self._window(name, table, group, numbers, place) for group, numbers in groups.items()]
        self._draft.windows += windows
        self._check_room(windows, place.at("window"))

    def _check_compute(self, table: Feature, place: Place) -> None:
        for n, feature in enumerate(table.compute):
            if feature in table.compute[:n]:
                place.at("compute", n).wrong(f"{quoted(feature)} is there twice", "keep one of them")

    def _window(self, name: str, table: Feature, group: int, numbers: list[int], place: Place) -> PlannedWindow:
        interval = self._draft.groups[group].interval
        length = table.window.time.nanoseconds or table.window.samples * interval
        self._check_length(length, interval, self._draft.channels[numbers[0]].name, place.at("window"))
        every = length // 2 if table.every is None else table.every.nanoseconds
        pace = max(every, interval)
        return PlannedWindow(
            name=name,
            group=group,
            columns=tuple(self._draft.columns[number][1] for number in numbers),
            span=table.window.time.nanoseconds,
            samples=table.window.samples,
            every=every,
            features=table.compute,
            outputs=tuple(self._derive(name, table, number, pace, place) for number in numbers),
        )

    def _check_length(self, length: int, interval: int, channel: str, place: Place) -> None:
        if length < 2 * interval:
            what = f"the window is shorter than two intervals of {channel}, which is read every {spell(interval)}"
            place.wrong(what, f'make it "{spell(2 * interval)}" at least')

    def _check_room(self, windows: Sequence[PlannedWindow], place: Place) -> None:
        """Note windows for which those before them have left too little memory."""
        groups = self._draft.groups
        held = sum(window.room(groups[window.group].interval) * len(window.columns) for window in windows)
        if self._held + held > MOST_HELD:
            what = f"the windows up to this one hold {_sized(self._held + held)}"
            place.wrong(what, f"shorten it, or match fewer channels: at most {_sized(MOST_HELD)} are possible")
        else:
            self._held += held

    def _derive(self, name: str, table: Feature, number: int, pace: int, place: Place) -> tuple[int, ...]:
        features = enumerate(table.compute)
        return tuple(self._derived(name, number, feature, pace, place.at("compute", n)) for n, feature in features)

    def _derived(self, name: str, number: int, feature: str, pace: int, place: Place) -> int:
        channel = self._draft.channels[number]
        derived = PlannedChannel(f"{channel.name}.{feature}", unit(channel.unit, feature), channel.source, derived=True)
        if derived.name not in self._draft.numbers:
            self._origins[derived.name] = name
            return self._draft.add_channel(derived, pace)
        origin = self._origins.get(derived.name)
        if origin != name:
            by = f"[features.{origin}] derives" if origin else f"source {quoted(channel.source)} yields"
            place.wrong(f"{by} {derived.name} already", "a channel can come from one place only")
        return self._draft.numbers[derived.name]


def _sized(values: int) -> str:
    return f"{values} values ({values * BYTES // 1_000_000} MB)"


def unit(of: str, feature: str) -> str:
    """The unit of a feature of a channel, as a UCUM code."""
    if feature in PLAIN_NUMBERS:
        return "1"
    return f"{of or 1}/s" if feature == "slope" else of
