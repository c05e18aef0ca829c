"""The dump: registers or bits of a device that follow each other, read in as few requests as it allows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gatewayd.plugin import OptionError, SourceError
from gatewayd_plugins.modbus.commissioning.asking import Answer, Asker
from gatewayd_plugins.modbus.fields.registers import ADDRESSES, Table, place
from gatewayd_plugins.modbus.planning.requests import MOST_REGISTERS, Request

MOST = 1000
"""Entries that one range may have."""
_RANGE = re.compile(r"(.+?)-(\d+)")


@dataclass(frozen=True, slots=True)
class Entries:
    """`count` entries of a table from `address` on, written as `name`. `single`: only the first one was named."""

    name: str
    table: Table
    address: int
    count: int
    single: bool


def entries(written: str) -> Entries:
    """Entries as they are written: `holding:100`, `40101`, `holding:100-119`, `40101-40120`. Raises OptionError."""
    several = _RANGE.fullmatch(written)
    table, address = place(several[1] if several else written, 0, ["register"])
    if several is None:
        return Entries(written, table, address, min(_room(table), ADDRESSES - address), single=True)
    last = f"{table.name.lower()}:{several[2]}" if ":" in several[1] else several[2]
    end = place(last, 0, ["register"])
    count = end[1] - address + 1
    if end[0] is not table or not 1 <= count <= MOST:
        fix = f"write holding:100-119 or 40101-40120, of {MOST} at most"
        raise OptionError(["register"], f"{written!r} is not a range", fix)
    return Entries(written, table, address, count, single=False)


async def first_of(asker: Asker, unit: int, entries: Entries) -> Answer:
    """As much from an address on as the device gives: what a number of any type may need, or less."""
    count = entries.count
    while True:
        answer = await asker.ask(unit, Request(entries.table, entries.address, count))
        if isinstance(answer, bytes) or count == 1:
            return answer
        count //= 2


async def all_of(asker: Asker, unit: int, entries: Entries) -> list[Answer]:
    """What there is at each address. What is refused is halved until the refused ones stand alone."""
    found: list[Answer] = []
    most = MOST_REGISTERS * (16 if entries.table.of_bits else 1)
    end = entries.address + entries.count
    todo = [Request(entries.table, begin, min(most, end - begin)) for begin in range(entries.address, end, most)][::-1]
    while todo:
        request = todo.pop()
        answer = await asker.ask(unit, request)
        if isinstance(answer, bytes):
            found += _each(answer, request)
        elif isinstance(answer, SourceError) or request.count == 1:
            found += [answer] * request.count  # to halve a silence would take for ever
        else:
            half = request.count // 2
            todo.append(Request(request.table, request.address + half, request.count - half))
            todo.append(Request(request.table, request.address, half))
    return found


def bits(answer: bytes, count: int) -> list[int]:
    """The bits of an answer, the first one first."""
    return [answer[n // 8] >> n % 8 & 1 for n in range(count)]


def _each(answer: bytes, request: Request) -> list[bytes]:
    if request.table.of_bits:
        return [bytes([bit]) for bit in bits(answer, request.count)]
    return [answer[n : n + 2] for n in range(0, len(answer), 2)]


def _room(table: Table) -> int:
    """How many entries a single one is shown with: four registers hold a number of any type."""
    return 16 if table.of_bits else 4
