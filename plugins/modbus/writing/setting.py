"""Setting: which channels may be set, how one is set, and that it then is as it was set."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from gatewayd.plugin import OptionError, SourceError
from gatewayd_plugins.modbus.fields.field import Field
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.fields.options import ChannelOptions
from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.planning.refusal import Refused
from gatewayd_plugins.modbus.wire.bus import Bus
from gatewayd_plugins.modbus.wire.writes import WriteRequest, write_request
from gatewayd_plugins.modbus.writing.encoding import Unfit, encoded

LOOKS = 3
"""How often it is looked whether a device holds what was written."""
BETWEEN_LOOKS = 0.2
"""Seconds: some devices confirm first and take over later."""


def check_write(options: ChannelOptions, field: Field, path: Sequence[str]) -> tuple[float, float] | None:
    """The limits within which a channel may be set; None: it may not. Raises OptionError."""
    if options.write is None:
        return None
    where, limits = [*path, "write"], options.write
    if field.table not in {Table.COIL, Table.HOLDING}:
        what = f"the {field.table.name.lower()} table can only be read"
        raise OptionError(where, what, "leave write out, or give the coil or holding register that sets it")
    if field.type is NumberType.STRING:
        raise OptionError(where, "texts cannot be written", "leave write out")
    if field.bit is not None or field.bits is not None:
        what = "a part of a register cannot be set alone: the rest of it would be set with it"
        raise OptionError(where, what, "leave write out, or make a channel of the whole register")
    if not limits[0] < limits[1]:
        what = f"{limits[0]:g} to {limits[1]:g} is no range"
        raise OptionError(where, what, "give the least and the greatest value that may be set: [0, 50]")
    for limit in limits:
        try:
            encoded(field, limit)
        except Unfit as error:
            raise OptionError(where, str(error), "give limits that the register can hold") from None
    return limits


class Settings:
    """The channels of one unit that may be set. `multiple`: it only knows the functions that set several entries."""

    def __init__(self, fields: Mapping[str, Field], unit: int, wait: float, *, multiple: bool) -> None:
        self._fields = fields
        self._unit, self._wait = unit, wait
        self._multiple = multiple

    async def write(self, bus: Bus, channel: str, value: float) -> None:
        """Read a channel, set it and read it again. Raises SourceError when it may not be as it was to be."""
        field = self._fields.get(channel)
        if field is None:
            raise SourceError(f"{channel} cannot be written")
        try:
            data = encoded(field, value)
        except Unfit as error:
            raise SourceError(str(error)) from None
        request = write_request(field.table, field.address, data, multiple=self._multiple)
        await self._look(bus, request, f"{channel} is not written, as it cannot be read")
        try:
            await bus.write(self._unit, request, self._wait)
        except Refused as refused:
            raise SourceError(f"the device does not let {channel} be set: {refused}") from None
        await self._check(bus, request, channel)

    async def _check(self, bus: Bus, request: WriteRequest, channel: str) -> None:
        held = b""
        for look in range(LOOKS):
            if look:
                await asyncio.sleep(BETWEEN_LOOKS)
            held = await self._look(bus, request, f"{channel} was written, but cannot be read")
            if held == request.data:
                return
        raise SourceError(f"{channel} was written as 0x{request.data.hex()}, but reads 0x{held.hex()}")

    async def _look(self, bus: Bus, request: WriteRequest, otherwise: str) -> bytes:
        """What is held where something is to be, or was written. It also tells the line whether it hears itself."""
        try:
            held = await bus.read(self._unit, request.check, self._wait)
        except Refused as refused:
            raise SourceError(f"{otherwise}: {refused}") from None
        return bytes([held[0] & 1]) if request.check.table is Table.COIL else held
