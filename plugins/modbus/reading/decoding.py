"""Decoding: the values of all fields of an answer at once."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewayd_plugins.modbus.fields.field import Field
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.fields.orders import places
from gatewayd_plugins.modbus.planning.requests import PlannedRequest
from gatewayd_plugins.modbus.reading.forms import (
    NO_REASONS,
    Absences,
    Columns,
    Form,
    Formed,
    Reasons,
    form_of,
    parts_of,
)

Floats = NDArray[np.float64]

BYTES = np.dtype(np.uint8)


class Decoder:
    """Takes the fields of one request out of the bytes that answer it.

    Precompiled: one gather brings the bytes of all fields together by type, in this machine's order, where ready-made
    views read them. `columns` says in which place of a poll's values each field goes.
    """

    def __init__(self, planned: PlannedRequest, columns: Mapping[str, int]) -> None:
        begin = planned.request.address
        groups = _grouped(planned.fields)
        sources = [_bytes_of(field, begin) for group in groups for field in group.fields.values()]
        self._sources = np.array([byte for bytes_ in sources for byte in bytes_], dtype=np.intp)
        self._gathered = np.zeros(len(self._sources), dtype=np.uint8)
        self._numbers: list[tuple[Columns, NDArray[np.generic]]] = []
        self._formed: list[Formed] = []
        self._bits: tuple[Columns, NDArray[np.uint8], NDArray[np.uint8]] | None = None
        self._absences = Absences(planned.fields, columns)
        self._is_plain = not len(self._absences)
        sizes, place = iter(map(len, sources)), 0
        for group in groups:
            targets = _columns([columns[name] for name in group.fields])
            end = place + sum(next(sizes) for _ in group.fields)
            raw = self._gathered[place:end]
            self._take(group, targets, raw, begin)
            place = end

    def decode(self, answer: bytes, values: Floats) -> Reasons:
        """Put the numbers in their places of `values`. Gives why some fields have none, by name; these are NaN."""
        np.frombuffer(answer, np.uint8).take(self._sources, out=self._gathered, mode="clip")
        for columns, numbers in self._numbers:
            values[columns] = numbers
        if self._bits is not None:
            columns, bytes_, shifts = self._bits
            values[columns] = bytes_ >> shifts & 1
        return NO_REASONS if self._is_plain else self._judged(values)

    def _judged(self, values: Floats) -> Reasons:
        reasons: dict[str, str] = {}
        for formed in self._formed:
            reasons |= formed.put(values)
        if len(self._absences):
            reasons |= self._absences.take(values)
        return reasons

    def _take(self, group: Group, targets: Columns, raw: NDArray[np.uint8], begin: int) -> None:
        """Arrange how the fields of one group are read from their bytes."""
        if group.of_bits:
            shifts = [_shift(field, begin) for field in group.fields.values()]
            self._bits = targets, raw, np.array(shifts, dtype=np.uint8)
        elif group.form is None:
            self._numbers.append((targets, raw.view(group.dtype)))
        else:
            numbers = raw.view(group.dtype.base)
            shaped = numbers.reshape(-1, *group.dtype.shape) if group.dtype.shape else numbers
            self._formed.append(Formed(tuple(group.fields), targets, shaped, group.form))
            self._is_plain = False


@dataclass(frozen=True, slots=True)
class Group:
    """Fields whose values are made in the same way of numbers of one type; `form` is how, None: they are the values."""

    fields: Mapping[str, Field]
    dtype: np.dtype[np.generic]
    form: Form | None = None
    of_bits: bool = False


def _grouped(fields: Mapping[str, Field]) -> list[Group]:
    """Groups that are read together: long numbers first, so that all are aligned."""
    by_kind: dict[tuple[object, ...], dict[str, Field]] = {}
    for name, field in fields.items():
        by_kind.setdefault(_kind(name, field), {})[name] = field
    return sorted(map(_group, by_kind.values()), key=lambda each: -each.dtype.base.itemsize)


def _kind(name: str, field: Field) -> tuple[object, ...]:
    if field.is_bit:
        return ("bit",)
    return (field.type, field.bits is not None, name if field.texts is not None else "")


def _group(fields: Mapping[str, Field]) -> Group:
    first = next(iter(fields.values()))
    if first.is_bit:
        return Group(fields, BYTES, of_bits=True)
    if first.bits is not None:
        return Group(fields, first.type.dtype, parts_of(first.type, list(fields.values())))
    return Group(fields, BYTES if first.texts is not None else first.type.dtype, form_of(first))


def _bytes_of(field: Field, begin: int) -> list[int]:
    """Where in the answer the bytes of a number lie, in this machine's order; of a bit, the byte that it is in."""
    entry = field.address - begin
    if field.table.of_bits:
        return [entry // 8]
    ordered = [2 * entry + place for place in places(field.byte_order, 2 * field.length)]
    if field.bit is not None:
        return [ordered[-1 - field.bit // 8]]
    if field.texts is not None or sys.byteorder == "big":
        return ordered
    size = field.type.dtype.base.itemsize
    return [place for first in range(0, len(ordered), size) for place in reversed(ordered[first : first + size])]


def _shift(field: Field, begin: int) -> int:
    """How far a bit is from the right of its byte."""
    return (field.address - begin if field.bit is None else field.bit) % 8


def _columns(columns: Sequence[int]) -> Columns:
    """A slice where it will do: it is quicker."""
    first = columns[0]
    if list(columns) == list(range(first, first + len(columns))):
        return slice(first, first + len(columns))
    return np.array(columns, dtype=np.intp)


class Scaling:
    """`value * scale + offset` for the values of a poll."""

    def __init__(self, fields: Iterable[Field]) -> None:
        every = list(fields)
        self._scales = np.array([field.scale for field in every])
        self._offsets = np.array([field.offset for field in every])
        self._scaled = bool((self._scales != 1).any())
        self._shifted = bool((self._offsets != 0).any())

    def apply(self, values: Floats) -> None:
        """Scale in place."""
        if self._scaled:
            values *= self._scales
        if self._shifted:
            values += self._offsets


class Series:
    """Takes numbers of one kind that follow each other out of their bytes; `field` is the first one's."""

    def __init__(self, field: Field) -> None:
        size = 2 * field.length
        self._places = np.array(places(field.byte_order, size), dtype=np.intp)
        self._dtype = field.type.dtype.newbyteorder(">")
        self._scale, self._offset = field.scale, field.offset
        single = field.type in {NumberType.INT16, NumberType.UINT16, NumberType.FLOAT32} and not field.offset
        self._result = np.dtype(np.float32 if single else np.float64)

    @np.errstate(all="ignore")  # a device may send any number, signalling NaN and the largest included
    def decode(self, answer: bytes) -> NDArray[np.floating]:
        """The values. As float32, where that leaves nothing of them out, they take half the time to analyse.

        They are scaled as float64 and rounded once: so they meet the end of a range that is written in decimals.
        """
        bytes_ = np.frombuffer(answer, np.uint8).reshape(-1, len(self._places))
        values = bytes_.take(self._places, axis=1).view(self._dtype)[:, 0].astype(np.float64)
        values *= self._scale
        values += self._offset
        return values.astype(self._result, copy=False)
