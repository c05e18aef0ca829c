"""Changes: what another config would change in a gateway that runs with one, and what of it goes on. Pure."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from gatewayd.config import Config
from gatewayd.config.secrecy import is_secret
from gatewayd.duration import Duration, written
from gatewayd.engine.engine import Engine
from gatewayd.engine.plan import Plan, PlannedChannel

LONGEST = 60
"""Characters of a value that are shown."""
_EVERYTHING = "everything begins anew"

_EFFECTS = {
    "gateway": _EVERYTHING,
    "outbox": "it is resized",
    "mqtt": "the broker is connected anew",
}
_STATE = {
    "windows": ("window", "fills anew"),
    "shafts": ("shaft speed", "is not known until it is measured"),
    "votes": ("bearing", "is judged anew"),
    "sensors": ("sensor checks of", "begin anew"),
    "totals": ("total", "begins at 0"),
    "assets": ("running state of", "is found out anew"),
    "learning": ("model", "learns anew"),
    "forecasts": ("forecast", "begins anew"),
    "rules": ("rule", "judges anew; an alarm of it is cleared"),
}
"""By the engine's stage: what is remembered under a name, and what becomes of it under another definition."""


class How(enum.StrEnum):
    """What became of a table."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """A table of the file (`rules.high`), what is different in it (`above: 5.0 -> 6.0`), and what follows for it."""

    table: str
    how: How
    keys: tuple[str, ...] = ()
    effect: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """All that is different, and how much of the gateway goes on.

    `anew` says what remembers nothing of before, although it has the same name. `kept` are the sources that are polled
    on as if nothing had happened, `going_on` those whose present summary goes on, too: no channel of theirs is another
    one, measured or derived. `everything`: a gateway with another state folder, which is stopped and started; else
    `judging`: there is another engine, which goes on from the memory of the one before, `uplink`: the broker is
    connected anew, `metrics`: they are elsewhere.
    """

    tables: tuple[Change, ...]
    anew: tuple[str, ...]
    kept: frozenset[str]
    going_on: frozenset[str]
    everything: bool
    judging: bool
    uplink: bool
    metrics: bool

    @property
    def none(self) -> bool:
        """Whether the gateway need not notice."""
        return not (self.tables or self.everything or self.judging or self.uplink or self.metrics)


def changes(before: Config, after: Config, engine: Engine | None = None) -> Changes:
    """What `after` changes in a gateway that runs with `before`; `engine` is one of its plan that was fed nothing."""
    old, new = _sections(before), _sections(after)
    by_name = {each for each in old if isinstance(getattr(before.settings, each), dict)}
    was = before.sources
    kept = frozenset(name for name, source in after.sources.items() if name in was and source.is_like(was[name]))
    computed = any(old[section] != new[section] for section in ("features", "bearings"))
    tables = tuple(_tables(old, new, by_name, kept))
    judging = computed or before.plan != after.plan or before.assets != after.assets or _recorded_anew(before, after)
    return Changes(
        tables=tables,
        anew=tuple(_anew(before.plan, engine or Engine(after.plan, ""))) if judging else (),
        kept=kept,
        going_on=frozenset(_going_on(before, after, kept, {each.table for each in tables})),
        everything=old["gateway"] != new["gateway"],
        judging=judging,
        uplink=old["mqtt"] != new["mqtt"],
        metrics=old["metrics"] != new["metrics"],
    )


def _going_on(before: Config, after: Config, kept: Collection[str], changed: Collection[str]) -> Iterator[str]:
    """The sources of whose channels, measured or derived, none was changed or is gone."""
    channels: dict[str, list[PlannedChannel]] = {}
    for channel in before.plan.channels:
        channels.setdefault(channel.source, []).append(channel)
    there = {channel.name: channel for channel in after.plan.channels}

    def same(channel: PlannedChannel) -> bool:
        was, will = (config.origins.get(channel.name, "") for config in (before, after))
        return there.get(channel.name) == channel and was == will and was.strip("[]") not in changed

    for source, ours in channels.items():
        if source in kept and all(map(same, ours)):
            yield source


def _recorded_anew(before: Config, after: Config) -> bool:
    """Whether the record must begin anew with an engine: it tells of one config."""
    was, will = (config.settings.record.max_size > 0 for config in (before, after))
    return was != will or (will and before.digest != after.digest)


def _sections(config: Config) -> dict[str, dict[str, Any]]:
    settings: dict[str, dict[str, Any]] = msgspec.to_builtins(config.settings, enc_hook=_plain)
    return settings


def _plain(value: Any) -> str:
    return written(value) if isinstance(value, Duration) else str(value)


def _tables(
    old: Mapping[str, Any], new: Mapping[str, Any], by_name: Collection[str], kept: frozenset[str]
) -> Iterator[Change]:
    """The tables that differ; sections that are not `by_name` are one table each."""
    for section in (each for each in old if each != "tests"):  # which are no concern of a gateway that runs
        if section not in by_name:
            if keys := tuple(_different(old[section], new[section])):
                yield Change(section, How.CHANGED, keys, _EFFECTS.get(section, ""))
            continue
        for name in dict.fromkeys([*old[section], *new[section]]):
            effect = "it is polled on as before" if section == "sources" and name in kept else ""
            yield from _table(f"{section}.{name}", old[section].get(name), new[section].get(name), effect)


def _table(table: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, effect: str) -> Iterator[Change]:
    if old is None or new is None:
        yield Change(table, How.ADDED if old is None else How.REMOVED)
    elif keys := tuple(_different(old, new)):
        yield Change(table, How.CHANGED, keys, effect)


def _different(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """The keys whose values differ, with these; what may be a secret is not shown."""
    was, will = dict(_flat(old)), dict(_flat(new))
    for key in dict.fromkeys([*was, *will]):
        if was.get(key) != will.get(key):
            yield key if is_secret(key) else f"{key}: {_shown(was.get(key))} -> {_shown(will.get(key))}"


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, prefix if key == "options" else f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _shown(value: Any) -> str:
    if value is None or value == {}:
        return "nothing"
    text = msgspec.json.encode(value, enc_hook=_plain).decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _anew(before: Plan, after: Engine) -> Iterable[str]:
    """What of an engine's memory is of another definition in an engine of another plan, in words."""
    was, will = Engine(before, after.boot).definitions(), after.definitions()
    found = [key for key, definition in will.items() if was.get(key, definition) != definition]
    return dict.fromkeys(_words(stage, name) for stage, name in found if stage in _STATE)


def _words(stage: str, name: str) -> str:
    what, becomes = _STATE[stage]
    return f"{what} {name.partition('/')[0]} {becomes}"  # what a model learns at each operating point is saved apart
