"""Fields: where in a device's tables a channel's value lies, and how to read it, made of what the integrator wrote."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gatewayd.plugin import OptionError
from gatewayd_plugins.modbus.fields.absence import AbsentCode, absent_codes
from gatewayd_plugins.modbus.fields.bits import BitRange, part
from gatewayd_plugins.modbus.fields.capacity import Capacity
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.fields.options import ChannelOptions, RegisterOptions
from gatewayd_plugins.modbus.fields.orders import ByteOrder, check_order
from gatewayd_plugins.modbus.fields.registers import ADDRESSES, Table, place
from gatewayd_plugins.modbus.fields.states import text_values

ONLY_OF_REGISTERS = ("bit", "bits", "byte", "byte_order", "length")


@dataclass(frozen=True, slots=True)
class Field:
    """`length` entries of a table, from `address` on, that hold one value: `number * scale + offset`.

    `bit` is the bit of it that is the number, 0 the least significant, `bits` the first and the last of several; None:
    all of it. Where the number is one of `codes`, there is no value. `texts` are the numbers of a string's texts, which
    have `characters` at most.
    """

    table: Table
    address: int
    length: int
    type: NumberType
    bit: int | None = None
    byte_order: str = ByteOrder.ABCD
    scale: float = 1.0
    offset: float = 0.0
    bits: BitRange | None = None
    codes: tuple[AbsentCode, ...] = ()
    texts: Mapping[str, int] | None = None
    characters: int = 0

    @property
    def is_bit(self) -> bool:
        """Whether the number is a single bit."""
        return self.table.of_bits or self.bit is not None

    @property
    def capacity(self) -> Capacity:
        """What numbers it can hold."""
        if self.is_bit:
            return Capacity(NumberType.UINT16, (0, 0))
        return Capacity(self.type, self.bits)

    @property
    def end(self) -> int:
        """The address behind it."""
        return self.address + self.length


def channel_field(options: ChannelOptions, path: Sequence[str], base: int = 0) -> Field:
    """The field of a channel with a single value. Raises OptionError, at the key below `path` that is wrong."""
    found = field(options, path, base)
    values = text_values(options, path)
    if found.type is NumberType.STRING:
        codes: tuple[AbsentCode, ...] = ()
        if options.absent is not None:
            raise OptionError([*path, "absent"], "a text has no code", "leave it out: what is not in values is bad")
    else:
        codes = absent_codes(options.absent, found.capacity, [*path, "absent"])
    return dataclasses.replace(found, codes=codes, texts=values, characters=options.length or 0)


def field(options: RegisterOptions, path: Sequence[str], base: int = 0) -> Field:
    """The field that the options describe; addresses count from `base`.

    Raises OptionError, at the key below `path` that is wrong.
    """
    table, address = place(options.register, base, path)
    _check_scaling(options, path)
    if table.of_bits:
        return Field(table, address, 1, _bit_type(options, path), scale=options.scale, offset=options.offset)
    number_type, bit, bits = part(options, path)
    length = _length(options, number_type, path)
    if address + length > ADDRESSES:
        what = f"{number_type} at {address + base} ends behind the last address, {ADDRESSES - 1 + base}"
        raise OptionError([*path, "register"], what, f"give an address up to {ADDRESSES - length + base}")
    order = options.byte_order or ByteOrder.ABCD
    check_order(order, 2 * length, path)
    return Field(table, address, length, number_type, bit, order, options.scale, options.offset, bits)


def _length(options: RegisterOptions, number_type: NumberType, path: Sequence[str]) -> int:
    """How many registers it takes."""
    if number_type is not NumberType.STRING:
        if options.length is not None:
            what = f"{number_type} has a length of its own"
            raise OptionError([*path, "length"], what, 'leave length out, or write type = "string"')
        return number_type.registers
    if options.length is None:
        raise OptionError([*path, "type"], "a string has no length of its own", "give its characters: length = 8")
    return -(-options.length // 2)


def _bit_type(options: RegisterOptions, path: Sequence[str]) -> NumberType:
    for key in ONLY_OF_REGISTERS:
        if getattr(options, key) is not None:
            raise OptionError([*path, key], f"{options.register!r} is a single bit", f"leave {key} out")
    if options.type not in {None, NumberType.BOOL}:
        raise OptionError([*path, "type"], f"{options.register!r} is a single bit", 'leave type out, or write "bool"')
    return NumberType.BOOL


def _check_scaling(options: RegisterOptions, path: Sequence[str]) -> None:
    if options.scale == 0 or not math.isfinite(options.scale):
        raise OptionError([*path, "scale"], f"a scale of {options.scale:g} leaves nothing of the value", "use 0.1, say")
    if not math.isfinite(options.offset):
        raise OptionError([*path, "offset"], f"{options.offset:g} is not a number to add", "leave it out, or use 0")
