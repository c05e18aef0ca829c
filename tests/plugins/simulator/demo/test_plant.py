"""The pump behind its Modbus server, asked by a Modbus client."""

import struct

import pytest
from pymodbus.client import AsyncModbusTcpClient

from gatewayd_plugins.simulator.demo import plant
from gatewayd_plugins.simulator.pump import Pump


@pytest.fixture
async def client():
    moments = iter(range(1000))
    async with plant.serving(lambda: Pump().readings(next(moments))) as port:
        client = AsyncModbusTcpClient("127.0.0.1", port=port, retries=0, timeout=2)
        await client.connect()
        yield client
        client.close()


def floats(reply):
    return struct.unpack(f">{len(reply.registers) // 2}f", struct.pack(f">{len(reply.registers)}H", *reply.registers))


async def test_the_registers_hold_the_readings(client):
    pressure, flow, vibration, power = floats(await client.read_holding_registers(100, count=8, device_id=1))
    expected = Pump().readings(0)
    assert (pressure, flow, vibration, power) == pytest.approx(
        (expected.pressure, expected.flow, expected.vibration, expected.power)
    )
    reply = await client.read_input_registers(10, count=1, device_id=1)
    assert reply.registers == [round(Pump().readings(1).body_temp * 10)]
    assert (await client.read_coils(0, count=1, device_id=1)).bits[0] is True


async def test_every_read_is_a_new_reading_of_the_pump(client):
    first = floats(await client.read_holding_registers(104, count=2, device_id=1))
    second = floats(await client.read_holding_registers(104, count=2, device_id=1))
    assert first == pytest.approx([Pump().readings(0).vibration])
    assert second == pytest.approx([Pump().readings(1).vibration])


async def test_registers_that_are_not_there_are_refused(client):
    assert (await client.read_holding_registers(104, count=20, device_id=1)).isError()
