"""Requests: what one asks a device for, and which fields the answer holds. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatewayd_plugins.modbus.fields.field import Field
from gatewayd_plugins.modbus.fields.registers import Table

MOST_REGISTERS = 125
"""What one request may ask for; 2000 bits are as many bytes."""
BITS_PER_REGISTER = 16


@dataclass(frozen=True, slots=True)
class Request:
    """`count` entries of a table, from `address` on."""

    table: Table
    address: int
    count: int

    @property
    def end(self) -> int:
        """The address behind it."""
        return self.address + self.count

    @property
    def size(self) -> int:
        """How many bytes of values the answer has."""
        return self.table.size(self.count)

    def __str__(self) -> str:
        """As a config writes it, with the last address: `holding:100-149`."""
        begin = f"{self.table.name.lower()}:{self.address}"
        return begin if self.count == 1 else f"{begin}-{self.end - 1}"


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """A request, and the fields by name that its answer holds."""

    request: Request
    fields: Mapping[str, Field]


def whole(each: Field) -> Request:
    """What a field alone asks for."""
    return Request(each.table, each.address, each.length)


def around(fields: Mapping[str, Field]) -> PlannedRequest:
    """The one request that reads some fields of one table."""
    every = fields.values()
    begin, end = min(each.address for each in every), max(each.end for each in every)
    return PlannedRequest(Request(next(iter(every)).table, begin, end - begin), fields)
