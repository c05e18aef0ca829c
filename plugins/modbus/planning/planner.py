"""The planner: how to read fields with requests that together keep the line busy for the shortest time. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gatewayd_plugins.modbus.fields.field import Field
from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.planning.merging import Integers, Span, Terms, merged, outer
from gatewayd_plugins.modbus.planning.requests import BITS_PER_REGISTER, MOST_REGISTERS, PlannedRequest, Request, whole

NANO = 1e9
LONGEST_HOLE = 64
"""Registers that nobody wants and that are read over at most, however cheap that is."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may be, in registers; of bits 16 times as much.

    It asks for `size` entries at most, and reads over holes of up to `hole` entries that nobody wants.
    """

    size: int = MOST_REGISTERS
    hole: int = LONGEST_HOLE

    def of(self, table: Table) -> Limits:
        """The limits in entries of a table."""
        return Limits(self.size * BITS_PER_REGISTER, self.hole * BITS_PER_REGISTER) if table.of_bits else self


@dataclass(frozen=True, slots=True)
class Price:
    """Seconds of the line that a request costs whatever it reads (`request`), and more for each byte of values."""

    request: float = 0.01
    byte: float = 1e-6


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a device: the longest request that it answers, by table, and what it refuses to be asked for.

    A request that holds all of something `refused` is not made, unless it is exactly that.
    """

    longest: Mapping[Table, int] = field(default_factory=dict)
    refused: Collection[Request] = ()


NOTHING_KNOWN = Known()
USUAL_PRICE = Price()


def plan(
    fields: Mapping[str, Field], limits: Limits, price: Price = USUAL_PRICE, known: Known = NOTHING_KNOWN
) -> tuple[PlannedRequest, ...]:
    """The cheapest requests that read all fields within the limits, each field within one request.

    They are in the order of tables and addresses; what is known to be refused is asked for by itself, at the end. A
    field that is longer than what the device is known to answer is a request of its own.
    """
    refused = frozenset(known.refused)
    together: dict[Table, dict[str, Field]] = {}
    alone: dict[Request, dict[str, Field]] = {}
    for name, each in sorted(fields.items(), key=lambda item: (item[1].table, item[1].address, item[1].end)):
        place = whole(each)
        group = alone.setdefault(place, {}) if place in refused else together.setdefault(each.table, {})
        group[name] = each
    merged_ = [
        request
        for table, own in together.items()
        for request in _with_fields(own, merged(outer(map(_span, own.values())), _terms(table, limits, price, known)))
    ]
    return (*merged_, *(PlannedRequest(request, own) for request, own in alone.items()))


def _span(each: Field) -> Span:
    return each.address, each.end


def _terms(table: Table, limits: Limits, price: Price, known: Known) -> Terms:
    own = limits.of(table)
    each, byte = round(price.request * NANO), round(price.byte * NANO)

    def cost(counts: Integers) -> Integers:
        return each + byte * ((counts + 7) // 8 if table.of_bits else 2 * counts)

    return Terms(
        cost,
        min(own.size, known.longest.get(table, own.size)),
        own.hole,
        [(each.address, each.end) for each in known.refused if each.table is table],
    )


def _with_fields(fields: Mapping[str, Field], spans: Sequence[Span]) -> Iterator[PlannedRequest]:
    """Each request with the fields that it is the first one to read."""
    left = dict(fields)
    for begin, end in spans:
        own = {name: each for name, each in left.items() if begin <= each.address and each.end <= end}
        left = {name: each for name, each in left.items() if name not in own}
        yield PlannedRequest(Request(next(iter(own.values())).table, begin, end - begin), own)
