"""Keys: what a table may contain and of which shape, read off the record that it becomes."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from gatewayd.config.kinds import Bound

UNIONS = (Union, types.UnionType)


class Shape(msgspec.Struct, frozen=True):
    """A type, taken apart once: without bounds of ours and without None, which TOML does not know.

    `origin` is what it is one of (`dict` of `dict[str, int]`), `inner` are the shapes of its parameters.
    """

    kind: Any
    origin: Any
    bounds: tuple[Bound, ...]
    inner: tuple[Shape, ...]

    @classmethod
    def of(cls, kind: Any) -> Shape:
        """The shape of a type."""
        bounds: list[Bound] = []
        while True:
            origin, arguments = get_origin(kind), get_args(kind)
            if origin is Annotated and not any(isinstance(each, msgspec.Meta) for each in arguments):
                bounds += [each for each in arguments if isinstance(each, Bound)]
                kind = arguments[0]
            elif origin in UNIONS and len(arguments) == 2 and type(None) in arguments:
                kind = arguments[0] if arguments[1] is type(None) else arguments[1]
            else:
                inner = () if origin in UNCHANGED else tuple(cls.of(each) for each in arguments)
                return cls(kind, origin or kind, tuple(bounds), inner)


UNCHANGED = (None, Annotated, Literal, *UNIONS)
"""Types whose parameters msgspec sees to."""


class Key(msgspec.Struct, frozen=True):
    """A key that a table may have: the attribute that it becomes, and whether it must be there."""

    attribute: str
    shape: Shape
    required: bool


def is_record(kind: Any) -> bool:
    """Whether a type is a table with known keys."""
    return isinstance(kind, type) and (dataclasses.is_dataclass(kind) or issubclass(kind, msgspec.Struct))


def keys(kind: Any) -> Mapping[str, Key]:
    """The keys of a table that is read as a record, by their names in the file."""
    return _keys(kind)


@cache
def _keys(kind: Any) -> Mapping[str, Key]:
    if issubclass(kind, msgspec.Struct):
        return {
            each.encode_name: Key(each.name, Shape.of(each.type), each.required)
            for each in msgspec.structs.fields(kind)
        }
    if not dataclasses.is_dataclass(kind):
        return {}
    hints = get_type_hints(kind, include_extras=True)
    fields = [each for each in dataclasses.fields(kind) if each.init]
    return {each.name: Key(each.name, Shape.of(hints[each.name]), _required(each)) for each in fields}


def _required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
