"""Fields: where in a device's tables a channel's value lies, and how to read it, as the integrator wrote it."""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from gatewayd.plugin import Duration, OptionError
from gatewayd_plugins.modbus.units import corrected

ADDRESSES = 65536


class Table(enum.IntEnum):
    """The four tables of a Modbus device; the number is the function code that reads them."""

    COIL = 1
    DISCRETE = 2
    HOLDING = 3
    INPUT = 4

    @property
    def of_bits(self) -> bool:
        """Whether its entries are bits, not registers."""
        return self <= Table.DISCRETE

    def size(self, count: int) -> int:
        """How many bytes `count` entries take in an answer."""
        return (count + 7) // 8 if self.of_bits else 2 * count


class NumberType(enum.StrEnum):
    """What registers can hold. A bit (`bool`) is what coils and discrete inputs hold."""

    BOOL = "bool"
    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"

    @property
    def registers(self) -> int:
        """How many registers it takes."""
        return {"32": 2, "64": 4}.get(self[-2:], 1)


class ByteOrder(enum.StrEnum):
    """How the bytes of a number, A the most significant, lie in the registers; of 16 or 64 bits alike."""

    ABCD = "ABCD"
    DCBA = "DCBA"
    BADC = "BADC"
    CDAB = "CDAB"

    def places(self, size: int) -> list[int]:
        """Where the bytes of a number of `size` bytes lie, the most significant first."""
        places = list(range(size))
        if self in {ByteOrder.DCBA, ByteOrder.CDAB}:
            places = [place for word in range(size - 2, -1, -2) for place in places[word : word + 2]]
        if self in {ByteOrder.DCBA, ByteOrder.BADC}:
            places = [place ^ 1 for place in places]
        return places


@dataclass
class RegisterOptions:
    """Where and how a number lies. `register` is `"holding:100"`: a table and an address that counts from 0."""

    register: Annotated[str, Meta(examples=["holding:100"])]
    type: NumberType | None = None
    bit: Annotated[int, Meta(ge=0, le=15)] | None = None
    byte_order: ByteOrder | None = None
    scale: float = 1.0
    offset: float = 0.0


@dataclass
class ChannelOptions(RegisterOptions):
    """One channel's table in the config. With a `count` of values it is a waveform's.

    What else the device says of a burst (waveform.py) may be given by its register alone.
    """

    unit: str = ""
    interval: Duration | None = None
    count: Annotated[int, Meta(ge=2)] | None = None
    rate: float | str | RegisterOptions | None = None
    range: tuple[float, float] | None = None
    ready: str | RegisterOptions | None = None
    sequence: str | RegisterOptions | None = None

    def __post_init__(self) -> None:
        """Raise OptionError for a unit that is usually mistaken."""
        right = corrected(self.unit)
        if right != self.unit:
            raise OptionError(["unit"], f"{self.unit!r} is not a UCUM code", f'did you mean "{right}"?')


@dataclass(frozen=True, slots=True)
class Field:
    """`length` entries of a table, from `address` on, that hold one value: `number * scale + offset`.

    `bit` is the bit of it that is the number, 0 the least significant; None: all of it.
    """

    table: Table
    address: int
    length: int
    type: NumberType
    bit: int | None = None
    byte_order: ByteOrder = ByteOrder.ABCD
    scale: float = 1.0
    offset: float = 0.0

    @property
    def is_bit(self) -> bool:
        """Whether the number is a single bit."""
        return self.table.of_bits or self.bit is not None

    @property
    def end(self) -> int:
        """The address behind it."""
        return self.address + self.length


def field(options: RegisterOptions, path: Sequence[str]) -> Field:
    """The field that the options describe. Raises OptionError, at the key below `path` that is wrong."""
    table, address = _place(options.register, path)
    number_type = _bit_type(options, path) if table.of_bits else _register_type(options, path)
    _check_scaling(options, path)
    length = number_type.registers
    if address + length > ADDRESSES:
        what = f"{number_type} at {address} ends behind the last address, {ADDRESSES - 1}"
        raise OptionError([*path, "register"], what, f"give an address up to {ADDRESSES - length}")
    order = options.byte_order or ByteOrder.ABCD
    return Field(table, address, length, number_type, options.bit, order, options.scale, options.offset)


def _place(register: str, path: Sequence[str]) -> tuple[Table, int]:
    fix = 'write a table and an address that counts from 0: "holding:100", "input:0x0A", "coil:0" or "discrete:3"'
    parts = re.fullmatch(r"(coil|discrete|holding|input):(0[xX][0-9a-fA-F]+|[0-9]+)", register, re.ASCII)
    if parts is None:
        raise OptionError([*path, "register"], f"{register!r} is not a register", fix)
    address = int(parts[2], 16 if parts[2][:2] in {"0x", "0X"} else 10)
    if address >= ADDRESSES:
        what = f"the address {parts[2]} in {register!r} is above {ADDRESSES - 1}"
        raise OptionError([*path, "register"], what, _from_manual(parts[1], address))
    return Table[parts[1].upper()], address


def _from_manual(table: str, address: int) -> str:
    """Vendors' manuals number input registers from 300001 on and holding registers from 400001 on."""
    number = address - {"input": 300001, "holding": 400001}.get(table, address + 1)
    if 0 <= number < ADDRESSES:
        return f'what a manual calls {address} is "{table}:{number}"'
    return f"addresses count from 0 to {ADDRESSES - 1}"


def _bit_type(options: RegisterOptions, path: Sequence[str]) -> NumberType:
    for key, given in (("bit", options.bit), ("byte_order", options.byte_order)):
        if given is not None:
            raise OptionError([*path, key], f"{options.register!r} is a single bit", f"leave {key} out")
    if options.type not in {None, NumberType.BOOL}:
        raise OptionError([*path, "type"], f"{options.register!r} is a single bit", 'leave type out, or write "bool"')
    return NumberType.BOOL


def _register_type(options: RegisterOptions, path: Sequence[str]) -> NumberType:
    if options.type is NumberType.BOOL:
        if options.bit is None:
            raise OptionError([*path, "type"], "a register is not a single bit", "say which: bit = 0 .. 15")
        return NumberType.UINT16
    if options.bit is not None and options.type not in {None, NumberType.INT16, NumberType.UINT16}:
        what = f"a bit is taken from a register of 16 bits, not from {options.type}"
        raise OptionError([*path, "bit"], what, "leave type out, and give the register that holds the bit")
    return options.type or NumberType.UINT16


def _check_scaling(options: RegisterOptions, path: Sequence[str]) -> None:
    if options.scale == 0 or not math.isfinite(options.scale):
        raise OptionError([*path, "scale"], f"a scale of {options.scale:g} leaves nothing of the value", "use 0.1, say")
    if not math.isfinite(options.offset):
        raise OptionError([*path, "offset"], f"{options.offset:g} is not a number to add", "leave it out, or use 0")
