"""A Modbus TCP device whose holding registers are a new row of float32 values at every read."""

import struct
from contextlib import asynccontextmanager

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice


class PumpDevice:
    """Answers each read with the next row; when there is none left, with exception 4 (device failure)."""

    def __init__(self, rows, width):
        self.reads = 0
        self._rows = iter(rows)
        self._width = width

    async def refresh(self, _function, _start, _address, _count, registers, _written):
        row = next(self._rows, None)
        if row is None:
            return ExcCodes.DEVICE_FAILURE
        self.reads += 1
        registers[: 2 * self._width] = struct.unpack(f">{2 * self._width}H", struct.pack(f">{self._width}f", *row))
        return None

    def device(self):
        bits = SimData(0, values=[False] * 16, datatype=DataType.BITS)
        holding = SimData(0, values=[0] * (2 * self._width), datatype=DataType.REGISTERS)
        inputs = SimData(0, values=[0], datatype=DataType.REGISTERS)
        return SimDevice(1, ([bits], [bits], [holding], [inputs]), action=self.refresh)


@asynccontextmanager
async def pump_device(rows, width=8, port=0):
    """Serve the rows on a free port, or on that one; gives the device and its port."""
    pump = PumpDevice(rows, width)
    server = ModbusTcpServer(pump.device(), address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    try:
        yield pump, server.transport.sockets[0].getsockname()[1]
    finally:
        await server.shutdown()
