"""The reader: a table of the config becomes a record, or every single thing that is wrong with it is found.

msgspec stops at the first error and does not name the keys of tables within tables. So the reader walks the types
itself, makes the records, and has msgspec convert what is at the ends.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Generic, TypeVar, get_args

import msgspec

from gatewayd.config.findings import Place
from gatewayd.config.keys import UNIONS, Key, Shape, is_record, keys
from gatewayd.config.kinds import decode
from gatewayd.config.remedies import remedy
from gatewayd.config.sections import homes
from gatewayd.config.words import did_you_mean, expected, got, likely, quoted
from gatewayd.foreign import encodable
from gatewayd.plugin import OptionError

T = TypeVar("T")

WRONG: Any = object()
"""What a value becomes that something is wrong with."""

NOTHING: Mapping[str, Any] = MappingProxyType({})
MAPPINGS = (dict, Mapping)
LISTS: dict[Any, type] = {list: list, Sequence: list, set: set, frozenset: frozenset, tuple: tuple}


class Read(msgspec.Struct, Generic[T], frozen=True):
    """A table of ours as a record: `whole` without faults, else of what is right in it; None when too little is."""

    record: T | None
    whole: bool


def read_table(table: dict[str, Any], kind: type[T], place: Place, instead: Mapping[str, Any] = NOTHING) -> Read[T]:
    """Read a table, as far as it can be: what is right in it can then still be checked further.

    `instead`: what stands for required keys that are missing or wrong, which is told.
    """
    read, whole = _read_keys(table, kind, place)
    right = {**instead, **read}
    enough = all(key.attribute in right for key in keys(kind).values() if key.required)
    return Read(kind(**right) if enough else None, whole)


def mentioned(table: Mapping[str, Any], kind: type) -> set[str]:
    """The keys of a record that a table has, rightly spelt or not, and whatever their values."""
    known = keys(kind)
    return {each for name in table for each in ([name] if name in known else likely(name, known))}


def read_value(value: Any, shape: Shape, place: Place) -> Any:
    """The value as its shape wants it; WRONG when something is wrong in it, which is noted. Of a mapping what is right.

    Whatever the `__post_init__` of a record raises passes through, unless it is a ValueError.
    """
    if isinstance(value, dict) and (record := record_in(shape)):
        return read_record(value, record, place)
    if isinstance(value, dict) and shape.origin in MAPPINGS and shape.inner:
        return _read_mapping(value, shape.inner[1], place)
    if isinstance(value, list) and shape.origin in LISTS and shape.inner:
        return _read_list(value, shape, place)
    return _read_leaf(value, shape, place)


def record_in(shape: Shape) -> Any:
    """What a table becomes: the shape's own record, or the one among those that a value may be."""
    kinds = get_args(shape.kind) if shape.origin in UNIONS else (shape.origin,)
    return next(filter(is_record, kinds), None)


def complain(error: ValueError, table: Mapping[str, Any], place: Place) -> None:
    """Note what a record says against its options: against some of them, or against the table as a whole."""
    if not isinstance(error, OptionError):
        place.wrong(encodable(str(error)) or type(error).__name__)
        return
    for each in (error, *error.also):
        _note_option(each, table, place)


def _note_option(error: OptionError, table: Mapping[str, Any], place: Place) -> None:
    option = [part for part in error.option if isinstance(part, str | int)]
    nested = not option or option[0] in table
    start = place if nested else Place(place.path[:2], place.findings)
    start.at(*option).wrong(encodable(str(error.what)), encodable(str(error.fix)))


def read_record(table: dict[str, Any], kind: Any, place: Place, also: Sequence[str] = ()) -> Any:
    """Make a record of a table; WRONG when something is wrong in it. `also` are keys that may be meant, too.

    A record's `check_each` is asked about what is right when something else is not, so that all is told at once.
    """
    right, whole = _read_keys(table, kind, place, also)
    try:
        if whole:
            return kind(**right)
        if check := getattr(kind, "check_each", None):
            check(right)
    except ValueError as error:
        complain(error, table, place)
    return WRONG


def _read_keys(
    table: dict[str, Any], kind: type, place: Place, also: Sequence[str] = ()
) -> tuple[dict[str, Any], bool]:
    """The attributes of a record as far as they are right, and whether all of the table is."""
    known = keys(kind)
    before = len(place.findings)
    meant = mentioned(table, kind)
    for name, expected_key in known.items():
        if expected_key.required and name not in meant:
            _note_missing(name, expected_key, place)
    right: dict[str, Any] = {}
    for name, value in table.items():
        key = known.get(name)
        if key is None:
            _note_unknown(name, [*known, *also], place)
        elif type(value) is key.shape.kind and not key.shape.bounds:
            right[key.attribute] = value
        elif (read := read_value(value, key.shape, place.at(name))) is not WRONG:
            right[key.attribute] = read
    return right, len(place.findings) == before


def _read_mapping(table: dict[str, Any], inner: Shape, place: Place) -> dict[str, Any]:
    """What is right in it."""
    read = {key: read_value(value, inner, place.at(key)) for key, value in table.items()}
    return {key: value for key, value in read.items() if value is not WRONG}


def _read_list(value: list[Any], shape: Shape, place: Place) -> Any:
    shapes: Sequence[Shape] = shape.inner
    if shape.origin is not tuple or shapes[-1].kind is Ellipsis:
        shapes = [shapes[0]] * len(value)
    if len(shapes) != len(value):
        what = f"{place.name}: expected a list of {len(shapes)} elements, got {len(value)}"
        place.wrong(what, f"write [{', '.join(_wanted(shape) for shape in shapes)}]")
        return WRONG
    read = [read_value(each, inner, place.at(n)) for n, (each, inner) in enumerate(zip(value, shapes, strict=True))]
    if any(each is WRONG for each in read):
        return WRONG
    return _bounded(value, LISTS[shape.origin](read), shape, place)


def _read_leaf(value: Any, shape: Shape, place: Place) -> Any:
    try:
        read = msgspec.convert(value, shape.kind, dec_hook=decode)
    except msgspec.ValidationError:
        what = f"{place.name}: expected {_wanted(shape)}, got {got(value)}"
        place.wrong(what, remedy(value, shape))
        return WRONG
    return _bounded(value, read, shape, place)


def _bounded(value: Any, read: Any, shape: Shape, place: Place) -> Any:
    for bound in shape.bounds:
        if not bound.holds(read):
            place.wrong(f"{place.name}: expected {bound.words}, got {got(value)}")
            return WRONG
    return read


def _note_unknown(name: str, known: Collection[str], place: Place) -> None:
    elsewhere = homes(name) if len(place.path) == 1 else []
    fix = f"it belongs to {' or '.join(elsewhere)}" if elsewhere else did_you_mean(name, known, "known keys")
    place.at(name).wrong(f"unknown key {quoted(name)} in {place.table}", fix or "it has no keys")


def _note_missing(name: str, key: Key, place: Place) -> None:
    place.wrong(f"{quoted(name)} is missing in {place.table}", f"add it: {_wanted(key.shape)}")


def _wanted(shape: Shape) -> str:
    return shape.bounds[0].words if shape.bounds else expected(shape.kind)
