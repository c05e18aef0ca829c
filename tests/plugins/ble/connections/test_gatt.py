import asyncio
import math
import struct

import pytest
from ble_gatt import ADDRESS, BATTERY, BURST, HEART, STARTED, TEMPERATURE, made_gatt
from ble_radio import opened, until

from gatewayd.plugin import Quality, SourceError
from gatewayd.testing.bluetooth import Refusal
from gatewayd_plugins.ble.adapter import watch
from gatewayd_plugins.ble.connections import connection
from gatewayd_plugins.ble.uuids import full_uuid

MADE = []


@pytest.fixture(autouse=True)
async def let_go():
    """Close what a test has left open, as gatewayd does when a poll fails."""
    yield
    while MADE:
        await MADE.pop().close()


def gatt(characteristics=None, bursts=None, interval=1.0):
    made, polls = made_gatt(characteristics, bursts, interval)
    MADE.append(made)
    return made, polls


@pytest.fixture
def device(bluez):
    device = bluez.device(ADDRESS, "pump-1")
    device.battery = device.characteristic("2a19", b"\x57", ["read", "notify"])
    device.temperature = device.characteristic("2a6e", struct.pack("<h", 2150), ["read"])
    device.heart = device.characteristic("2a37", b"\0\0", ["notify"])
    device.wave = device.characteristic("1525", b"", ["notify"])
    device.start = device.characteristic("1526", b"", ["write"])
    return device


async def found(radio, made, device):
    made.use(radio)
    device.advertise(manufacturer={1: b"x"})
    await until(lambda: ADDRESS in radio._devices)


def plain(block):
    return {name: (value, reason(block, name)) for name, value in zip(block.channels, block.values, strict=True)}


def reason(block, name):
    return block.reasons.get(name, "")


def send_burst(device, numbers, number=1, lost=(), each=4):
    for place, first in enumerate(range(0, len(numbers), each)):
        if place not in lost:
            values = numbers[first : first + each]
            device.wave.notify(bytes([place, number]) + struct.pack(f"<{each}h", *values))


async def test_characteristics_are_read_together(bluez, device):
    made, (poll,) = gatt({"battery": BATTERY, "temperature": TEMPERATURE})
    async with opened() as radio:
        await found(radio, made, device)
        blocks = await made.poll(radio, poll)
        assert {name: value for block in blocks for name, (value, _) in plain(block).items()} == {
            "battery": 87,
            "temperature": 21.5,
        }
        assert all(block.time for block in blocks)
        device.battery.value = b"\x50"
        await made.poll(radio, poll)
        assert device.connects == 1
        await made.close()
        await until(lambda: not device.connected)


async def test_a_characteristic_with_several_numbers_is_read_once(bluez, device):
    low, high = TEMPERATURE | {"type": "uint8"}, TEMPERATURE | {"type": "uint8", "at": 1}
    made, (poll,) = gatt({"low": low, "high": high})
    async with opened() as radio:
        await found(radio, made, device)
        (block,) = await made.poll(radio, poll)
        assert block.channels == ("low", "high")
        assert device.temperature.reads == 1


async def test_what_a_device_sends_has_the_times_at_which_it_came(bluez, device):
    made, (poll,) = gatt({"heart": HEART})
    async with opened() as radio:
        await found(radio, made, device)
        assert await made.poll(radio, poll) == []
        for rate in (60, 61, 62):
            device.heart.notify(bytes([0, rate]))
        await until(lambda: len(made._sent[full_uuid("2a37", [])]) == 3)
        blocks = await made.poll(radio, poll)
        assert [block.values for block in blocks] == [[60], [61], [62]]
        assert [block.time for block in blocks] == sorted({block.time for block in blocks})
        assert await made.poll(radio, poll) == []


async def test_what_a_device_does_not_have_or_refuses_is_bad_and_the_rest_good(bluez, device):
    device.temperature.refusal = Refusal("org.bluez.Error.NotPermitted", "Read not permitted")
    missing, unsendable = BATTERY | {"uuid": "2a1c"}, TEMPERATURE | {"notify": True}
    made, (poll,) = gatt({"a": BATTERY, "b": TEMPERATURE, "c": missing, "d": unsendable | {"uuid": "1526"}})
    async with opened() as radio:
        await found(radio, made, device)
        told = {}
        for block in await made.poll(radio, poll):
            told |= plain(block)
        assert told["a"] == (87, "")
        assert "refuses" in told["b"][1]
        assert told["c"][1] == "the device has no such characteristic"
        assert told["d"][1]
        assert math.isnan(told["b"][0])


async def test_a_device_says_who_it_is_once(bluez, device):
    serial = device.characteristic("2a25", b"4711\0", ["read"], service="180a")
    device.characteristic("2a26", b"\xff\xfe", ["read"], service="180a")
    device.characteristic("2a24", b"", ["read"], service="180a")
    device.characteristic("2a29", b"ACME", ["notify"], service="180a")
    made, (poll,) = gatt({"battery": BATTERY})
    assert made.about == {}
    async with opened() as radio:
        await found(radio, made, device)
        await made.poll(radio, poll)
        assert made.about == {"serial": "4711", "firmware": "\ufffd\ufffd"}
        await made.close()
        device.advertise(manufacturer={1: b"x"})
        await made.poll(radio, poll)
        assert serial.reads == 1


async def test_a_device_that_cannot_bear_to_be_asked_who_it_is_is_asked_once(bluez, device):
    serial = device.characteristic("2a25", b"4711", ["read"], service="180a")
    serial.refusal = Refusal("org.bluez.Error.Failed", "Not connected")
    made, (poll,) = gatt({"battery": BATTERY})
    async with opened() as radio:
        await found(radio, made, device)
        with pytest.raises(SourceError, match="does not let us read 2a25"):
            await made.poll(radio, poll)
        await made.close()
        (block,) = await made.poll(radio, poll)
        assert block.values == [87]


async def test_of_several_characteristics_of_one_kind_the_first_is_read(bluez, device):
    device.characteristic("2a19", b"\x01", ["read"], service="1822")
    made, (poll,) = gatt({"battery": BATTERY})
    async with opened() as radio:
        await found(radio, made, device)
        (block,) = await made.poll(radio, poll)
        assert block.values == [87]


async def test_a_device_that_was_never_heard_costs_no_time_later(bluez, device, monkeypatch):
    monkeypatch.setattr("gatewayd_plugins.ble.adapter.radio.FIRST_WORDS", 0.0)
    made, (poll,) = gatt({"battery": BATTERY})
    async with opened() as radio:
        made.use(radio)
        with pytest.raises(SourceError, match="AA:BB:CC:DD:EE:01 was never heard"):
            await made.poll(radio, poll)
        assert device.connects == 0


async def test_a_connection_that_is_left_from_before_is_taken_over(bluez, device):
    device.connected = True
    device.appear()
    device._show_services()
    device._tell(ServicesResolved=True)
    made, (poll,) = gatt({"battery": BATTERY})
    async with opened() as radio:
        made.use(radio)
        (block,) = await made.poll(radio, poll)
        assert block.values == [87]


async def test_a_device_that_refuses_or_does_not_answer_fails_its_poll(bluez, device, monkeypatch):
    made, (poll,) = gatt({"battery": BATTERY})
    async with opened() as radio:
        await found(radio, made, device)
        device.refusal = Refusal("org.bluez.Error.Failed", "br-connection-unknown")
        with pytest.raises(SourceError, match=r"cannot be connected to.*br-connection-unknown"):
            await made.poll(radio, poll)
        device.refusal, device.silent = None, True
        with monkeypatch.context() as hurry:
            hurry.setattr(connection, "CONNECT_LIMIT", 0.1)
            with pytest.raises(SourceError, match="cannot be connected to: no answer in time"):
                await made.poll(radio, poll)
        device.silent = False
        (block,) = await made.poll(radio, poll)
        assert block.values == [87]


async def test_a_lost_connection_is_made_again(bluez, device):
    made, (poll,) = gatt({"battery": BATTERY, "heart": HEART})
    async with opened() as radio:
        await found(radio, made, device)
        await made.poll(radio, poll)
        device.drop()
        await until(lambda: not made._connection.is_open)
        await found(radio, made, device)
        await made.poll(radio, poll)
        assert device.connects == 2
        assert device.heart.notifying


async def test_a_connection_outlives_no_bluetoothd(bluez, device, monkeypatch):
    monkeypatch.setattr(watch, "RETRY", 0.05)
    monkeypatch.setattr(connection, "CLOSE_LIMIT", 0.05)
    made, (poll,) = gatt({"battery": BATTERY})
    async with opened() as radio:
        await found(radio, made, device)
        await made.poll(radio, poll)
        await bluez.restart()
        await bluez.scanned()
        again = bluez.device(ADDRESS)
        again.characteristic("2a19", b"\x01", ["read"])
        await until(lambda: radio.alive and not made._connection.is_open)
        await found(radio, made, again)
        (block,) = await made.poll(radio, poll)
        assert block.values == [1]


async def test_without_an_adapter_all_is_bad_and_nothing_fails(bluez, device):
    bluez.adapter().switch(on=False)
    made, polls = gatt({"battery": BATTERY}, {"vibration": BURST})
    async with opened() as radio:
        made.use(radio)
        (block,), (wave,) = [await made.poll(radio, poll) for poll in polls]
        assert plain(block)["battery"][1] == "adapter hci0 is switched off"
        assert (wave.quality, wave.reason) == (Quality.BAD, "adapter hci0 is switched off")


async def test_a_device_that_is_read_rarely_is_left_alone_meanwhile(bluez, device):
    made, (poll,) = gatt({"battery": BATTERY}, interval=3600.0)
    async with opened() as radio:
        await found(radio, made, device)
        await made.poll(radio, poll)
        assert not device.connected


async def test_bursts_that_come_by_themselves_are_given_at_the_next_poll(bluez, device):
    made, (poll,) = gatt(bursts={"vibration": BURST})
    async with opened() as radio:
        await found(radio, made, device)
        assert await made.poll(radio, poll) == []
        send_burst(device, range(12))
        send_burst(device, range(12, 24), number=2, lost=[1])
        send_burst(device, range(12), number=3)
        await until(lambda: len(made._gatherings["vibration"]._finished) == 3)
        whole, holed, _ = await made.poll(radio, poll)
        assert whole.values.tolist() == [number / 2 for number in range(12)]
        assert (whole.rate, whole.gap, whole.quality) == (6400.0, False, Quality.GOOD)
        assert (holed.gap, holed.quality, holed.reason) == (True, Quality.UNCERTAIN, "4 of 12 values were lost")
        assert whole.time < holed.time


async def test_a_burst_is_asked_for_and_waited_for(bluez, device):
    device.start.react = lambda _value: send_burst(device, range(12))
    made, (poll,) = gatt(bursts={"vibration": STARTED})
    async with opened() as radio:
        await found(radio, made, device)
        for _ in range(2):
            (wave,) = await made.poll(radio, poll)
            assert wave.values.tolist() == [number / 2 for number in range(12)]
        assert device.start.written == [b"\x01", b"\x01"]


async def test_a_burst_that_was_asked_for_and_stays_incomplete_has_a_gap(bluez, device):
    device.start.react = lambda _value: send_burst(device, range(12), lost=[2])
    made, (poll,) = gatt(bursts={"vibration": STARTED | {"timeout": "0.2s"}})
    async with opened() as radio:
        await found(radio, made, device)
        (wave,) = await made.poll(radio, poll)
        assert (len(wave.values), wave.gap) == (8, True)


async def test_a_device_that_sends_no_burst_or_goes_away_meanwhile_fails_its_poll(bluez, device):
    made, (poll,) = gatt(bursts={"vibration": STARTED | {"timeout": "0.2s"}})
    async with opened() as radio:
        await found(radio, made, device)
        with pytest.raises(SourceError, match=r"AA:BB:CC:DD:EE:01 has sent no burst within 0\.2 s"):
            await made.poll(radio, poll)
        device.start.react = lambda _value: device.drop()
        with pytest.raises(SourceError, match="AA:BB:CC:DD:EE:01 has disconnected"):
            await made.poll(radio, poll)


async def test_axes_of_one_burst_are_one_poll(bluez, device):
    axes = {axis: STARTED | {"at": 2 + 2 * place, "step": 3, "count": 4} for place, axis in enumerate(["x", "y", "z"])}
    device.start.react = lambda _value: send_burst(device, range(12), each=6)
    made, (poll,) = gatt(bursts=axes)
    async with opened() as radio:
        await found(radio, made, device)
        told = {wave.channel: wave.values.tolist() for wave in await made.poll(radio, poll)}
        assert told == {"x": [0, 1.5, 3, 4.5], "y": [0.5, 2, 3.5, 5], "z": [1, 2.5, 4, 5.5]}
        assert device.start.written == [b"\x01"]


async def test_a_device_may_take_a_moment_to_be_heard_at_first(bluez, device):
    made, (poll,) = gatt({"battery": BATTERY})
    async with opened() as radio:
        made.use(radio)
        polling = asyncio.create_task(made.poll(radio, poll))
        await asyncio.sleep(0.05)
        assert not polling.done()
        device.advertise()
        (block,) = await polling
        assert block.values == [87]


async def test_a_burst_is_not_waited_for_when_bluetoothd_is_gone(bluez, device):
    made, (poll,) = gatt(bursts={"vibration": STARTED | {"timeout": "60s"}})
    async with opened() as radio, asyncio.timeout(3):
        await found(radio, made, device)
        polling = asyncio.create_task(made.poll(radio, poll))
        await until(lambda: device.start.written)
        await bluez.restart()
        with pytest.raises(SourceError, match=r"has disconnected|does not let us write"):
            await polling
