"""Registers: how an entry of one of the four tables is written, by its address or as a manual numbers it."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from typing import Final

from gatewayd.plugin import OptionError

ADDRESSES: Final = 65536


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


FIRST_DIGIT = {"0": Table.COIL, "1": Table.DISCRETE, "3": Table.INPUT, "4": Table.HOLDING}
"""With what manuals begin the numbers of a table's entries, which they count from 1 with 4 or 5 more digits."""
_WITH_TABLE = re.compile(r"(coil|discrete|holding|input):(0[xX][0-9a-fA-F]+|[0-9]+)", re.ASCII)
_AS_IN_MANUALS = re.compile(r"([0134])([0-9]{4,5})", re.ASCII)


def place(register: str, base: int, path: Sequence[str]) -> tuple[Table, int]:
    """The table and the address, counted from 0, of a `register` whose address is counted from `base`.

    Raises OptionError at the `register` below `path`.
    """
    if numbered := _AS_IN_MANUALS.fullmatch(register):
        return _numbered(register, FIRST_DIGIT[numbered[1]], int(numbered[2]), path)
    parts = _WITH_TABLE.fullmatch(register)
    if parts is None:
        raise _no_register(register, path, str(base), base)
    written = int(parts[2], 16 if parts[2][:2] in {"0x", "0X"} else 10)
    if not 0 <= written - base < ADDRESSES:
        where = "below" if written < base else "above"
        bound = base if written < base else ADDRESSES - 1 + base
        what = f"the address {parts[2]} in {register!r} is {where} {bound}"
        raise OptionError([*path, "register"], what, _in_a_manual(parts[1], written, base))
    return Table[parts[1].upper()], written - base


def check_spelling(register: str, path: Sequence[str] = ()) -> None:
    """Raise OptionError for what is no register, whatever its address counts from."""
    if not (_AS_IN_MANUALS.fullmatch(register) or _WITH_TABLE.fullmatch(register)):
        raise _no_register(register, path, "0, or the base of the source", 0)


def _no_register(register: str, path: Sequence[str], counted_from: str, first: int) -> OptionError:
    fix = (
        f'write a table and an address that counts from {counted_from}: "holding:100", "input:0x0A", "coil:{first}" or '
        '"discrete:3"; or the number in the manual: "40101"'
    )
    return OptionError([*path, "register"], f"{register!r} is not a register", fix)


def _numbered(register: str, table: Table, number: int, path: Sequence[str]) -> tuple[Table, int]:
    if 1 <= number <= ADDRESSES:
        return table, number - 1
    first = register[0] + "1".zfill(len(register) - 1)
    last = f", the last one {register[0]}{ADDRESSES}" if number else ""
    what = f"there is no {register} in the {table.name.lower()} table: the first one is {first}{last}"
    fix = f'write an address that counts from 0 as "{table.name.lower()}:{min(number, ADDRESSES - 1)}"'
    raise OptionError([*path, "register"], what, fix)


def _in_a_manual(table: str, written: int, base: int) -> str:
    """What is too great for an address may be a number of a manual: of input registers from 300001 on, say."""
    number = written - {"input": 300000, "holding": 400000}.get(table, written)
    if 1 <= number <= ADDRESSES:
        return f'what a manual calls {written} is "{table}:{number - 1 + base}", or "{written}" alone'
    return f"addresses count from {base} to {ADDRESSES - 1 + base}"
