"""Writing: the request that sets a coil or registers, and what must come back. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.planning.requests import Request

ON = b"\xff\x00"
OFF = b"\x00\x00"


class Writing(enum.IntEnum):
    """What is written; the number is the function code."""

    COIL = 5
    REGISTER = 6
    COILS = 15
    REGISTERS = 16


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """Set `count` entries of a table from `address` on to `data`, packed as an answer to reading them would be."""

    table: Writing
    address: int
    count: int
    data: bytes

    @property
    def body(self) -> bytes:
        """What follows the function code."""
        address = self.address.to_bytes(2, "big")
        match self.table:
            case Writing.COIL:
                return address + (ON if self.data[0] & 1 else OFF)
            case Writing.REGISTER:
                return address + self.data
            case _:
                return self.confirmation + bytes([len(self.data)]) + self.data

    @property
    def confirmation(self) -> bytes:
        """What follows the function code when the device confirms."""
        if self.table in {Writing.COIL, Writing.REGISTER}:
            return self.body
        return self.address.to_bytes(2, "big") + self.count.to_bytes(2, "big")

    @property
    def size(self) -> int:
        """How many bytes it takes on the line, less what is around the values of an answer to reading."""
        return len(self.body) + len(self.confirmation) - 2

    @property
    def check(self) -> Request:
        """How to read back what was written."""
        table = Table.COIL if self.table in {Writing.COIL, Writing.COILS} else Table.HOLDING
        return Request(table, self.address, self.count)


def write_request(table: Table, address: int, data: bytes, *, multiple: bool) -> WriteRequest:
    """How to set entries of a table to what is in `data`: `multiple`, one alone as if it were several, too."""
    if table is Table.COIL:
        return WriteRequest(Writing.COILS if multiple else Writing.COIL, address, 1, data)
    count = len(data) // 2
    return WriteRequest(Writing.REGISTERS if multiple or count > 1 else Writing.REGISTER, address, count, data)
