"""The `ble` source on a connection, as gatewayd runs it, with bleak's own backend on a fake BlueZ."""

import asyncio
import gc
import struct
from pathlib import Path

import pytest
from ble_radio import opened, until

from gatewayd.model import Quality
from gatewayd_plugins.ble.adapter import watch
from gatewayd_plugins.ble.connections import connection
from gatewayd_plugins.ble.connections.connection import Connection

ADDRESS = "AA:BB:CC:DD:EE:02"
OTHER = "AA:BB:CC:DD:EE:03"
VALUES = range(24)


def sensor(**options):
    """A sensor of temperature and vibration."""
    return {
        "plugin": "ble",
        "address": ADDRESS,
        "interval": "20ms",
        "characteristics": {"temperature": {"uuid": "2a6e", "type": "int16", "scale": 0.01, "unit": "Cel"}},
        "bursts": {
            "vibration": {
                "uuid": "aa01",
                "count": len(VALUES),
                "rate": 6400,
                "at": 1,
                "index": {"at": 0},
                "unit": "m/s2",
                "start": {"uuid": "aa02", "value": "01"},
                "timeout": "200ms",
            }
        },
        **options,
    }


def present(bluez, lost=()):
    """The sensor, within reach. Of its burst the packets that are `lost` do not come."""
    device = bluez.device(ADDRESS)
    device.characteristic("2a6e", struct.pack("<h", 2150), ["read"])
    wave = device.characteristic("aa01", b"", ["notify"])

    def send(_value):
        for place in range(0, len(VALUES), 6):
            if place // 6 not in lost:
                wave.notify(bytes([place // 6]) + struct.pack("<6h", *VALUES[place : place + 6]))

    device.characteristic("aa02", b"", ["write"]).react = send
    device.advertise(manufacturer={1: b"x"})
    return device


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch):
    monkeypatch.setattr(watch, "RETRY", 0.05)
    monkeypatch.setattr(connection, "CLOSE_LIMIT", 0.05)


async def some(bench, channel, true=lambda _: True):
    """Wait for something of a channel."""
    async with asyncio.timeout(20):
        while not (found := [each for each in bench.readings[channel] if true(each)]):
            await bench.polls(source=channel.partition(".")[0])
    return found[0]


async def test_numbers_and_bursts_of_a_connected_device_arrive(bluez, polling):
    async with polling(bearing=sensor()) as bench:
        await bluez.scanned()
        present(bluez)
        temperature = await some(bench, "bearing.temperature", lambda each: each.quality == Quality.GOOD)
        assert temperature.value == 21.5
        async with asyncio.timeout(20):
            while not bench.waveforms["bearing.vibration"]:
                await bench.polls(source="bearing")
        (burst,) = bench.waveforms["bearing.vibration"][:1]
        assert burst.values.tolist() == list(VALUES)
        assert (burst.rate, burst.gap) == (6400.0, False)


async def test_a_device_that_was_never_heard_fails_and_costs_its_neighbour_nothing(bluez, polling, monkeypatch):
    monkeypatch.setattr("gatewayd_plugins.ble.adapter.radio.FIRST_WORDS", 0.0)
    beacon = {"plugin": "ble", "address": OTHER, "data": "manufacturer:0x1234", "fields": {"level": {"type": "uint8"}}}
    async with polling(bearing=sensor(), tank={**beacon, "interval": "20ms"}) as bench:
        await bluez.scanned()
        for level in range(5):
            bluez.device(OTHER).advertise(manufacturer={0x1234: bytes([level])})
            await some(bench, "tank.level", lambda each, level=level: each.value == level)
        reason = (await some(bench, "bearing.temperature")).reason
        assert f"{ADDRESS} was never heard" in reason


async def test_a_connection_is_made_again_after_bluetoothd_was_started_anew(bluez, polling):
    async with polling(bearing=sensor(bursts={})) as bench:
        await bluez.scanned()
        present(bluez)
        await some(bench, "bearing.temperature", lambda each: each.quality == Quality.GOOD)
        await bluez.restart()
        await bluez.scanned()
        device = present(bluez)
        await until(lambda: device.connected)
        bench.readings["bearing.temperature"].clear()
        await some(bench, "bearing.temperature", lambda each: each.quality == Quality.GOOD)


async def test_connections_and_scans_leave_nothing_behind(bluez):
    async def cycle():
        async with opened() as radio:
            radio.expect(ADDRESS)
            device = bluez.device(ADDRESS)
            device.advertise(manufacturer={1: b"x"})
            await until(lambda: ADDRESS in radio._devices)
            made = Connection(ADDRESS, {})
            await made.open(radio)
            await made.close()

    def left():
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir())), len(asyncio.all_tasks())

    present(bluez)
    await cycle()
    before = left()
    for _ in range(4):
        await cycle()
    assert left() == before
