"""A Modbus device that holds bursts in its holding registers, on TCP (pymodbus's server) or as an RTU slave."""

import struct
from contextlib import asynccontextmanager

from modbus_rtu import Slave, framed
from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

SIZE = 4096
"""Its holding registers; others it does not have."""


class BurstDevice:
    """`registers` is what it holds, `coils` whether all of its coils are on.

    It refuses addresses in `refused`, and more than `longest` registers at once.
    `before_read(address)` is called when it is read; `reads` are (address, count) of its holding registers.
    """

    def __init__(self):
        self.registers = [0] * SIZE
        self.coils = False
        self.refused = set()
        self.longest = 125
        self.reads = []
        self.before_read = lambda address: None

    def hold(self, address, values, code="h"):
        """Keep numbers from an address on, big-endian."""
        packed = struct.pack(f">{len(values)}{code}", *values)
        self.registers[address : address + len(packed) // 2] = struct.unpack(f">{len(packed) // 2}H", packed)

    def read(self, address, count):
        """The registers that it answers a request with; None: it refuses."""
        self.reads.append((address, count))
        self.before_read(address)
        end = address + count
        if end > SIZE or count > self.longest or self.refused.intersection(range(address, end)):
            return None
        return self.registers[address:end]

    async def act(self, function, _start, address, count, registers, _written):
        if function == 1:
            registers[0] = 0xFFFF if self.coils else 0
        elif (held := self.read(address, count)) is None:
            return ExcCodes.ILLEGAL_ADDRESS
        else:
            registers[address : address + count] = held
        return None


class BurstSlave(Slave):
    """The same as unit 1 of an RTU line."""

    def __init__(self, device, mode="good"):
        super().__init__(unit1=mode)
        self._device = device

    def good(self, request):
        held = self._device.read(int.from_bytes(request[2:4], "big"), int.from_bytes(request[4:6], "big"))
        if held is None:
            return framed(bytes([request[0], request[1] | 0x80, 2]))
        return framed(bytes([request[0], request[1], 2 * len(held)]) + struct.pack(f">{len(held)}H", *held))


@asynccontextmanager
async def burst_device():
    """Serve one on a free port; gives the device and its url."""
    device = BurstDevice()
    bits = SimData(0, values=[False] * 16, datatype=DataType.BITS)
    holding = SimData(0, values=[0] * SIZE, datatype=DataType.REGISTERS)
    inputs = SimData(0, values=[0], datatype=DataType.REGISTERS)
    blocks = ([bits], [bits], [holding], [inputs])
    server = ModbusTcpServer(SimDevice(1, blocks, action=device.act), address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    try:
        yield device, f"tcp://127.0.0.1:{server.transport.sockets[0].getsockname()[1]}"
    finally:
        await server.shutdown()
