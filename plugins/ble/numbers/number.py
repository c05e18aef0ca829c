"""Numbers: how a value lies in the bytes of an advertisement or a characteristic, as the integrator wrote it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, NamedTuple

from msgspec import Meta

from gatewayd.plugin import Channel, OptionError, check_unit
from gatewayd_plugins.ble.numbers.types import ByteOrder, NumberType, unpack

LONGEST_VALUE = 512
"""Bytes: no attribute is longer, and no field of an advertisement either."""

GRAM = "g"
"""In UCUM, where `[g]` is meant: hardly any beacon is a scale."""


@dataclass
class NumberOptions:
    """Where a number lies, and what is to be made of it: `number * scale + offset`.

    `at` counts the bytes before it. `bits` are the first and the last bit of it that count, 0 being the least
    significant. `absent` are the codes that a device sends when it has no value, as they stand in the bytes.
    """

    type: NumberType = NumberType.UINT16
    at: Annotated[int, Meta(ge=0, lt=LONGEST_VALUE)] = 0
    byte_order: ByteOrder = "little"
    bits: tuple[int, int] | None = None
    scale: float = 1.0
    offset: float = 0.0
    absent: list[int] = field(default_factory=list)
    unit: str = ""
    range: tuple[float, float] | None = None
    labels: dict[str, str] = field(default_factory=dict)


class Reading(NamedTuple):
    """A value, or NaN and why there is none."""

    value: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """How to read one number."""

    type: NumberType
    at: int = 0
    byte_order: ByteOrder = "little"
    bits: tuple[int, int] | None = None
    scale: float = 1.0
    offset: float = 0.0
    absent: frozenset[int] = frozenset()

    @property
    def end(self) -> int:
        """How many bytes there must be at least."""
        return self.at + self.type.size

    def read(self, data: bytes) -> Reading:
        """The value in `data`. Nothing in `data` makes it raise."""
        if len(data) < self.end:
            return Reading(math.nan, f"it has {len(data)} bytes, and the value ends at byte {self.end}")
        raw = unpack(self.type, data[self.at : self.end], self.byte_order)
        if raw in self.absent:
            return Reading(math.nan, f"no value (code {raw})")
        if self.bits is not None:
            low, high = self.bits
            raw = (int(raw) >> low) & ((1 << (high - low + 1)) - 1)
        value = raw * self.scale + self.offset
        return Reading(value) if math.isfinite(value) else Reading(math.nan, "no value (it is not a finite number)")


def number(options: NumberOptions, path: Sequence[str]) -> Number:
    """The number that the options describe. Raises OptionError, at the key below `path` that is wrong."""
    if options.scale == 0 or not math.isfinite(options.scale):
        raise OptionError([*path, "scale"], f"a scale of {options.scale:g} leaves nothing of the value", "use 0.1, say")
    if not math.isfinite(options.offset):
        raise OptionError([*path, "offset"], f"{options.offset:g} is not a number to add", "leave it out, or use 0")
    _check_bits(options, path)
    absent = _codes(options, path)
    return Number(
        options.type, options.at, options.byte_order, options.bits, options.scale, options.offset, frozenset(absent)
    )


def channel(name: str, options: NumberOptions, path: Sequence[str]) -> Channel:
    """The channel of such a number. Raises OptionError, at the key below `path` that is wrong."""
    check_unit(options.unit, [*path, "unit"])
    if options.unit == GRAM:
        what = f"{GRAM!r} is a gram, and not the UCUM code of an acceleration"
        raise OptionError([*path, "unit"], what, 'did you mean "[g]"? Grams of something are "g{water}"')
    ends = options.range
    if ends is not None and not ends[0] < ends[1]:
        raise OptionError([*path, "range"], f"{list(ends)} is no range", "give the lower end first: range = [-40, 85]")
    return Channel(name, options.unit, range=ends, labels=_labels(options.labels, path))


def _labels(labels: Mapping[str, str], path: Sequence[str]) -> dict[int, str]:
    names: dict[int, str] = {}
    for written, name in labels.items():
        where = [*path, "labels", written]
        try:
            value = int(written)
        except ValueError:
            fix = 'give whole numbers with their names: labels = { "3" = "fault" }'
            raise OptionError(where, f"{written!r} is not a value that has a name", fix) from None
        if value in names:
            raise OptionError(where, f"{value} has a name already: {names[value]!r}", "leave one out")
        names[value] = name
    return names


def _check_bits(options: NumberOptions, path: Sequence[str]) -> None:
    if options.bits is None:
        return
    if not options.type.startswith("uint"):
        what = f"bits are taken from an unsigned number, not from {options.type}"
        raise OptionError([*path, "bits"], what, 'with type = "uint8", "uint16" and so on')
    low, high = options.bits
    if not 0 <= low <= high < 8 * options.type.size:
        what = f"{low} to {high} are no bits of {options.type}"
        fix = f"give the first and the last one, from 0 to {8 * options.type.size - 1}: bits = [4, 7]"
        raise OptionError([*path, "bits"], what, fix)


def _codes(options: NumberOptions, path: Sequence[str]) -> list[int]:
    """The codes as they are read: 0x8000 is -32768 of an int16."""
    kind = options.type
    if options.absent and not kind.is_whole:
        what = f"{kind} has no codes: what is not a number is never taken for one"
        raise OptionError([*path, "absent"], what, "leave it out")
    span = 1 << 8 * kind.size
    least, most = (-span // 2, span // 2 - 1) if kind.startswith("int") else (0, span - 1)
    for place, code in enumerate(options.absent):
        if not least <= code < span:
            what = f"{code} does not fit into {kind}"
            raise OptionError([*path, "absent", place], what, f"give {least} to {most}, or 0x0 to {span - 1:#x}")
    return [code - span if code > most else code for code in options.absent]
