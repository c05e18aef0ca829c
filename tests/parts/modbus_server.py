"""Devices of another make: pymodbus' own servers, over TCP, TLS, RTU and ASCII.

All are unit 3: coils and holding registers can be set, holding register n is n at first.
"""

import asyncio
import contextlib
import os
import ssl
import tty
from contextlib import asynccontextmanager

from pymodbus.framer import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer, ModbusTlsServer
from pymodbus.simulator import DataType, SimData, SimDevice

UNIT = 3
LOOPBACK = ("127.0.0.1", 0)


def device(unit=UNIT):
    bits = SimData(0, values=[False, True] * 8, datatype=DataType.BITS)
    holding = SimData(0, values=list(range(200)), datatype=DataType.REGISTERS)
    inputs = SimData(0, values=[0xFF38, 0x0104], datatype=DataType.REGISTERS)
    return SimDevice(unit, ([bits], [bits], [holding], [inputs]))


@asynccontextmanager
async def _serving(server, scheme):
    await server.serve_forever(background=True)
    try:
        yield f"{scheme}://127.0.0.1:{server.transport.sockets[0].getsockname()[1]}"
    finally:
        await server.shutdown()


def on_tcp(port=0):
    return _serving(ModbusTcpServer(device(), address=("127.0.0.1", port)), "tcp")


def rtu_on_tcp(port=0):
    return _serving(ModbusTcpServer(device(), framer=FramerType.RTU, address=("127.0.0.1", port)), "rtu+tcp")


def ascii_on_tcp(port=0):
    return _serving(ModbusTcpServer(device(), framer=FramerType.ASCII, address=("127.0.0.1", port)), "ascii+tcp")


def on_tls(certificates, *, port=0, mutual=False):
    """With this certificate; `mutual`: it wants one of ours, of the same authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.certificate, certificates.key)
    if mutual:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certificates.authority)
    return _serving(ModbusTlsServer(device(), sslctx=context, address=("127.0.0.1", port)), "tls")


@asynccontextmanager
async def on_serial(scheme):
    """On a serial port; gives the url of the other end of the cable."""
    framer = {"rtu": FramerType.RTU, "ascii": FramerType.ASCII}[scheme]
    async with _cable() as (theirs, ours):
        server = ModbusSerialServer(device(), framer=framer, port=theirs, baudrate=115200)
        await server.serve_forever(background=True)
        try:
            yield f"{scheme}:{ours}?baudrate=115200&parity=N{'&bytesize=8' * (scheme == 'ascii')}"  # what a pty knows
        finally:
            await server.shutdown()


@asynccontextmanager
async def _cable():
    """Two serial ports that are connected; gives their paths."""
    pairs = [os.openpty() for _ in range(2)]
    for end in (end for pair in pairs for end in pair):
        tty.setraw(end)
    loop = asyncio.get_running_loop()
    (one, _), (other, _) = pairs
    for source, target in ((one, other), (other, one)):
        os.set_blocking(source, False)
        loop.add_reader(source, _pass_on, source, target)
    try:
        yield tuple(os.ttyname(port) for _, port in pairs)
    finally:
        for master, port in pairs:
            loop.remove_reader(master)
            os.close(master)
            os.close(port)


def _pass_on(source, target):
    with contextlib.suppress(OSError):
        os.write(target, os.read(source, 1024))
