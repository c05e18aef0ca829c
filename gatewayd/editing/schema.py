"""The schema of the whole file, for editors: JSON Schema, with the options of the plugins that are installed here."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from gatewayd import __version__
from gatewayd.config.keys import keys
from gatewayd.config.sections import NAMED, REQUIRED
from gatewayd.config.settings import MqttTable, Settings, Source
from gatewayd.editing.kinds import Schema
from gatewayd.editing.notes import Note, notes
from gatewayd.editing.samples import brought_sample
from gatewayd.editing.tables import Tables
from gatewayd.editing.whole import whole_sample
from gatewayd.engine.plan import Condition
from gatewayd.errors import PluginError
from gatewayd.features.bearings.types import TYPES
from gatewayd.features.catalogue import CATALOGUE
from gatewayd.registry.registry import Registry

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NAME = "^[A-Za-z0-9_-]{1,64}$"
"""What tables may be called."""


def whole_schema(registry: Registry, *, part: bool = False) -> Schema:
    """Of a config; `part`: of a file in conf.d, in which nothing need be.

    A plugin that cannot be loaded is left out.
    """
    ours = list(notes(whole_sample()))
    tables = Tables(_without_names(ours))
    sources = dict(_sources(registry, tables))
    schema: Schema = {
        "$schema": DIALECT,
        "title": f"gatewayd {__version__}: a file in conf.d" if part else f"gatewayd {__version__}",
        "type": "object",
        "properties": {
            section: tables.described(_section(section, tables, sources), [section]) for section in keys(Settings)
        },
        "additionalProperties": False,
        "$defs": {f"source.{name}": each for name, each in sources.items()},
    }
    features = [name for each in registry.installed() for name in _features(registry, each.name)]
    _suggest(schema["properties"]["features"], "compute", [*CATALOGUE, *features])
    _table(schema["properties"]["rules"])["oneOf"] = [{"required": [condition]} for condition in Condition]
    _table(schema["properties"]["bearings"])["properties"]["type"]["enum"] = list(TYPES)
    return schema if part else {**schema, "required": list(REQUIRED)}


def _section(section: str, tables: Tables, sources: dict[str, Schema]) -> Schema:
    if section == "sources":
        return _named(_any_source(sources))
    key = keys(Settings)[section]
    if section in NAMED:
        return _named(tables.schema(key.shape.inner[1].kind, [section]))
    return tables.schema(MqttTable if section == "mqtt" else key.shape.kind, [section])


def _named(table: Schema) -> Schema:
    """Tables that the integrator names."""
    return {"type": "object", "patternProperties": {NAME: table}, "additionalProperties": False}


def _table(section: Schema) -> Schema:
    table: Schema = section["patternProperties"][NAME]
    return table


def _any_source(sources: dict[str, Schema]) -> Schema:
    """A table of a source: its plugin says which keys it may have.

    That is said twice: editors tell what is wrong by the conditions, and find keys to propose by the choice.
    """
    refs = {name: {"$ref": f"#/$defs/source.{name}"} for name in sources}
    if not refs:
        return {"type": "object"}
    return {
        "type": "object",
        "properties": {"plugin": {"enum": list(sources), "description": "The type of the device."}},
        "required": ["plugin"],
        "additionalProperties": True,
        "allOf": [{"if": _has_plugin(name), "then": ref} for name, ref in refs.items()],
        "anyOf": list(refs.values()),
    }


def _has_plugin(name: str) -> Schema:
    return {"properties": {"plugin": {"const": name}}, "required": ["plugin"]}


def _sources(registry: Registry, tables: Tables) -> Iterator[tuple[str, Schema]]:
    """What a source of each plugin may have."""
    host = tables.schema(Source, ["sources"])
    del host["properties"]["options"]
    for name in registry.names():
        try:
            kind = registry.source_type(name)
            own = Tables(_of_plugin(name, brought_sample(name, registry) or "")).schema(kind)
        except (PluginError, NameError, TypeError):  # the last two: foreign types that are none
            continue
        properties = {**host["properties"], **own["properties"], "plugin": {"const": name}}
        schema = {**own, "properties": properties, "required": ["plugin", *own.get("required", ())]}
        yield name, {"description": inspect.getdoc(kind) or "", **schema}


def _features(registry: Registry, plugin: str) -> list[str]:
    try:
        return [f"{plugin}.{name}" for name in registry.features(plugin)]
    except PluginError:
        return []


def _suggest(section: Schema, key: str, values: list[str]) -> None:
    """Have editors complete these, though others are right, too: `band_rms(10, 1000)`, or those of other plugins."""
    others = {"type": "string", "pattern": r"[(.\s]"}
    _table(section)["properties"][key]["items"] = {"anyOf": [{"enum": values}, others]}


def _without_names(said: list[Note]) -> Iterator[Note]:
    """What is said of keys, by section and key: what the tables of the sample are called does not count."""
    for note in said:
        named = len(note.path) > 1 and note.path[0] in NAMED
        path = (note.path[0], *note.path[2:]) if named else note.path
        yield Note(path, note.text, note.told, note.value)


def _of_plugin(plugin: str, sample: str) -> Iterator[Note]:
    """What a plugin's sample says of the keys of its sources."""
    said = [note for note in notes(sample) if note.path[0] == "sources" and len(note.path) > 2]
    its = {note.path[1] for note in said if note.path[2:] == ("plugin",) and note.value == plugin}
    for note in said:
        if note.path[1] in its and note.path[2:] != ("plugin",):
            yield Note(note.path[2:], note.text, note.told, note.value)
        if note.told is None and len(note.path) == 4:  # a table with a name says what all of its kind are
            yield Note(note.path[2:3], note.text)
