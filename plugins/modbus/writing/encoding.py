"""Encoding: the bytes of a value, as its field's registers or coil want them."""

from __future__ import annotations

import struct
import sys

import numpy as np

from gatewayd_plugins.modbus.fields.conversions import TEN_THOUSAND
from gatewayd_plugins.modbus.fields.field import Field
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.fields.orders import places

CLOSE = 1e-6
"""How far from a whole number a value may be that stands for one, in steps: decimals are not exact."""
ROUNDING = 4 * sys.float_info.epsilon
"""What is lost on the way there and back, as a part of the greatest number on it."""
MOST_LOST = 0.25
"""Steps: more is between two of them, however great they are."""
MOST_EXACT = 2**53
FLOATS = {NumberType.FLOAT16: ">e", NumberType.FLOAT32: ">f", NumberType.FLOAT64: ">d"}


class Unfit(ValueError):  # noqa: N818 - a word for the value
    """A value that a field cannot hold; the text says why."""


def encoded(field: Field, value: float) -> bytes:
    """What to write so that the field holds a value, which is scaled back. Raises Unfit."""
    number = _number(field, value)
    if field.table.of_bits:
        return bytes([int(number)])
    big_endian = _bytes(field.type, number)
    arranged = bytearray(len(big_endian))
    for byte, place in zip(big_endian, places(field.byte_order, len(big_endian)), strict=True):
        arranged[place] = byte
    return bytes(arranged)


def _number(field: Field, value: float) -> float:
    """The number that stands for a value, whole where the field holds nothing else."""
    number = (value - field.offset) / field.scale + 0.0  # which makes a negative zero the usual one
    if not np.isfinite(number):
        raise Unfit(f"{value:g} is no number to write")
    if field.type.whole:
        number = _step(field, value, number)
    low, high = field.capacity.span
    if not low <= number <= high:
        ends = sorted(end * field.scale + field.offset for end in (low, high))
        raise Unfit(f"{value:.15g} does not fit: {field.type} holds {ends[0]:.10g} to {ends[1]:.10g}")
    held = number if field.type.whole else float(np.array(number, field.type.dtype))
    taken = next((code for code in field.codes if code.is_meant_by(held)), None)
    if taken is not None:
        raise Unfit(f"{value:.15g} would mean: {taken.reason}")
    return number


def _step(field: Field, value: float, number: float) -> float:
    nearest = round(number)
    lost = ROUNDING * (abs(value) + abs(field.offset)) / abs(field.scale)
    if abs(number - nearest) <= min(CLOSE + lost, MOST_LOST) and abs(nearest) <= MOST_EXACT:
        return nearest
    below, above = sorted(step * field.scale + field.offset for step in (np.floor(number), np.ceil(number)))
    raise Unfit(f"{value:.15g} lies between two steps, {below:.15g} and {above:.15g}")


def _bytes(number_type: NumberType, number: float) -> bytes:
    size = number_type.bits // 8
    match number_type.family:
        case "float":
            return struct.pack(FLOATS[number_type], number)
        case "bcd":
            return int(str(int(number)), 16).to_bytes(size, "big")
        case "signmag":
            sign = 1 << 8 * size - 1 if number < 0 else 0
            return (int(abs(number)) | sign).to_bytes(size, "big")
        case "mod10k":
            return _mod10k(int(number), number_type.registers)
        case _:
            return int(number).to_bytes(size, "big", signed=number_type.family == "int")


def _mod10k(number: int, registers: int) -> bytes:
    sign, rest = (-1 if number < 0 else 1), abs(number)
    digits = [sign * (rest // TEN_THOUSAND**n % TEN_THOUSAND) for n in reversed(range(registers))]
    return struct.pack(f">{registers}h", *digits)
