"""Kinds: what JSON Schema says of a type of the config."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

from gatewayd.config.keys import UNIONS, Shape, is_record
from gatewayd.config.kinds import Extent, Size
from gatewayd.config.reader import LISTS, MAPPINGS
from gatewayd.config.rotation import Shaft, Zones
from gatewayd.config.words import expected
from gatewayd.duration import Duration
from gatewayd.features.severity import LIMITS

Schema = dict[str, Any]
Records = Callable[[Any, Sequence[str]], Schema]
"""What gives the schema of a table that is read as a record; the path of keys leads to what is said of its keys."""

DURATION = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$"}
_SPEED = {"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,9})? ?(Hz|rpm)$"}
_ESTIMATE = {
    "type": "object",
    "properties": {"estimate": {"type": "array", "items": _SPEED, "minItems": 2, "maxItems": 2}},
    "required": ["estimate"],
    "additionalProperties": False,
}
_LEAVES: Mapping[Any, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    Any: {},
    Duration: DURATION,
    Size: {"type": "string", "pattern": "^[0-9]{1,9}(\\.[0-9]{1,9})? ?(kB|MB|GB|KiB|MiB|GiB)$"},
    Extent: {"anyOf": [DURATION, {"type": "integer", "minimum": 2}]},
    Path: {"type": "string", "minLength": 1},
    Shaft: {"anyOf": [{"type": "string"}, _ESTIMATE]},
    Zones: {
        "anyOf": [
            {"enum": list(LIMITS)},
            {"type": "string"},  # capital letters do not matter in them
            {"type": "array", "items": {"type": "number"}, "minItems": 3, "maxItems": 3},
        ]
    },
}
_NUMBERS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "pattern": "pattern",
}
_LENGTHS = {"min_length": ("minLength", "minItems"), "max_length": ("maxLength", "maxItems")}


def schema_of(shape: Shape, records: Records, path: Sequence[str] = ()) -> Schema:
    """What JSON Schema says of values of this shape."""
    schema = _of(shape, records, path)
    for bound in shape.bounds:
        schema = {**schema, **bound.form}
    return schema


def words(shape: Shape) -> str:
    """What values of this shape are called, where that says more than their type."""
    if shape.bounds:
        return shape.bounds[0].words
    return expected(shape.kind) if shape.kind in _LEAVES and shape.kind not in (bool, int, float, str, Any) else ""


def _of(shape: Shape, records: Records, path: Sequence[str]) -> Schema:
    kind = shape.kind
    if kind in _LEAVES:
        return dict(_LEAVES[kind])
    if shape.origin in LISTS:
        return _list(shape, records, path)
    if shape.origin in MAPPINGS:
        inner = schema_of(shape.inner[1], records, [*path, "*"]) if shape.inner else {}
        return {"type": "object", "additionalProperties": inner}
    if shape.origin in (Annotated, *UNIONS):
        return _composed(kind, records, path)
    return records(kind, path) if is_record(kind) else _choice(kind)


def _composed(kind: Any, records: Records, path: Sequence[str]) -> Schema:
    """One of several types, or one with bounds."""
    if get_origin(kind) is Annotated:
        return _annotated(kind, records, path)
    shapes = [Shape.of(each) for each in get_args(kind) if each is not type(None)]
    return {"anyOf": [schema_of(each, records, path) for each in shapes]}


def _choice(kind: Any) -> Schema:
    """One of some values, or a type of which only msgspec knows anything."""
    if get_origin(kind) is Literal:
        return {"enum": list(get_args(kind))}
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return {"enum": [each.value for each in kind]}
    try:
        (schema,), _ = msgspec.json.schema_components([kind], schema_hook=lambda _kind: {})
    except (TypeError, NotImplementedError):
        return {}
    return {} if "$ref" in schema else schema


def _list(shape: Shape, records: Records, path: Sequence[str]) -> Schema:
    inner = [schema_of(each, records, path) for each in shape.inner if each.kind is not Ellipsis]
    if shape.origin is tuple and inner and shape.inner[-1].kind is not Ellipsis:
        size = len(inner)
        return {"type": "array", "prefixItems": inner, "minItems": size, "maxItems": size}
    return {"type": "array", "items": inner[0]} if inner else {"type": "array"}


def _annotated(kind: Any, records: Records, path: Sequence[str]) -> Schema:
    """With bounds of msgspec, and of ours."""
    inner, *notes = get_args(kind)
    schema = schema_of(Shape.of(inner), records, path)
    for meta in notes:
        if isinstance(meta, msgspec.Meta):
            schema |= _bounds(meta, is_list=schema.get("type") == "array")
    return schema


def _bounds(meta: msgspec.Meta, *, is_list: bool) -> Schema:
    given = {key: getattr(meta, name) for name, key in _NUMBERS.items()}
    given |= {keys[is_list]: getattr(meta, name) for name, keys in _LENGTHS.items()}
    given |= {"description": meta.description, "examples": meta.examples, **(meta.extra_json_schema or {})}
    return {key: value for key, value in given.items() if value is not None}
