"""Assets: each `[assets.NAME]` table is a machine with its sources and, if something tells that it runs, its state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatewayd.config.draft import Draft
from gatewayd.config.findings import Place
from gatewayd.config.judging.settings import Asset
from gatewayd.config.reader import mentioned, read_table
from gatewayd.config.words import did_you_mean, quoted
from gatewayd.engine.plan import PlannedAsset, PlannedChannel

CHANNELS = ("state", "running", "steady", "maintenance")
"""What is derived of a machine."""
OF_RUNNING = ("above", "deadband", "speed", "starting", "stopping")
"""Keys that say more about how `running` is read."""

Fault = tuple[str, str, str]
"""A key of an asset, what is wrong with it, and what would be right."""


class AssetTables:
    """Enters tables of assets into a draft."""

    def __init__(self, draft: Draft) -> None:
        self.settings: dict[str, Asset] = {}
        self._draft = draft

    def add(self, name: str, raw: dict[str, Any], place: Place) -> None:
        """Plan one machine."""
        before = len(place.findings)
        table = read_table(raw, Asset, place).record
        if table is not None:
            self.settings[name] = table
            self._own(name, table, place)
            for key, what, fix in _faults(table, mentioned(raw, Asset)):
                place.at(key).wrong(what, fix)
            self._watch(name, table, place)
        if table is None or any(finding.fatal for finding in place.findings[before:]):
            self._draft.faulty.add(f"asset.{name}")

    def _own(self, name: str, table: Asset, place: Place) -> None:
        """Note whose the sources are."""
        draft = self._draft
        if table.sources and draft.knows(name) and name not in table.sources:
            fix = "list it too, or give the asset another name"
            place.at("sources").wrong(f"the source {quoted(name)} is not among those of the asset of its name", fix)
        for n, source in enumerate(table.sources or (name,)):
            at = place.at("sources", n) if table.sources else place
            if not draft.knows(source) and not draft.blind:
                fix = did_you_mean(source, draft.yielding, "known sources")
                at.wrong(f"unknown source {quoted(source)}", fix if table.sources else 'add sources = ["..."]')
            elif draft.assets.setdefault(source, name) != name:
                at.wrong(f"the source {quoted(source)} belongs to the asset {quoted(draft.assets[source])} already")

    def _watch(self, name: str, table: Asset, place: Place) -> None:
        """Plan what tells its state."""
        if table.running is None:
            return
        draft, called = self._draft, [f"asset.{name}.{each}" for each in CHANNELS]
        named = {key: channel for key in ("running", "speed") if (channel := getattr(table, key)) is not None}
        found = [draft.find(channel, place.at(key), place.table) for key, channel in named.items()]
        inputs = tuple(number for number in found if number is not None)
        if lost := [why for channel in named.values() if (why := draft.why_lost(channel))]:
            draft.gone |= dict.fromkeys(called, lost[0])
        elif len(inputs) < len(named):
            draft.faulty.add(f"asset.{name}")
        else:
            pace, source = max(draft.paces[number] for number in inputs), draft.channels[inputs[0]].source
            derived = [PlannedChannel(each, "", source, derived=True) for each in called]
            state, running, steady, maintenance = (draft.derive(each, pace, place.table, place) for each in derived)
            draft.derivers.append(
                PlannedAsset(
                    name=name,
                    inputs=inputs,
                    outputs=(state, running, steady, maintenance),
                    above=table.above,
                    deadband=table.deadband or 0.0,
                    starting=table.starting.nanoseconds,
                    stopping=table.stopping.nanoseconds,
                )
            )


def _faults(table: Asset, given: set[str]) -> Iterator[Fault]:
    """Keys that do not go together."""
    if table.running is None:
        for key in OF_RUNNING:
            if key in given:
                yield key, f"{key} has no meaning without running", 'add running = "...", the channel that tells it'
    elif table.deadband is not None and table.above is None:
        yield (
            "deadband",
            "deadband has no meaning without above",
            f"write above = ..., what {table.running} is above of",
        )
