"""Loading: the one place that knows the order in which a config is read, checked and compiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

from gatewayd.config.addresses import is_of_this_machine
from gatewayd.config.broker import read_broker
from gatewayd.config.draft import Draft
from gatewayd.config.features.bearings import BearingTables
from gatewayd.config.features.tables import FeatureTables
from gatewayd.config.findings import Place
from gatewayd.config.judging.order import KINDS, Gathering, Tables
from gatewayd.config.judging.settings import Alarms
from gatewayd.config.permissions import open_to_changes
from gatewayd.config.reader import read_table
from gatewayd.config.readings import plan_readings
from gatewayd.config.secrecy import is_secret
from gatewayd.config.sections import ADD_SOURCE, REQUIRED, Sections
from gatewayd.config.settings import (
    Bearing,
    Evidence,
    Feature,
    Gateway,
    Metrics,
    Mqtt,
    Outbox,
    Readings,
    Recording,
    Settings,
    Source,
    Summary,
    Trial,
)
from gatewayd.config.sources.budget import check_budgets
from gatewayd.config.sources.tables import SourceTables
from gatewayd.config.state_folder import check_state_folder
from gatewayd.config.text.documents import FOLDER, documents, unread
from gatewayd.config.text.merging import Merged
from gatewayd.config.text.oddities import huge_numbers, mistaken_escapes
from gatewayd.config.trials import TrialTables
from gatewayd.configured import Calculation, ConfiguredSource
from gatewayd.engine.plan import Plan, PlannedAlarms
from gatewayd.errors import ConfigError, Problem
from gatewayd.records import definition_hash
from gatewayd.registry.registry import Registry

T = TypeVar("T")

NONE_GIVEN: Mapping[str, Sequence[str]] = MappingProxyType({})


class Config(msgspec.Struct, frozen=True):
    """A config that can be run: `calculations` do those of the plan, in its order.

    `problems` are not fatal: what they name is left out. `origins`: the table that derives each channel that is none of
    a source's own (`[features.vibration]`).
    """

    path: Path
    settings: Settings
    sources: Mapping[str, ConfiguredSource]
    plan: Plan
    calculations: tuple[Calculation, ...] = ()
    problems: tuple[Problem, ...] = ()
    origins: Mapping[str, str] = MappingProxyType({})

    @property
    def assets(self) -> dict[str, tuple[str, ...]]:
        """The sources of each asset; a source that is part of none is one itself."""
        tables = {name: table.sources or (name,) for name, table in self.settings.assets.items()}
        parts = {source for sources in tables.values() for source in sources}
        return {**tables, **{source: (source,) for source in self.sources if source not in parts}}

    @property
    def digest(self) -> str:
        """A short hash of the effective settings, without tests and without what is secret in them."""
        settings = msgspec.to_builtins(self.settings, enc_hook=str)
        del settings["tests"]
        del settings["mqtt"]["password"]
        for source in settings["sources"].values():
            source["options"] = _public(source["options"])
        return definition_hash(settings)


def load(path: Path, columns: Mapping[str, Sequence[str]] = NONE_GIVEN, *, offline: bool = False) -> Config:
    """Read, check and compile a config; `columns` of a recording are those of the open-ended sources that get them.

    `offline`: nothing will be sent, so neither the password nor certificates are looked for, and who may write the
    config does not matter. Raises ConfigError with
    all problems at once, if any of them is fatal or no source is left that could be polled.
    """
    read = documents(path)
    merged = Merged(read)
    top = Place()
    compilation = _Compilation(Sections(merged.data, top), path.parent, top, columns, offline)
    settings = compilation.settings()
    _note_oddities(merged, top)
    exposed = [] if offline else open_to_changes(each.path for each in read)
    problems = (*exposed, *unread(path), *_of_a_part(path, merged), *merged.problems(top.findings))
    if settings is None or not compilation.sources or any(problem.fatal for problem in problems):
        raise ConfigError(problems)
    alarms = PlannedAlarms(settings.alarms.flood, settings.alarms.within.nanoseconds)
    plan = compilation.draft.plan(settings.summary.every.nanoseconds, alarms)
    draft = compilation.draft
    return Config(path, settings, compilation.sources, plan, tuple(draft.functions), problems, draft.origins)


def _of_a_part(path: Path, merged: Merged) -> Iterator[Problem]:
    """Somebody named a file of `conf.d` instead of the config that it belongs to."""
    whole = sorted(path.absolute().parent.parent.glob("*.toml"))
    if whole and path.absolute().parent.name == FOLDER and not REQUIRED.keys() <= merged.data.keys():
        yield Problem(str(path), 0, 0, "this is a part of a config", f"name the whole: {whole[0]}")


def _note_oddities(merged: Merged, top: Place) -> None:
    noted = {finding.path for finding in top.findings}
    top.findings.extend(mistaken_escapes(merged))
    top.findings.extend(finding for finding in huge_numbers(merged) if finding.path not in noted)


class _Compilation(msgspec.Struct):
    """One pass over all sections. Each stage works with what is right in those before it."""

    sections: Sections
    folder: Path
    top: Place
    columns: Mapping[str, Sequence[str]]
    offline: bool
    draft: Draft = msgspec.field(default_factory=Draft)
    registry: Registry = msgspec.field(default_factory=Registry)
    sources: dict[str, ConfiguredSource] = {}

    def settings(self) -> Settings | None:
        """Compile everything; None when something is missing that has no default, which is noted."""
        self.sections.check()
        gateway, mqtt = self._gateway(), self._mqtt()
        sources, features, bearings = self._sources(), self._features(), self._bearings()
        judging = {section: self._judging(section, KINDS[section](self.draft)) for section in KINDS}
        for finish in self.draft.afterwards:
            finish()
        outbox, summary, readings = self._read("outbox", Outbox), self._read("summary", Summary), self._readings()
        record, evidence = self._read("record", Recording), self._read("evidence", Evidence)
        alarms, metrics, tests = self._read("alarms", Alarms), self._metrics(), self._tests()
        if not (gateway and mqtt and outbox and summary and readings and record and evidence and alarms and metrics):
            return None
        settings = Settings(
            gateway=gateway,
            mqtt=mqtt,
            outbox=outbox,
            summary=summary,
            readings=readings,
            sources=sources,
            record=record,
            evidence=evidence,
            features=features,
            bearings=bearings,
            alarms=alarms,
            metrics=metrics,
            tests=tests,
        )
        return msgspec.structs.replace(settings, **judging)

    def _read(self, name: str, kind: type[T]) -> T | None:
        table = self.sections.table(name)
        return None if table is None else read_table(table, kind, self.top.at(name)).record

    def _gateway(self) -> Gateway | None:
        gateway = self._read("gateway", Gateway)
        if gateway is None or gateway.state_dir is None:
            return gateway
        folder = (self.folder / gateway.state_dir).absolute()
        check_state_folder(folder, self.top.at("gateway", "state_dir"), offline=self.offline)
        return msgspec.structs.replace(gateway, state_dir=folder)

    def _mqtt(self) -> Mqtt | None:
        table = self.sections.table("mqtt")
        return None if table is None else read_broker(table, self.folder, self.top.at("mqtt"), offline=self.offline)

    def _sources(self) -> dict[str, Source]:
        polled = SourceTables(self.registry, self.draft, self.columns, self.folder, offline=self.offline)
        tables = self.sections.table("sources")
        self.draft.blind = tables is None
        self.draft.faulty |= {name for name, table in (tables or {}).items() if not isinstance(table, dict)}
        for name, table, place in self.sections.named("sources"):
            polled.add(name, table, place)
        self.sources = polled.sources
        check_budgets(self.sources.values(), self.top.at("sources"))
        if tables == {}:
            self.top.at("sources").wrong("no source is there that could be polled", ADD_SOURCE)
        return polled.settings

    def _features(self) -> dict[str, Feature]:
        deriving = FeatureTables(self.registry, self.draft)
        for name, table, place in self.sections.named("features"):
            deriving.add(name, table, place)
        return deriving.settings

    def _bearings(self) -> dict[str, Bearing]:
        listening = BearingTables(self.draft)
        for name, table, place in self.sections.named("bearings"):
            listening.add(name, table, place)
        return listening.settings

    def _judging(self, section: str, tables: Tables) -> dict[str, Any]:
        for name, table, place in self.sections.named(section):
            tables.add(name, table, place)
        if isinstance(tables, Gathering):
            tables.finish()
        return tables.settings

    def _metrics(self) -> Metrics | None:
        metrics = self._read("metrics", Metrics)
        host = metrics.address[0] if metrics is not None and metrics.address is not None else ""
        if host and not self.offline and not is_of_this_machine(host):
            fix = 'give one of its own, or "0.0.0.0" for all of them'
            self.top.at("metrics", "listen").wrong(f"this machine has no address {host}", fix, fatal=False)
        return metrics

    def _tests(self) -> dict[str, Trial]:
        rules = {*(self.sections.table("rules") or {}), *(rule.name for rule in self.draft.rules)}
        trials = TrialTables(self.folder, None if self.draft.open else rules)
        return self._judging("tests", trials)

    def _readings(self) -> Readings | None:
        readings = self._read("readings", Readings)
        if readings is not None:
            plan_readings(readings, self.draft, self.top.at("readings"))
        return readings


def _public(options: Any) -> Any:
    """Options of a plugin without the values whose keys say that they are secret; tables may have any name."""
    if isinstance(options, list):
        return [_public(option) for option in options]
    if not isinstance(options, dict):
        return options
    return {key: _public(value) for key, value in options.items() if isinstance(value, dict) or not is_secret(key)}
