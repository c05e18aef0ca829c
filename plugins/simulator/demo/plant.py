"""The pump behind a Modbus TCP server, as a vendor's I/O module would offer it: registers computed at each read."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from gatewayd_plugins.simulator.pump import Readings

UNIT = 1
HOLDING = 100
"""pressure, flow, vibration and power as big-endian float32, from here on."""
INPUT = 10
"""body_temp as int16 in tenths of a degree."""


@asynccontextmanager
async def serving(read: Callable[[], Readings]) -> AsyncIterator[int]:
    """Serve what `read` gives on a free port of this machine; gives the port."""
    server = ModbusTcpServer(_device(read), address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    try:
        yield cast(asyncio.Server, server.transport).sockets[0].getsockname()[1]
    finally:
        await server.shutdown()  # type: ignore[no-untyped-call]


def _device(read: Callable[[], Readings]) -> SimDevice:
    async def refresh(
        function: int, _start: int, _address: int, _count: int, registers: list[int], _written: object
    ) -> ExcCodes | None:
        fresh = _FILL[function](read())
        registers[: len(fresh)] = fresh
        return None

    bits = SimData(0, values=[False] * 16, datatype=DataType.BITS)
    holding = SimData(HOLDING, values=[0] * 8, datatype=DataType.REGISTERS)
    inputs = SimData(INPUT, values=[0], datatype=DataType.REGISTERS)
    return SimDevice(UNIT, ([bits], [bits], [holding], [inputs]), action=refresh)


def _coils(readings: Readings) -> list[int]:
    return [int(readings.running)]


def _holding(readings: Readings) -> list[int]:
    values = (readings.pressure, readings.flow, readings.vibration, readings.power)
    return list(struct.unpack(">8H", struct.pack(">4f", *values)))


def _input(readings: Readings) -> list[int]:
    return [round(readings.body_temp * 10)]


_FILL = {1: _coils, 2: _coils, 3: _holding, 4: _input}
