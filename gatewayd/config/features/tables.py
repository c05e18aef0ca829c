"""Features: each `[features.NAME]` table becomes windows, calculations outside the engine, and derived channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gatewayd.config.draft import Draft
from gatewayd.config.features.computing import Element, Foreign, Lost, Own, elements
from gatewayd.config.features.derivation import Derivation
from gatewayd.config.features.fitting import Machine, given
from gatewayd.config.features.machines import Speed, limits, speed
from gatewayd.config.features.memory import Memory
from gatewayd.config.features.series import plan_series
from gatewayd.config.features.waveforms import plan_waveforms
from gatewayd.config.findings import Place
from gatewayd.config.reader import mentioned, read_table
from gatewayd.config.settings import Feature
from gatewayd.features.catalogue import Needs
from gatewayd.registry.registry import Registry


class FeatureTables:
    """Enters tables of features into a draft."""

    def __init__(self, registry: Registry, draft: Draft) -> None:
        self.settings: dict[str, Feature] = {}
        self._registry = registry
        self._draft = draft
        self._memory = Memory()

    def add(self, name: str, raw: dict[str, Any], place: Place) -> None:
        """Plan what one table says."""
        before = len(place.findings)
        table = read_table(raw, Feature, place, {"channels": (), "compute": ()}).record
        if table is not None:
            self.settings[name] = table
            self._plan(name, table, mentioned(raw, Feature), place)
        if any(finding.fatal for finding in place.findings[before:]):
            self._draft.faulty_features = True

    def _plan(self, name: str, table: Feature, keys: set[str], place: Place) -> None:
        draft = self._draft
        listed = elements(table.compute, self._registry, place.at("compute"))
        machine = self._machine(table, place)
        numbers = draft.matching(table.channels, place.at("channels"), place.table)
        kept = self._without_lost(listed, machine, numbers)
        own = given([each for each in kept if isinstance(each, Own)], keys)
        foreign = [each for each in kept if isinstance(each, Foreign)]
        derivation = Derivation(name, table, keys, own, foreign, machine, place, draft)
        held = plan_series(derivation, [number for number in numbers if number in draft.columns])
        held += plan_waveforms(derivation, [number for number in numbers if number not in draft.columns])
        self._memory.take(held, place.at("window"))

    def _machine(self, table: Feature, place: Place) -> Machine:
        found = Speed()
        if table.shaft is not None:
            found = speed(table.shaft, self._draft, place.at("shaft"), f"the shaft of {place.table}")
        zones = None if table.severity is None else limits(table.severity, place.at("severity"))
        return Machine(found.planned, table.blades or 0, zones, found.lost)

    def _without_lost(self, listed: Sequence[Element], machine: Machine, numbers: Sequence[int]) -> list[Element]:
        """What can be computed; the draft learns what cannot, and why."""
        kept: list[Element] = []
        for each in listed:
            why = each.why if isinstance(each, Lost) else ""
            if isinstance(each, Own) and Needs.SHAFT in each.definition.needs:
                why = machine.lost
            if not why:
                kept.append(each)
            else:
                self._draft.gone |= {f"{self._draft.channels[number].name}.{each.text}": why for number in numbers}
        return kept
