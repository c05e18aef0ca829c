"""The decoder of BTHome v2 against https://bthome.io/format: every example of its tables, and the rules around them.

The page is src/format.html of home-assistant/bthome.io, commit 052f3ac.
"""

import pytest

from gatewayd_plugins.ble.advertisement import Advertisement
from gatewayd_plugins.ble.decoders.bthome import SERVICE, Bthome
from gatewayd_plugins.ble.decoders.bthome_objects import NUMERIC, STATES
from gatewayd_plugins.ble.decoders.bthome_payload import CHANNELS, SIZES, contents
from gatewayd_plugins.ble.decoders.decoded import Serial, Undecodable

POUND = 0.45359237
"""Kilograms, exactly."""


def decoded(data, address="A4:C1:38:8D:18:B2"):
    return Bthome().decode(Advertisement(address, 0, -60, services={SERVICE: bytes.fromhex(data)}))


NUMBERS = [
    ("518756", "acceleration", 22.151),
    ("0161", "battery", 97),
    ("12E204", "co2", 1250),
    ("56E803", "conductivity", 1000),
    ("0960", "count", 96),
    ("3D0960", "count", 24585),
    ("3E2A2C0960", "count", 1611213866),
    ("59EA", "count", -22),
    ("5AEAEA", "count", -5398),
    ("5BEA0234EA", "count", -365690134),
    ("434E34", "current", 13.39),
    ("5D02EA", "current", -5.63),
    ("08CA06", "dewpoint", 17.38),
    ("400C00", "distance", 0.012),
    ("414E00", "distance", 7.8),
    ("424E3400", "duration", 13.390),
    ("4d12138a14", "energy", 344593.170),
    ("0A138A14", "energy", 1346.067),
    ("4B138A14", "gas", 1346.067),
    ("4C41018A01", "gas", 25821.505),
    ("528756", "gyroscope", 22.151),
    ("03BF13", "humidity", 50.55),
    ("2E23", "humidity", 35),
    ("05138A14", "illuminance", 13460.67),
    ("065E1F", "mass", 80.3),
    ("073E1D", "mass", pytest.approx(74.86 * POUND, rel=1e-15)),
    ("14020C", "moisture", 30.74),
    ("2F23", "moisture", 35),
    ("0D120C", "pm2_5", 3090),
    ("0E021C", "pm10", 7170),
    ("0B021B00", "power", 69.14),
    ("5C02FBFFFF", "power", -12.78),
    ("04138A01", "pressure", 1008.83),
    ("3F020C", "rotation", 307.4),
    ("444E34", "speed", 133.90),
    ("57EA", "temperature", -22),
    ("58EA", "temperature", -7.7),
    ("451101", "temperature", 27.3),
    ("02CA09", "temperature", 25.06),
    ("505d396164", "timestamp", 1684093277),
    ("133301", "tvoc", 307),
    ("0C020C", "voltage", 3.074),
    ("4A020C", "voltage", 307.4),
    ("4E87562A01", "volume", 19551.879),
    ("478756", "volume", 2215.1),
    ("48DC87", "volume", 34.780),
    ("5587562A01", "volume_storage", 19551.879),
    ("49DC87", "volume_flow_rate", 34.780),
    ("4632", "uv_index", 5.0),
    ("4F87562A01", "water", 19551.879),
    ("5E9F8C", "direction", 359.99),
    ("5FA00F", "precipitation", 400.0),  # the page has 4000, with the factor 1 of that time: see bthome_objects.py
]

BINARY = [
    ("1501", "battery_low", "low"),
    ("1601", "battery_charging", "charging"),
    ("1700", "carbon_monoxide", "not detected"),
    ("1801", "cold", "cold"),
    ("1900", "connectivity", "disconnected"),
    ("1A00", "door", "closed"),
    ("1B01", "garage_door", "open"),
    ("1C01", "gas_detected", "detected"),
    ("0F01", "state", "on"),
    ("1D00", "heat", "normal"),
    ("1E01", "light", "light detected"),
    ("1F01", "lock", "unlocked"),
    ("2001", "wet", "wet"),
    ("2100", "motion", "clear"),
    ("2201", "moving", "moving"),
    ("2301", "occupancy", "detected"),
    ("1100", "opening", "closed"),
    ("2400", "plug", "unplugged"),
    ("1001", "power_on", "on"),
    ("2500", "presence", "away"),
    ("2601", "problem", "problem"),
    ("2701", "running", "running"),
    ("2800", "safety", "unsafe"),
    ("2901", "smoke", "detected"),
    ("2A00", "sound", "clear"),
    ("2B00", "tamper", "off"),
    ("2C01", "vibration", "detected"),
    ("2D01", "window", "open"),
]

EVENTS = [
    ("3A00", {}),
    ("3A01", {"button": 1}),
    ("3A02", {"button": 2}),
    ("3A03", {"button": 3}),
    ("3A04", {"button": 4}),
    ("3A05", {"button": 5}),
    ("3A06", {"button": 6}),
    ("3A80", {"button": 128}),
    ("3A003A01", {"button_2": 1}),
    ("3C0000", {}),
    ("3C0103", {"dimmer": -3}),
    ("3C020A", {"dimmer": 10}),
]


@pytest.mark.parametrize(("example", "name", "value"), NUMBERS)
def test_the_examples_of_sensor_data(example, name, value):
    assert decoded("40" + example).values == {name: value}


@pytest.mark.parametrize(("example", "name", "meaning"), BINARY)
def test_the_examples_of_binary_sensor_data(example, name, meaning):
    values = decoded("40" + example).values
    assert list(values) == [name]
    assert CHANNELS[name].labels[int(values[name])] == meaning


@pytest.mark.parametrize(("example", "values"), EVENTS)
def test_the_examples_of_events(example, values):
    assert decoded("40" + example).values == values


def test_every_object_of_the_page_has_its_example_here():
    newer = set(range(0x60, 0x65))
    assert {int(example[:2], 16) for example, _, _ in NUMBERS} | newer == set(NUMERIC)
    assert {int(example[:2], 16) for example, _, _ in BINARY} == set(STATES)


def test_the_objects_that_are_newer_than_the_page():
    """Bluetooth-Devices/bthome-ble, src/bthome_ble/const.py, commit 00771fd, has their sizes and factors."""
    data = "40" + "6005" + "61DC05" + "62C0BDF0FF" + "6340420F00" + "6402"
    expected = {"channel": 5, "rotational_speed": 1500, "speed": -1.0, "acceleration": 1.0, "light_level": 2}
    assert decoded(data).values == expected


def test_the_example_at_the_begin_of_the_page():
    assert decoded("4002C40903BF13").values == {"temperature": 25.00, "humidity": 50.55}


def test_the_examples_of_device_information():
    about = decoded("40F00100F100010204").about
    assert (about["device type"], about["firmware"]) == ("1", "4.2.1.0")
    assert decoded("40F2000106").about["firmware"] == "6.1.0"


def test_the_example_of_a_packet_id():
    assert decoded("40000902CA09").serial == Serial(9, 256, once=False)
    assert decoded("4002CA09").serial is None


@pytest.mark.parametrize("text", ["530C48656C6C6F20576F726C6421", "540C48656C6C6F20576F726C6421", "5300", "5400"])
def test_texts_and_raw_bytes_are_passed_over(text):
    assert decoded("4002CA09" + text + "57EA").values == {"temperature": 25.06, "temperature_2": -22}


def test_several_measurements_of_a_property_are_numbered_in_their_order():
    values = decoded("4002CA0902C40903BF1357EA").values
    assert values == {"temperature": 25.06, "temperature_2": 25.0, "humidity": 50.55, "temperature_3": -22}


def test_what_follows_an_object_that_is_not_known_is_not_read():
    assert decoded("4002CA09AABBCC03BF13").values == {"temperature": 25.06}


def test_a_state_that_is_neither_0_nor_1_is_bad():
    odd = decoded("4010021100")
    assert odd.values == {"opening": 0}
    assert odd.bad == {"power_on": "neither 0 nor 1"}


def test_a_device_that_sends_when_something_happens_is_read_like_any_other():
    assert decoded("443A01").values == {"button": 1}


def test_the_address_in_the_packet_of_first_devices():
    """bthome-ble's test_bthome_with_mac: the address, last byte first, before the objects."""
    assert decoded("42B2188D38C1A404138A01").values == {"pressure": 1008.83}
    with pytest.raises(Undecodable, match="another address"):
        decoded("42B2188D38C1A404138A01", "A4:C1:38:8D:18:B3")


@pytest.mark.parametrize("size", range(1, 5))
def test_every_cut_off_object_is_refused(size):
    for number, whole in SIZES.items():
        if size < whole:
            with pytest.raises(Undecodable, match="middle"):
                contents(bytes([number, *[1] * size]))


@pytest.mark.parametrize("data", ["530C4865", "53", "54"])
def test_a_cut_off_text_is_refused(data):
    with pytest.raises(Undecodable, match="middle"):
        decoded("40" + data)


@pytest.mark.parametrize("data", ["", "2002CA09", "6002CA09"])
def test_what_is_not_of_version_2_is_refused(data):
    with pytest.raises(Undecodable, match="version"):
        decoded(data)


def test_other_services_are_left_to_others():
    assert Bthome().decode(Advertisement("A4:C1:38:8D:18:B2", 0, -60, services={"a": b"\x40"})) is None


def test_every_value_has_a_channel():
    bthome = Bthome()
    for example, name, _ in [*NUMBERS, *BINARY]:
        assert all(bthome.channel(each).name == each for each in decoded("40" + example).values), name


@pytest.mark.parametrize(
    ("name", "unit"), [("temperature_2", "Cel"), ("pm2_5", "ug/m3"), ("pm2_5_3", "ug/m3"), ("rotational_speed", "/min")]
)
def test_a_second_channel_is_one_of_the_same_unit(name, unit):
    assert Bthome().channel(name).unit == unit


@pytest.mark.parametrize("name", ["temperature_1", "temperature_", "temperature_x", "count_٢", "heat_pump", "_2", ""])
def test_what_is_no_property_is_no_channel(name):
    assert Bthome().channel(name) is None


def test_zeros_behind_the_objects_are_no_other_packet():
    assert decoded("40" + "0007" + "02CA09" + "0000").serial == Serial(7, 256, once=False)
