"""A Modbus device without a wire: it refuses and keeps silent as the test says; register n holds n."""

import asyncio
import struct
from dataclasses import dataclass, field

from gatewayd_plugins.modbus.device import Device
from gatewayd_plugins.modbus.fields.field import Field
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.planning.planner import Limits
from gatewayd_plugins.modbus.planning.refusal import Refused, Silent
from gatewayd_plugins.modbus.reading.reading import Reading


@dataclass
class FakeBus:
    """Stands in for a bus. The device refuses `wrong` addresses and requests of more than `longest` entries, with
    exception `code`; to those in `mute` and of more than `longest_heard` it is silent, and to all while it is `away`.
    """

    longest: int = 2000
    longest_heard: int = 2000
    wrong: set = field(default_factory=set)
    mute: set = field(default_factory=set)
    code: int = 2
    away: bool = False
    takes: float = 0.01
    asked: list = field(default_factory=list)
    waits: list = field(default_factory=list)
    recovered: int = 0
    refuse_next: int = 0
    took: float = 0.0

    async def read(self, _unit, request, wait):
        self.asked.append(request)
        self.waits.append(wait)
        addresses = set(range(request.address, request.end))
        if self.away or addresses & self.mute or request.count > self.longest_heard:
            await asyncio.sleep(wait)
            raise Silent(f"no answer within {wait:g} s")
        await asyncio.sleep(self.takes)
        self.took = self.takes
        if self.refuse_next or addresses & self.wrong or request.count > self.longest:
            self.refuse_next = max(0, self.refuse_next - 1)
            raise Refused(self.code)
        if request.table.of_bits:
            bits = sum((address % 2) << n for n, address in enumerate(sorted(addresses)))
            return bits.to_bytes(request.size, "little")
        return struct.pack(f">{request.count}H", *sorted(addresses))

    async def recover(self):
        self.recovered += 1


class Asker:
    """A device on such a bus, and a reading of these holding registers (or other fields)."""

    def __init__(self, bus, registers=(), limits=None, fields=None, timeout=1.0):
        self.bus = bus
        self.fields = fields or {f"h{n}": at("holding", n) for n in registers}
        self.device = Device(1, timeout)
        self.device.use(bus)
        self.reading = Reading(self.fields, limits or Limits())
        self.time = 0.0

    async def poll(self):
        """The values that are good, and the reasons of the others; what it failed with, if it did."""
        self.bus.asked.clear()
        self.bus.waits.clear()
        try:
            block = await self.device.read(self.reading)
        except Silent as error:
            return str(error)
        return {
            name: block.reasons.get(name, value)
            for name, value in zip(block.channels, block.values.tolist(), strict=True)
        }

    @property
    def spans(self):
        """What the last poll asked for, as (address, count)."""
        return [(request.address, request.count) for request in self.bus.asked]


def at(table, address, number_type=NumberType.UINT16):
    table = Table[table.upper()]
    return Field(table, address, number_type.registers, NumberType.BOOL if table.of_bits else number_type)


def right(registers, wrong=(), reason="exception 2: illegal data address"):
    """What a poll should give."""
    return {f"h{n}": reason if n in wrong else n for n in registers}
