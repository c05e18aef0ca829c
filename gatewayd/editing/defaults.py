"""Defaults: what a key is when it is left out, as it would be written."""

from __future__ import annotations

import dataclasses
import enum
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

import msgspec

from gatewayd.config.keys import keys
from gatewayd.config.kinds import Extent, Size
from gatewayd.duration import Duration, written

NONE: Any = object()
"""There is no default that could be written: the key is required, or leaving it out means something else."""
_MISSING = (msgspec.NODEFAULT, dataclasses.MISSING)
_UNITS = {"GB": 10**9, "MB": 10**6, "kB": 10**3, "GiB": 2**30, "MiB": 2**20, "KiB": 2**10}


def defaults(kind: Any) -> Mapping[str, Any]:
    """The defaults of a table that is read as this record, by keys; NONE or nothing where none could be written."""
    known = keys(kind)
    given = {name: value for name, value in _given(kind) if name in known}
    return {
        name: form(value) if all(bound.holds(value) for bound in known[name].shape.bounds) else NONE
        for name, value in given.items()
        if value is not None
    }


def form(value: Any) -> Any:
    """A value as TOML has it; NONE for what cannot be written."""
    if isinstance(value, enum.Enum):
        return form(value.value)
    if isinstance(value, list | tuple | set | frozenset):
        formed = [form(each) for each in value]
        return NONE if any(each is NONE for each in formed) else formed
    if isinstance(value, dict):
        return NONE if value else {}
    if isinstance(value, float) and not math.isfinite(value):
        return NONE
    spelt = next((spell(value) for kind, spell in _SPELT if isinstance(value, kind)), NONE)
    return value if spelt is NONE and isinstance(value, bool | int | float | str) else spelt


def _given(kind: Any) -> Iterator[tuple[str, Any]]:
    """The defaults as they are in Python."""
    fields = msgspec.structs.fields(kind) if issubclass(kind, msgspec.Struct) else dataclasses.fields(kind)
    for each in fields:
        name = each.encode_name if isinstance(each, msgspec.structs.FieldInfo) else each.name
        if each.default not in _MISSING:
            yield name, each.default
        elif each.default_factory not in _MISSING:
            yield name, each.default_factory()


def _sized(size: int) -> str:
    unit = next((unit for unit, bytes_ in _UNITS.items() if size >= bytes_ and not size % bytes_), "MB")
    return f"{size / _UNITS[unit]:g}{unit}"


def _reaching(extent: Extent) -> Any:
    return extent.samples or written(extent.time)


_SPELT: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (Duration, written),
    (Size, _sized),
    (Extent, _reaching),
    (PurePath, str),
)
"""How values of our own kinds are written."""
