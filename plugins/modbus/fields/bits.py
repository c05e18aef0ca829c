"""Bits: which part of a register's number an option takes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gatewayd.plugin import OptionError
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.fields.options import RegisterOptions

BitRange = tuple[int, int]
"""The first and the last bit, 0 being the least significant."""

_EXAMPLE = 'write the first and the last bit: bits = "4..7" or [4, 7]'
_BYTES = {"low": (0, 7), "high": (8, 15)}
_EIGHT = {NumberType.INT8: NumberType.INT16, NumberType.UINT8: NumberType.UINT16}
_ONE_OF = ("bit", "bits", "byte")


def part(options: RegisterOptions, path: Sequence[str]) -> tuple[NumberType, int | None, BitRange | None]:
    """The type of the whole number, the single bit of it and the range of bits that is wanted, if one is.

    Raises OptionError at the key below `path` that is wrong.
    """
    given = [key for key in _ONE_OF if getattr(options, key) is not None]
    if len(given) > 1:
        what = f"{given[0]} and {given[1]} both say what to take of the register"
        raise OptionError([*path, given[1]], what, f"leave {given[1]} out")
    if options.type in _EIGHT or options.byte is not None:
        return _byte(options, path), None, _BYTES[options.byte or "low"]
    number_type = options.type or NumberType.UINT16
    if options.bits is not None:
        return number_type, None, _range(options.bits, number_type, path)
    return _of_bit(options, path), options.bit, None


def _byte(options: RegisterOptions, path: Sequence[str]) -> NumberType:
    whole = _EIGHT.get(options.type or NumberType.UINT8)
    if whole is None:
        what = f"a byte of a register has 8 bits, not those of {options.type}"
        raise OptionError([*path, "byte"], what, 'write type = "uint8" or "int8"')
    if options.byte is None:
        key = next((key for key in ("bit", "bits") if getattr(options, key) is not None), "type")
        fix = 'say which: byte = "low" or "high"' if key == "type" else "leave type out"
        raise OptionError([*path, key], f"a register holds two {options.type}", fix)
    return whole


def _of_bit(options: RegisterOptions, path: Sequence[str]) -> NumberType:
    if options.bit is None:
        if options.type is NumberType.BOOL:
            raise OptionError([*path, "type"], "a register is not a single bit", "say which: bit = 0 .. 15")
        return options.type or NumberType.UINT16
    number_type = options.type or NumberType.UINT16
    if number_type is NumberType.BOOL:
        number_type = NumberType.UINT16
    _check_type(number_type, "bit", path)
    if options.bit >= number_type.bits:
        what = f"{number_type} has bits 0 to {number_type.bits - 1}, not {options.bit}"
        raise OptionError([*path, "bit"], what, 'write type = "uint32" if it has more of them')
    return number_type


def _range(bits: str | BitRange, number_type: NumberType, path: Sequence[str]) -> BitRange:
    where = [*path, "bits"]
    if isinstance(bits, str):
        parts = re.fullmatch(r"([0-9]{1,2})\.\.([0-9]{1,2})", bits, re.ASCII)
        if parts is None:
            raise OptionError(where, f"{bits!r} is no range of bits", _EXAMPLE)
        bits = int(parts[1]), int(parts[2])
    _check_type(number_type, "bits", path)
    first, last = bits
    if not 0 <= first <= last < number_type.bits:
        what = f"{number_type} has no bits {first} to {last}"
        raise OptionError(where, what, f"{_EXAMPLE}, from 0 to {number_type.bits - 1}")
    return first, last


def _check_type(number_type: NumberType, key: str, path: Sequence[str]) -> None:
    if number_type.family in {"int", "uint"}:
        return
    what = f"a {key} is taken from a whole number, not from {number_type}"
    raise OptionError([*path, key], what, "leave type out, and give the register that holds it")
