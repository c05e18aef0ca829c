import asyncio

import pytest
from ble_radio import opened, until
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from gatewayd.testing.bluetooth import FakeBluez, Refusal
from gatewayd.testing.bluetooth.bleak_bus import let_go
from gatewayd_plugins.ble.adapter import bluez as bluez_module
from gatewayd_plugins.ble.adapter import cures, scan, watch

ADDRESS = "AA:BB:CC:DD:EE:01"
RUUVI = {0x0499: b"\x05\x12"}


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch):
    monkeypatch.setattr(watch, "RETRY", 0.05)
    monkeypatch.setattr(watch, "MOMENT", 0.05)
    monkeypatch.setattr(bluez_module, "OFF", 0.01)


async def hears(radio, bluez, address=ADDRESS, **advert):
    """What arrives of one advertisement."""
    inbox = radio.inbox(address)
    await bluez.scanned()
    assert bluez.device(address).advertise(**(advert or {"manufacturer": RUUVI}))
    heard = []
    await until(lambda: heard.extend(inbox.take()) or heard)
    return heard


async def test_an_advertisement_arrives_with_all_that_was_sent(bluez):
    async with opened() as radio:
        assert radio.alive
        device = bluez.device(ADDRESS, "pump-1")
        inbox = radio.inbox(ADDRESS.lower())
        device.advertise(manufacturer=RUUVI, services={"fcd2": b"\x40\x01"}, rssi=-71)
        await until(lambda: inbox._waiting)
        (heard,) = inbox.take()
    assert (heard.address, heard.name, heard.rssi) == (ADDRESS, "pump-1", -71)
    assert heard.manufacturer == RUUVI
    assert heard.services == {"0000fcd2-0000-1000-8000-00805f9b34fb": b"\x40\x01"}
    assert heard.time > 0


async def test_every_inbox_of_an_address_gets_its_own_advertisements(bluez):
    async with opened() as radio:
        first, second, other = radio.inbox(ADDRESS), radio.inbox(ADDRESS), radio.inbox("AA:BB:CC:DD:EE:02")
        bluez.device(ADDRESS).advertise(manufacturer=RUUVI)
        await until(lambda: first._waiting)
        assert len(first.take()) == len(second.take()) == 1
        assert other.take() == []


async def test_repeated_advertisements_are_asked_for_and_all_arrive(bluez):
    async with opened() as radio:
        assert bluez.adapter().filters["DuplicateData"].value is True
        inbox, device = radio.inbox(ADDRESS), bluez.device(ADDRESS)
        for _ in range(3):
            device.advertise(manufacturer=RUUVI)
        await until(lambda: len(inbox._waiting) == 3)


async def test_what_bluez_says_of_a_connection_is_no_advertisement(bluez):
    async with opened() as radio:
        inbox, device = radio.inbox(ADDRESS), bluez.device(ADDRESS)
        device.advertise(manufacturer=RUUVI, rssi=-50)
        device.connected = True
        device._tell(Connected=True)
        device._tell(ServicesResolved=True)
        device.advertise(manufacturer=RUUVI, rssi=-51)
        await until(lambda: len(inbox._waiting) >= 2)
        await asyncio.sleep(0.01)
        assert [heard.rssi for heard in inbox.take()] == [-50, -51]


OF_SERVICE = "0000fcd2-0000-1000-8000-00805f9b34fb"
OF_VENDOR = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"


@pytest.mark.parametrize(
    ("wanted", "advert"),
    [
        ({}, {"manufacturer": {0x1234: b"\x05"}, "flags": 0x06}),
        ({"company": 0x0499}, {"manufacturer": {0x0499: b"\x05"}, "flags": None}),
        ({"service": OF_SERVICE}, {"services": {"fcd2": b"\x40"}, "flags": None}),
        ({"service": OF_VENDOR}, {"services": {OF_VENDOR: b"\x40"}, "flags": None}),
    ],
)
async def test_a_passive_scan_hears_what_it_looks_for(bluez, wanted, advert):
    async with opened("passive", [wanted]) as radio:
        (heard,) = await hears(radio, bluez, **advert)
        assert heard.manufacturer or heard.services
        assert not bluez.device(ADDRESS).advertise(manufacturer={0x4321: b""}, flags=None)


async def test_a_closed_radio_scans_no_more(bluez):
    async with opened():
        assert bluez.adapter().scanning
    assert not bluez.adapter().scanning


async def test_an_adapter_that_is_off_is_said_to_be_and_scans_once_it_is_on(bluez):
    bluez.adapter().switch(on=False)
    async with opened() as radio:
        assert radio.trouble == "adapter hci0 is switched off"
        bluez.adapter().switch(on=True)
        await hears(radio, bluez)
        assert radio.alive


async def test_an_adapter_that_is_switched_off_meanwhile_scans_again(bluez):
    async with opened() as radio:
        losses = radio.losses
        bluez.adapter().switch(on=False)
        await until(lambda: radio.trouble == "adapter hci0 is switched off" and radio.losses > losses)
        bluez.adapter().switch(on=True)
        await hears(radio, bluez)


async def test_an_adapter_that_is_unplugged_scans_again_when_it_is_plugged_in(bluez):
    async with opened() as radio:
        await hears(radio, bluez)
        bluez.adapter().unplug()
        await until(lambda: radio.trouble == "there is no adapter hci0")
        bluez.adapter().plug_in()
        await hears(radio, bluez)
        assert radio.alive


async def test_news_that_change_nothing_do_not_keep_the_watch_busy(bluez):
    async with opened() as radio:
        bluez.adapter()._tell(Powered=True)
        async with asyncio.timeout(20.0):
            await asyncio.sleep(0.05)
            await hears(radio, bluez)
        assert not radio._watch.news.changed.is_set()
        assert bluez.adapter().scans == 1


async def test_a_scan_goes_on_after_bluetoothd_was_started_anew(bluez):
    async with opened() as radio:
        await hears(radio, bluez)
        await bluez.restart()
        await hears(radio, bluez)
        assert radio.alive


async def test_a_scan_goes_on_after_bluetoothd_was_away(bluez):
    async with opened() as radio:
        await bluez.stop()
        await until(lambda: radio.trouble == "bluetoothd does not run")
        await bluez.start()
        await hears(radio, bluez)


async def test_without_a_bus_it_says_so_and_scans_once_there_is_one(system_bus):
    system_bus.stop()
    async with opened() as radio:
        assert radio.trouble == "the system's D-Bus cannot be reached: No such file or directory"
        system_bus.start()
        async with FakeBluez() as bluez:
            await hears(radio, bluez)


async def test_a_scan_goes_on_after_the_bus_was_started_anew(system_bus):
    async with FakeBluez(), opened() as radio:
        system_bus.stop()
        await until(lambda: not radio.alive)
        system_bus.start()
        async with FakeBluez() as bluez:
            await hears(radio, bluez)
            assert radio.alive


async def test_the_reason_is_told_and_not_what_follows_from_it(bluez, library_log):
    async with opened() as radio:
        bluez.adapter().switch(on=False)
        await until(lambda: not radio.alive)
        assert radio.trouble == "adapter hci0 is switched off"
    assert not [each for each in library_log if "stopped scanning" in each.getMessage()]


async def test_a_scan_that_somebody_has_ended_is_begun_anew_soon(bluez):
    async with opened() as radio:
        await hears(radio, bluez)
        await let_go()
        await until(lambda: bluez.adapter().scans == 2)
        await hears(radio, bluez)
        assert radio.alive


async def test_a_scan_that_hears_nothing_any_more_is_begun_anew(bluez, monkeypatch):
    monkeypatch.setattr(cures, "SILENCE", 0.4)
    async with opened() as radio:
        await hears(radio, bluez)
        bluez.adapter().deaf_scan = True
        await until(lambda: "has heard nothing for" in radio.trouble)
        await until(lambda: not bluez.adapter().deaf_scan)
        await hears(radio, bluez)
        assert radio.alive
        assert bluez.adapter().switched == []


async def test_a_hung_adapter_is_switched_off_and_on(bluez, monkeypatch):
    monkeypatch.setattr(cures, "SILENCE", 0.05)
    async with opened() as radio:
        await hears(radio, bluez)
        bluez.adapter().hung = True
        await until(lambda: bluez.adapter().switched[:2] == [False, True])
        await hears(radio, bluez)


async def test_an_adapter_that_refuses_to_scan_is_switched_off_and_on(bluez):
    adapter = bluez.adapter()
    adapter.refusal = Refusal("org.bluez.Error.InProgress", "Operation already in progress")
    async with opened() as radio:
        assert "does not scan" in radio.trouble
        assert "in progress" in radio.trouble
        await until(lambda: adapter.switched[:2] == [False, True])
        adapter.refusal = None
        await hears(radio, bluez)


async def test_a_daemon_that_does_not_answer_is_waited_for(bluez, monkeypatch):
    monkeypatch.setattr(bluez_module, "CALL_LIMIT", 0.05)
    monkeypatch.setattr(watch, "STOP_LIMIT", 0.05)
    async with opened() as radio:
        bluez.hang()
        bluez.adapter().switch(on=False)
        await until(lambda: "has not answered" in radio.trouble)
        bluez.adapter().switch(on=True)
        bluez.hang(False)
        await hears(radio, bluez)


async def test_trouble_is_logged_once_when_it_begins_and_once_when_it_ends(bluez, library_log):
    async with opened() as radio:
        await bluez.stop()
        await until(lambda: not radio.alive)
        await asyncio.sleep(0.12)
        await bluez.start()
        await until(lambda: radio.alive)
    ours = [each.getMessage() for each in library_log if each.name == "gatewayd_plugins.ble"]
    assert ours == ["adapter hci0 hears nothing: bluetoothd does not run", "adapter hci0 hears again"]


async def test_a_radio_is_closed_in_time_when_bluetoothd_does_not_answer(bluez, monkeypatch):
    monkeypatch.setattr(watch, "STOP_LIMIT", 0.05)
    async with opened():
        bluez.hang()
        before = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - before < 1.0
    assert not [task for task in asyncio.all_tasks() if "hci0" in task.get_name()]
    bluez.hang(False)


def test_devices_that_change_their_addresses_do_not_fill_the_memory():
    heard = []
    scanned = scan.Scan("hci0", "active", lambda advertisement, _device: heard.append(advertisement.address))
    for number in range(3 * scan.MOST_DEVICES):
        device = BLEDevice(f"{number:012X}", None, {})
        scanned._detected(device, AdvertisementData(None, {}, {}, [], None, -60, ("", {"RSSI": -60})))
    assert len(heard) == 3 * scan.MOST_DEVICES
    assert len(scanned._states) <= scan.MOST_DEVICES


async def test_other_programs_scans_and_other_adapters_do_not_matter(system_bus):
    async with FakeBluez(["hci0", "hci1"]) as bluez, opened() as radio:
        inbox = radio.inbox(ADDRESS)
        bluez.adapter("hci1").switch(on=False)
        bluez.adapter("hci1").unplug()
        await hears(radio, bluez)
        assert radio.alive
        assert len(inbox.take()) == 1
