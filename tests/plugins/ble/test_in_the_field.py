"""The `ble` source as gatewayd runs it, with bleak's own backend on a fake BlueZ: from advertisements to readings."""

import asyncio

from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from gatewayd.plugin import Quality

TAG = "CB:B8:33:4C:88:4F"
HOME = "54:48:E6:8F:80:A5"
OWN = "AA:BB:CC:DD:EE:01"
BEACON = "00:00:00:00:00:01"
KEY = "231d39c1d7cc1ab1aee224cd096db932"

SOURCES = {
    "tag": {"plugin": "ble", "address": TAG, "format": "ruuvi", "channels": ["temperature", "packet_loss", "unusable"]},
    "home": {"plugin": "ble", "address": HOME, "format": "bthome", "channels": ["temperature", "age"], "key": KEY},
    "own": {
        "plugin": "ble",
        "address": OWN,
        "data": "manufacturer:0x1234",
        "fields": {"level": {"at": 1, "type": "uint8", "absent": [255], "unit": "%"}},
    },
    "beacon": {"plugin": "ble", "address": BEACON, "format": "eddystone_tlm"},
}
POLLED = {name: {**options, "interval": "20ms"} for name, options in SOURCES.items()}


def reading(number, celsius):
    """RuuviTag's data format 5."""
    data = bytearray.fromhex("0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F")
    data[1:3] = round(celsius * 200).to_bytes(2, "big", signed=True)
    data[16:18] = number.to_bytes(2, "big")
    return {0x0499: bytes(data)}


def sealed(counter, payload):
    count = counter.to_bytes(4, "little")
    nonce = bytes.fromhex(HOME.replace(":", "") + "D2FC41") + count
    text = AESCCM(bytes.fromhex(KEY), tag_length=4).encrypt(nonce, bytes.fromhex(payload), None)
    return {"fcd2": b"\x41" + text[:-4] + count + text[-4:]}


async def latest(bench, channel, value):
    """Wait until a channel has a value."""
    async with asyncio.timeout(20):
        while bench.latest(channel) != value:
            await bench.polls(source=channel.partition(".")[0])


async def test_each_device_is_read_in_its_own_format(bluez, polling):
    async with polling(**POLLED) as bench:
        await bluez.scanned()
        tag, home, own = (bluez.device(address) for address in (TAG, HOME, OWN))
        for number in range(4):
            tag.advertise(manufacturer=reading(number, 20 + number))
        home.advertise(services=sealed(7, "02CA0903BF13"))
        own.advertise(manufacturer={0x1234: b"\x01\x32"})
        bluez.device(BEACON).advertise(services={"feaa": bytes.fromhex("2000138815000000000100000001")})
        await latest(bench, "tag.temperature", 23.0)
        await latest(bench, "home.temperature", 25.06)
        await latest(bench, "own.level", 50)
        await latest(bench, "beacon.battery", 5.0)
        times = [each.time for each in bench.readings["tag.temperature"]]
        assert len(times) == 4
        assert times == sorted(set(times))


async def test_nothing_that_is_sent_disturbs_the_neighbours_or_stays(bluez, polling):
    async with polling(**POLLED) as bench:
        await bluez.scanned()
        tag, home, own = (bluez.device(address) for address in (TAG, HOME, OWN))
        rubbish = [b"", b"\x05", b"\x05\x00", b"\xff" * 24, bytes(3), b"\x06" * 19]
        for number, data in enumerate(rubbish):
            tag.advertise(manufacturer={0x0499: data})
            home.advertise(services={"fcd2": data})
            own.advertise(manufacturer={0x1234: data[:1]})
            tag.advertise(manufacturer=reading(number, 30 + number))
        home.advertise(services=sealed(8, "02CA09"))
        home.advertise(services=sealed(6, "02C409"))
        home.advertise(services={"fcd2": bytes.fromhex("4002C409")})
        own.advertise(manufacturer={0x1234: b"\x01\x33"})
        await latest(bench, "tag.temperature", 35.0)
        await latest(bench, "own.level", 51)
        await latest(bench, "home.temperature", 25.06)
        await bench.polls(2)
        assert {each.value for each in bench.readings["tag.temperature"]} == {30.0 + number for number in range(6)}
        good = {each.value for each in bench.readings["home.temperature"] if each.quality == Quality.GOOD}
        assert good == {25.06}
        assert not bench.failures


async def test_an_adapter_that_is_away_makes_values_bad_and_no_source_fail(bluez, polling):
    async with polling(tag=POLLED["tag"]) as bench:
        await bluez.scanned()
        bluez.adapter().unplug()
        async with asyncio.timeout(20):
            while "there is no adapter hci0" not in {each.reason for each in bench.readings["tag.temperature"]}:
                await bench.polls()
        bluez.adapter().plug_in()
        await bluez.scanned()
        bluez.device(TAG).advertise(manufacturer=reading(1, 21))
        await latest(bench, "tag.temperature", 21.0)
        assert not bench.failures


async def test_a_passive_scan_hears_the_data_that_are_described(bluez, polling):
    async with polling(own={**POLLED["own"], "scan": "passive"}) as bench:
        await bluez.scanned()
        device = bluez.device(OWN)
        assert not device.advertise(manufacturer={0x4321: b"\x01\x10"}, flags=None)
        assert device.advertise(manufacturer={0x1234: b"\x01\x32"}, flags=None)
        await latest(bench, "own.level", 50)
