"""Decoding: the values of all fields of an answer at once."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gatewayd_plugins.modbus.fields import Field, NumberType
from gatewayd_plugins.modbus.planner import PlannedRequest

Floats = NDArray[np.float64]
Columns = slice | NDArray[np.intp]

BITS = "bits"
"""Stands for the type of fields that are one bit."""


class Decoder:
    """Takes the fields of one request out of the bytes that answer it.

    Precompiled: one gather brings the bytes of all fields together by type, in this machine's order, where ready-made
    views read them. `columns` says in which place of a poll's values each field goes.
    """

    def __init__(self, planned: PlannedRequest, columns: Mapping[str, int]) -> None:
        groups = _grouped(planned.fields)
        request = planned.request
        sources = [
            _bytes_of(field, request.address) for names in groups.values() for field in _of(planned.fields, names)
        ]
        self._sources = np.array([byte for bytes_ in sources for byte in bytes_], dtype=np.intp)
        self._gathered = np.zeros(len(self._sources), dtype=np.uint8)
        self._numbers: list[tuple[Columns, NDArray[np.generic]]] = []
        self._bits: tuple[Columns, NDArray[np.uint8], NDArray[np.uint8]] | None = None
        place = 0
        for kind, names in groups.items():
            targets = _columns([columns[name] for name in names])
            if kind == BITS:
                shifts = [_shift(field, request.address) for field in _of(planned.fields, names)]
                self._bits = targets, self._gathered[place:], np.array(shifts, dtype=np.uint8)
                break
            dtype = np.dtype(kind)
            end = place + len(names) * dtype.itemsize
            self._numbers.append((targets, self._gathered[place:end].view(dtype)))
            place = end

    def decode(self, answer: bytes, values: Floats) -> None:
        """Put the numbers in their places of `values`."""
        np.frombuffer(answer, np.uint8).take(self._sources, out=self._gathered, mode="clip")
        for columns, numbers in self._numbers:
            values[columns] = numbers
        if self._bits is not None:
            columns, bytes_, shifts = self._bits
            values[columns] = bytes_ >> shifts & 1


def _grouped(fields: Mapping[str, Field]) -> dict[str, list[str]]:
    """The names of fields by type: long numbers first, so that all are aligned, and bits last."""
    kinds = [*sorted(NumberType, key=lambda each: -each.registers), BITS]
    by_kind: dict[str, list[str]] = {kind: [] for kind in kinds}
    for name, field in fields.items():
        by_kind[_kind(field)].append(name)
    return {kind: names for kind, names in by_kind.items() if names}


def _kind(field: Field) -> str:
    return BITS if field.is_bit else field.type


def _of(fields: Mapping[str, Field], names: Iterable[str]) -> list[Field]:
    return [fields[name] for name in names]


def _bytes_of(field: Field, begin: int) -> list[int]:
    """Where in the answer the bytes of a number lie, in this machine's order; of a bit, the byte that it is in."""
    entry = field.address - begin
    if field.table.of_bits:
        return [entry // 8]
    places = [2 * entry + place for place in field.byte_order.places(2 * field.length)]
    if field.bit is not None:
        return [places[1 - field.bit // 8]]
    return places[::-1] if sys.byteorder == "little" else places


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
        self._places = np.array(field.byte_order.places(size), dtype=np.intp)
        self._dtype = np.dtype(field.type).newbyteorder(">")
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
