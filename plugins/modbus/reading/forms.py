"""Forms: values that are made of numbers which do not lie in registers as they are, and what is none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gatewayd_plugins.modbus.fields.conversions import Conversion, Floats, Raw, bit_range, conversion
from gatewayd_plugins.modbus.fields.field import Field
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.reading.texts import text

Columns = slice | NDArray[np.intp]
Reasons = Mapping[str, str]

NO_REASONS: Reasons = MappingProxyType({})


class Form(Protocol):
    """How numbers become values, NaN for what is none, and what is said of the bytes of one that is none."""

    def values(self, raw: Raw) -> Floats: ...  # noqa: D102

    def complaint(self, raw: bytes) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Digits:
    """Numbers of a type that numpy does not know, or parts of numbers."""

    type: NumberType
    values: Conversion

    def complaint(self, raw: bytes) -> str:
        """Which bytes they were, as hexadecimal digits, the most significant first."""
        return f"0x{raw.hex().upper()} is no {self.type}"


class Words:
    """A text of so many `characters` that stands for a number. As it seldom changes, the last one is remembered."""

    def __init__(self, numbers: Mapping[str, int], characters: int) -> None:
        self._numbers = numbers
        self._characters = characters
        self._bytes = b""
        self._value = np.array([np.nan])

    def values(self, raw: Raw) -> Floats:
        """The number of the text, if it has one."""
        bytes_ = raw.tobytes()
        if bytes_ != self._bytes:
            self._bytes = bytes_
            self._value = np.array([self._numbers.get(self._text(bytes_), np.nan)], np.float64)
        return self._value

    def complaint(self, raw: bytes) -> str:
        """Which text it was."""
        return f"unknown text {self._text(raw)!r}"

    def _text(self, raw: bytes) -> str:
        return text(raw[: self._characters])


@dataclass(frozen=True, slots=True)
class Formed:
    """The fields of one form in a request: their names, their places among the values, and their bytes as numbers."""

    names: Sequence[str]
    columns: Columns
    raw: Raw
    form: Form

    def put(self, values: Floats) -> Reasons:
        """Put the values in their places; gives why some are none."""
        made = self.form.values(self.raw)
        values[self.columns] = made
        wrong = np.isnan(made)
        if not np.count_nonzero(wrong):
            return NO_REASONS
        of_each = np.array(self.raw).reshape(len(self.names), -1)
        big_endian = of_each.astype(of_each.dtype.newbyteorder(">"))
        return {self.names[n]: self.form.complaint(big_endian[n].tobytes()) for n in np.flatnonzero(wrong).tolist()}


class Absences:
    """The codes for no value among the fields of a request."""

    def __init__(self, fields: Mapping[str, Field], columns: Mapping[str, int]) -> None:
        coded = [(name, code) for name, field in fields.items() for code in field.codes]
        self._names = [name for name, _ in coded]
        self._reasons = [code.reason for _, code in coded]
        self._columns = np.array([columns[name] for name in self._names], np.intp)
        self._numbers = np.array([code.number for _, code in coded])
        self._negative = np.signbit(self._numbers)
        self._has_negative_zero = bool((self._negative & (self._numbers == 0)).any())

    def __len__(self) -> int:
        return len(self._names)

    def take(self, values: Floats) -> Reasons:
        """Which values are codes, and why there is none; NaN takes their place."""
        taken = values.take(self._columns)
        found = taken == self._numbers
        if self._has_negative_zero:
            found &= np.signbit(taken) >= self._negative
        if not np.count_nonzero(found):  # a good deal faster than any()
            return NO_REASONS
        values[self._columns[found]] = np.nan
        return {self._names[n]: self._reasons[n] for n in np.flatnonzero(found).tolist()}


def form_of(field: Field) -> Form | None:
    """How the numbers of a field's type become values; None: they are values."""
    if field.texts is not None:
        return Words(field.texts, field.characters)
    convert = conversion(field.type)
    return None if convert is None else Digits(field.type, convert)


def parts_of(number_type: NumberType, fields: Sequence[Field]) -> Form:
    """How some bits of numbers of one type become values."""
    return Digits(number_type, bit_range(number_type, [field.bits for field in fields if field.bits is not None]))
