"""The fake BlueZ, asked by bleak's own backend."""

import asyncio
import os

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakDBusError, BleakError

from gatewayd.testing.bluetooth import PrivateBus, Refusal, available, fake_bluez
from gatewayd.testing.bluetooth.bleak_bus import let_go

ADDRESS = "AA:BB:CC:DD:EE:01"
BATTERY = "00002a19-0000-1000-8000-00805f9b34fb"

pytestmark = pytest.mark.skipif(not available(), reason="there is no dbus-daemon (package dbus)")


@pytest.fixture
async def bluez():
    async with fake_bluez(["hci0", "hci1"]) as bluez:
        yield bluez


@pytest.fixture
async def heard(bluez):
    """Advertisements, as bleak tells of them while the test runs."""
    queue = asyncio.Queue()
    async with BleakScanner(lambda device, data: queue.put_nowait((device, data)), bluez={"adapter": "hci0"}):
        yield queue


async def one(queue):
    async with asyncio.timeout(20):
        return await queue.get()


async def fails(attempt, why):
    """Try until it fails like this: bleak has to hear first of what has changed, from another process."""
    async with asyncio.timeout(20):
        while True:
            with pytest.raises(BleakError) as caught:
                await attempt()
            if why in str(caught.value):
                return
            await asyncio.sleep(0.01)


async def test_advertisements_are_told_as_they_were_sent(bluez, heard):
    device = bluez.device(ADDRESS, "pump-1")
    for number in range(20):
        assert device.advertise(manufacturer={0x0499: bytes([number])}, services={"fcd2": b"\x40"}, rssi=-50 - number)
    for number in range(20):
        found, data = await one(heard)
        assert (found.address, found.name, data.rssi) == (ADDRESS, "pump-1", -50 - number)
        assert data.manufacturer_data == {0x0499: bytes([number])}
        assert data.service_data == {"0000fcd2-0000-1000-8000-00805f9b34fb": b"\x40"}


async def test_nobody_hears_what_is_sent_while_nobody_scans_or_elsewhere(bluez, heard):
    assert not bluez.device(ADDRESS, adapter="hci1").advertise(manufacturer={1: b"x"})
    bluez.adapter().switch(on=False)
    assert not bluez.device(ADDRESS).advertise(manufacturer={1: b"x"})


async def test_a_hung_adapter_says_that_it_scans(bluez, heard):
    bluez.adapter().hung = True
    assert bluez.adapter().scanning
    assert not bluez.device(ADDRESS).advertise(manufacturer={1: b"x"})


async def test_an_adapter_that_is_off_or_refuses_cannot_scan(bluez):
    bluez.adapter().refusal = Refusal("org.bluez.Error.InProgress", "Operation already in progress")
    with pytest.raises(BleakDBusError, match="InProgress"):
        await BleakScanner(bluez={"adapter": "hci0"}).start()
    for adapter in bluez.adapters.values():
        adapter.switch(on=False)
    await fails(lambda: BleakScanner().start(), "No powered Bluetooth adapters found")


async def test_a_device_is_connected_to_read_written_and_notifies(bluez, heard):
    device = bluez.device(ADDRESS)
    battery = device.characteristic(BATTERY, b"\x57")
    device.advertise(manufacturer={1: b"x"})
    found, _ = await one(heard)
    sent, gone = asyncio.Queue(), asyncio.Event()
    async with BleakClient(found, lambda _: gone.set()) as client:
        assert await client.read_gatt_char(BATTERY) == b"\x57"
        await client.write_gatt_char(BATTERY, b"\x42", response=True)
        assert battery.written == [b"\x42"]
        assert not battery.notify(b"\x00")
        await client.start_notify(BATTERY, lambda _, value: sent.put_nowait(bytes(value)))
        for number in range(50):
            assert battery.notify(bytes([number]))
        assert [await one(sent) for _ in range(50)] == [bytes([number]) for number in range(50)]
        device.drop()
        async with asyncio.timeout(20):
            await gone.wait()
    assert not battery.notifying


async def test_a_connection_may_be_refused_and_a_device_vanish(bluez, heard):
    device = bluez.device(ADDRESS)
    device.advertise(manufacturer={1: b"x"})
    found, _ = await one(heard)
    device.refusal = Refusal("org.bluez.Error.Failed", "br-connection-unknown")
    with pytest.raises(BleakError, match="br-connection-unknown"):
        await BleakClient(found).connect()
    device.vanish()
    await fails(BleakClient(found).connect, "not found")


async def test_bleak_does_not_notice_that_the_daemon_was_started_anew(bluez):
    await BleakScanner(bluez={"adapter": "hci0"}).start()
    await bluez.restart()
    await asyncio.sleep(0.05)
    assert not bluez.adapter().scanning


async def test_a_client_that_is_gone_scans_no_more(bluez):
    await BleakScanner(bluez={"adapter": "hci0"}).start()
    assert bluez.adapter().scanning
    await let_go()
    async with asyncio.timeout(20):
        while bluez.adapter().scanning:
            await asyncio.sleep(0.005)


def test_a_bus_of_ones_own_leaves_the_system_as_it_was():
    before = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS")
    with PrivateBus() as bus:
        assert os.environ["DBUS_SYSTEM_BUS_ADDRESS"] == bus.address
        folder = bus._folder
        assert folder.exists()
    assert os.environ.get("DBUS_SYSTEM_BUS_ADDRESS") == before
    assert not folder.exists()
