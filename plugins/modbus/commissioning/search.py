"""The search: which units answer on a line, what of their tables can be read, and which profiles they look like."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass

from gatewayd.plugin import Block, OptionError, Quality, SourceError
from gatewayd_plugins.modbus.commissioning.asking import Answer, Asker, nobody
from gatewayd_plugins.modbus.commissioning.values import values_of
from gatewayd_plugins.modbus.fields.registers import Table, place
from gatewayd_plugins.modbus.planning.refusal import Refused, Silent
from gatewayd_plugins.modbus.planning.requests import Request
from gatewayd_plugins.modbus.profiles.profile import profile, shipped

ILLEGAL_FUNCTION = 1
SILENCES = 2
"""So often a device may leave a question about a table open, before the table is left alone."""
USUAL = (
    *(0, 1, 2, 10, 50, 99, 100, 200, 256, 300, 400, 500, 1000, 2000, 2999, 3000, 4000, 4096, 5000, 5200),
    *(8192, 10000, 16129, 20000, 20480, 30000, 40000, 40001, 50000),
)
"""Where the tables of devices usually begin. All of them cannot be tried."""
BY_THEMSELVES = (231, 246)
"""Units that hardly any device has: who answers to them, too, does not look at the unit."""


@dataclass(frozen=True, slots=True)
class Part:
    """What of a table can be read: the addresses among the usual ones, or why there are none.

    `closed`: the device does not know the table, or does not answer to it.
    """

    table: Table
    readable: tuple[int, ...]
    refusal: str = ""
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Likeness:
    """A profile whose expectations a device meets, and the values that say so, with their units."""

    profile: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A unit that answers, how long it took to, in seconds, and what it has."""

    unit: int
    seconds: float
    parts: tuple[Part, ...]
    likenesses: tuple[Likeness, ...]


@dataclass(frozen=True, slots=True)
class Disturbed:
    """A unit from which something came that is no answer."""

    unit: int
    why: str


async def search(asker: Asker, units: Iterable[int]) -> AsyncIterator[Found | Disturbed]:
    """Look for each unit, and look at those that answer. Raises SourceError when the line is gone."""
    for unit in units:
        began = time.monotonic()
        answer = await asker.ask(unit, Request(Table.HOLDING, 0, 1))
        took = time.monotonic() - began
        if not nobody(answer):
            parts = tuple([await _part(asker, unit, table) for table in Table])
            known = {part.table for part in parts if not part.closed}
            yield Found(unit, took, parts, tuple([each async for each in _likenesses(asker, unit, known)]))
        elif isinstance(answer, SourceError) and not isinstance(answer, Silent):
            yield Disturbed(unit, str(answer))


async def answers_to_any(asker: Asker) -> bool:
    """Whether whoever is there answers to any unit, as many a device on TCP does."""
    return not any([nobody(await asker.ask(unit, Request(Table.HOLDING, 0, 1))) for unit in BY_THEMSELVES])


async def _part(asker: Asker, unit: int, table: Table) -> Part:
    readable: list[int] = []
    refusals: list[str] = []
    silences = 0
    for address in USUAL:
        answer: Answer = await asker.ask(unit, Request(table, address, 1))
        if isinstance(answer, bytes):
            readable.append(address)
            continue
        refusals.append(str(answer))
        silences += isinstance(answer, SourceError)
        if silences == SILENCES or (isinstance(answer, Refused) and answer.code == ILLEGAL_FUNCTION):
            return Part(table, tuple(readable), "" if readable else refusals[0], closed=not readable)
    return Part(table, tuple(readable), "" if readable else refusals[0])


async def _likenesses(asker: Asker, unit: int, tables: Collection[Table]) -> AsyncIterator[Likeness]:
    for name in shipped():
        expected = profile(name).expect
        if not expected or not _tables(name) <= set(tables):
            continue
        block = await _read(asker, unit, name, list(expected))
        if block is None or _spoiled(block):
            continue
        values = dict(zip(block.channels, map(float, block.values), strict=True))
        if all(low <= values[channel] <= high for channel, (low, high) in expected.items()):
            yield Likeness(name, tuple(_told(name, channel, values[channel]) for channel in expected))


def _tables(name: str) -> set[Table]:
    """In which tables the channels are by which a profile is recognised."""
    known = profile(name)
    return {place(known.channels[each].register, known.base, ())[0] for each in known.expect}


async def _read(asker: Asker, unit: int, name: str, channels: Sequence[str]) -> Block | None:
    """What these channels of a profile are, if the device answers."""
    try:
        (block,) = await values_of(asker, unit, name, channels)
    except (OptionError, SourceError):  # of options: a unit that the line cannot have
        return None
    return block


def _spoiled(block: Block) -> bool:
    return block.qualities is not None and any(quality != Quality.GOOD for quality in block.qualities)


def _told(name: str, channel: str, value: float) -> str:
    return f"{channel} {value:.6g} {profile(name).channels[channel].unit}".rstrip()
