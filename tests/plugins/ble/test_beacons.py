"""`gatewayd beacons`: what is heard, as an integrator reads it."""

import asyncio

from click.testing import CliRunner

from gatewayd_plugins.ble.advertisement import Advertisement
from gatewayd_plugins.ble.beacons import beacons, listened, told

TAG = bytes.fromhex("0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F")
BTHOME = "0000fcd2-0000-1000-8000-00805f9b34fb"


def heard(*advertisements):
    by_address = {}
    for each in advertisements:
        by_address.setdefault(each.address, []).append(each)
    return list(told(by_address))


def test_the_nearest_device_comes_first_with_what_it_says():
    lines = heard(
        Advertisement("AA:BB:CC:DD:EE:02", 1, -90, "", services={BTHOME: bytes.fromhex("4002CA0903BF13")}),
        Advertisement("AA:BB:CC:DD:EE:01", 2, -50, "Ruuvi 884F", {0x0499: TAG}),
    )
    assert lines[0] == "AA:BB:CC:DD:EE:01  -50 dBm  Ruuvi 884F"
    assert lines[1].startswith('    format = "ruuvi"  temperature 24.3, humidity 53.49, pressure 1000.44, ')
    assert lines[2:] == ["AA:BB:CC:DD:EE:02  -90 dBm", '    format = "bthome"  temperature 25.06, humidity 50.55']


def test_what_is_of_no_format_is_shown_as_it_is_described_in_fields():
    lines = heard(
        Advertisement(
            "AA:BB:CC:DD:EE:01",
            0,
            -70,
            manufacturer={0x4C: b"\x10\x03"},
            services={"0000181a-0000-1000-8000-00805f9b34fb": b"\xff", "12345678-0000-1000-8000-00805f9b34fb": b""},
        )
    )
    assert lines[1:] == [
        '    data = "manufacturer:0x004C"  10 03',
        '    data = "service:181a"  ff',
        '    data = "service:12345678"',
    ]


def test_what_cannot_be_used_says_why():
    lines = heard(Advertisement("AA:BB:CC:DD:EE:01", 0, -70, services={BTHOME: bytes.fromhex("41" + "00" * 14)}))
    assert lines[1] == '    format = "bthome"  cannot be used: it is encrypted, and there is no key'


def test_the_same_is_shown_once_and_a_name_cannot_disturb_the_terminal():
    each = Advertisement("AA:BB:CC:DD:EE:01", 0, -70, "a\x1b[2J", {0x4C: b"\x01"})
    assert heard(each, each) == [r"AA:BB:CC:DD:EE:01  -70 dBm  'a\x1b[2J'", '    data = "manufacturer:0x004C"  01']


async def test_it_listens_for_a_while_and_shows_the_last_of_it(bluez):
    async def advertise():
        await bluez.scanned()
        for number in range(20):
            bluez.device("AA:BB:CC:DD:EE:01").advertise(manufacturer={0x4C: bytes([number])})

    shown, seconds = [], 0.1
    while 19 not in shown and seconds < 30:  # a busy machine passes on less of it in so short a while
        advertising = asyncio.create_task(advertise())
        by_address, trouble = await listened("hci0", seconds, "active")
        await advertising
        assert not trouble
        shown, seconds = [each.manufacturer[0x4C][0] for each in by_address["AA:BB:CC:DD:EE:01"]], 2 * seconds
    assert shown == list(range(12, 20))
    assert not bluez.adapter().scanning


async def test_an_adapter_that_is_not_there_is_said_to_be(bluez):
    assert await listened("hci7", 0.1, "active") == ({}, "there is no adapter hci7")


def test_without_a_bus_the_command_fails_in_words(monkeypatch, tmp_path):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    result = CliRunner().invoke(beacons, ["--seconds", "0.1"])
    assert result.exit_code == 1
    assert "Error: the system's D-Bus cannot be reached: No such file or directory" in result.output


def test_nothing_that_is_heard_is_said_so(monkeypatch):
    async def silence(*_):
        return {}, ""

    monkeypatch.setattr("gatewayd_plugins.ble.beacons.listened", silence)
    assert CliRunner().invoke(beacons).output == "Nothing is heard.\n"
