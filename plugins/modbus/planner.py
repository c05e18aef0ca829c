"""The planner: how to read fields with few requests. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gatewayd_plugins.modbus.fields import Field, Table

MOST_REGISTERS = 125
"""What one request may ask for; 2000 bits are as many bytes."""
BITS_PER_REGISTER = 16


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may be, in registers; of bits 16 times as much.

    It asks for `size` entries at most, and reads over holes of up to `hole` entries that nobody wants.
    """

    size: int = MOST_REGISTERS
    hole: int = 16

    def of(self, table: Table) -> Limits:
        """The limits in entries of a table."""
        return Limits(self.size * BITS_PER_REGISTER, self.hole * BITS_PER_REGISTER) if table.of_bits else self


@dataclass(frozen=True, slots=True)
class Request:
    """`count` entries of a table, from `address` on."""

    table: Table
    address: int
    count: int

    @property
    def size(self) -> int:
        """How many bytes of values the answer has."""
        return self.table.size(self.count)


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """A request, and the fields by name that its answer holds."""

    request: Request
    fields: Mapping[str, Field]


def plan(fields: Mapping[str, Field], limits: Limits) -> tuple[PlannedRequest, ...]:
    """The fewest requests that read all fields within the limits, each field within one request.

    They are in the order of tables and addresses. No field may be longer than a request.
    """
    places = sorted(fields.items(), key=lambda item: (item[1].table, item[1].address, item[1].end))
    runs: list[list[tuple[str, Field]]] = []
    table, begin, end = None, 0, 0
    for name, place in places:
        most = limits.of(place.table)
        merged = max(end, place.end)
        if place.table is not table or place.address - end > most.hole or merged - begin > most.size:
            runs.append([])
            table, begin, merged = place.table, place.address, place.end
        runs[-1].append((name, place))
        end = merged
    return tuple(map(_planned, runs))


def _planned(run: Iterable[tuple[str, Field]]) -> PlannedRequest:
    fields = dict(run)
    first = next(iter(fields.values()))
    end = max(each.end for each in fields.values())
    return PlannedRequest(Request(first.table, first.address, end - first.address), fields)
