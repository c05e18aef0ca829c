"""The decoder of Ruuvi's formats against the test vectors that Ruuvi publishes.

They are from https://docs.ruuvi.com/communication/bluetooth-advertisements (repository ruuvi/docs): "Data format 3
(RAWv1)", "Data format 5 (RAWv2)", commit 271a6f7, "Data format 6", commit 0b4a7c2, and "Data format E1 (Extended v1)",
commit 058c69c; what is reserved there, XX, is FF here.
"""

import math

import pytest

from gatewayd_plugins.ble.advertisement import Advertisement
from gatewayd_plugins.ble.decoders.decoded import Serial, Undecodable
from gatewayd_plugins.ble.decoders.ruuvi import CHANNELS, COMPANY, Ruuvi


def decoded(data):
    return Ruuvi().decode(Advertisement("CB:B8:33:4C:88:4F", 0, -60, manufacturer={COMPANY: bytes.fromhex(data)}))


def acceleration(x, y, z):
    return {"acceleration_x": x, "acceleration_y": y, "acceleration_z": z}


FORMAT_3 = {
    "03291A1ECE1EFC18F94202CA0B53": {
        "temperature": 26.3,
        "pressure": 1027.66,
        "humidity": 20.5,
        **acceleration(-1.000, -1.726, 0.714),
        "battery": 2.899,
    },
    "03FF7F63FFFF7FFF7FFF7FFFFFFF": {
        "temperature": 127.99,
        "pressure": 1155.35,
        "humidity": 127.5,
        **acceleration(32.767, 32.767, 32.767),
        "battery": 65.535,
    },
    "0300FF6300008001800180010000": {
        "temperature": -127.99,
        "pressure": 500.00,
        "humidity": 0.0,
        **acceleration(-32.767, -32.767, -32.767),
        "battery": 0.000,
    },
}

FORMAT_5 = {
    "0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F": (
        {
            "temperature": 24.3,
            "pressure": 1000.44,
            "humidity": 53.49,
            **acceleration(0.004, -0.004, 1.036),
            "tx_power": 4,
            "battery": 2.977,
            "movements": 66,
        },
        205,
    ),
    "057FFFFFFEFFFE7FFF7FFF7FFFFFDEFEFFFECBB8334C884F": (
        {
            "temperature": 163.835,
            "pressure": 1155.34,
            "humidity": 163.835,
            **acceleration(32.767, 32.767, 32.767),
            "tx_power": 20,
            "battery": 3.646,
            "movements": 254,
        },
        65534,
    ),
    "058001000000008001800180010000000000CBB8334C884F": (
        {
            "temperature": -163.835,
            "pressure": 500.00,
            "humidity": 0.0,
            **acceleration(-32.767, -32.767, -32.767),
            "tx_power": -40,
            "battery": 1.600,
            "movements": 0,
        },
        0,
    ),
}

FORMAT_6 = {
    "06170C5668C79E007000C90501D9FFCD004C884F": (
        {
            "temperature": 29.5,
            "pressure": 1011.02,
            "humidity": 55.3,
            "pm2_5": 11.2,
            "co2": 201,
            "voc": 10,
            "nox": 2,
            "illuminance": pytest.approx(13026.67, abs=0.005),
        },
        205,
    ),
    "067FFF9C40FFFE27109C40FAFAFEFFFF074C8F4F": (
        {
            "temperature": 163.835,
            "pressure": 1155.34,
            "humidity": 100.0,
            "pm2_5": 1000.0,
            "co2": 40000,
            "voc": 500,
            "nox": 500,
            "illuminance": pytest.approx(65535.0),
        },
        255,
    ),
    "0680010000000000000000000000FF00004C884F": (
        {
            "temperature": -163.835,
            "pressure": 500.0,
            "humidity": 0.0,
            "pm2_5": 0,
            "co2": 0,
            "voc": 0,
            "nox": 0,
            "illuminance": 0,
        },
        0,
    ),
}

CLEAN = dict.fromkeys(("pm1", "pm2_5", "pm4", "pm10", "co2", "voc", "nox", "illuminance"), 0)
FORMAT_E1 = {
    "E1170C5668C79E0065007004BD11CA00C90A0213E0ACFFFFFFDECDEE10FFFFFFFFFFCBB8334C884F": (
        {
            "temperature": 29.5,
            "pressure": 1011.02,
            "humidity": 55.3,
            "pm1": 10.1,
            "pm2_5": 11.2,
            "pm4": 121.3,
            "pm10": 455.4,
            "co2": 201,
            "voc": 20,
            "nox": 4,
            "illuminance": 13027.0,
        },
        14601710,
    ),
    "E17FFF9C40FFFE27102710271027109C40FAFADC28F0FFFFFFFFFFFE3FFFFFFFFFFFCBB8334C884F": (
        {
            "temperature": 163.835,
            "pressure": 1155.34,
            "humidity": 100.0,
            **dict.fromkeys(("pm1", "pm2_5", "pm4", "pm10"), 1000.0),
            "co2": 40000,
            "voc": 500,
            "nox": 500,
            "illuminance": 144284.0,
        },
        16777214,
    ),
    "E1800100000000000000000000000000000000000000FFFFFF00000000FFFFFFFFFFCBB8334C884F": (
        {"temperature": -163.835, "pressure": 500.0, "humidity": 0.0, **CLEAN},
        0,
    ),
}


@pytest.mark.parametrize(("data", "values"), FORMAT_3.items())
def test_the_vectors_of_format_3(data, values):
    assert decoded(data).values == values
    assert not decoded(data).bad
    assert decoded(data).serial is None


@pytest.mark.parametrize(("data", "values", "number"), [(data, *expected) for data, expected in FORMAT_5.items()])
def test_the_vectors_of_format_5(data, values, number):
    assert decoded(data).values == values
    assert not decoded(data).bad
    assert decoded(data).serial == Serial(number, 65535)


@pytest.mark.parametrize(("data", "values", "number"), [(data, *expected) for data, expected in FORMAT_6.items()])
def test_the_vectors_of_format_6(data, values, number):
    assert decoded(data).values == values
    assert not decoded(data).bad
    assert decoded(data).serial == Serial(number, 256)


@pytest.mark.parametrize(("data", "values", "number"), [(data, *expected) for data, expected in FORMAT_E1.items()])
def test_the_vectors_of_format_e1(data, values, number):
    assert decoded(data).values == values
    assert not decoded(data).bad
    assert decoded(data).serial == Serial(number, 0xFFFFFF)


def test_the_vector_of_invalid_values_of_format_e1():
    invalid = decoded("E18000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFFFFFFFFFFFFFFFF")
    assert not invalid.values
    assert set(invalid.bad) == {"temperature", "humidity", "pressure", *CLEAN}
    assert invalid.serial is None


def test_a_device_that_is_heard_in_format_e1_is_not_heard_in_format_6_as_well():
    ruuvi = Ruuvi()
    extended, cut = (
        Advertisement("CB:B8:33:4C:88:4F", 0, -60, manufacturer={COMPANY: bytes.fromhex(next(iter(vectors)))})
        for vectors in (FORMAT_E1, FORMAT_6)
    )
    assert ruuvi.decode(cut) is not None
    assert ruuvi.decode(extended) is not None
    assert [ruuvi.decode(cut) is None for _ in range(17)] == [True] * 16 + [False]


def test_the_vector_of_invalid_values_of_format_5():
    invalid = decoded("058000FFFFFFFF800080008000FFFFFFFFFFFFFFFFFFFFFF")
    assert not invalid.values
    assert set(invalid.bad) == set(FORMAT_5["0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F"][0])
    assert invalid.serial is None


def test_the_vector_of_invalid_values_of_format_6():
    invalid = decoded("068000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")
    assert not invalid.values
    assert set(invalid.bad) == {"temperature", "humidity", "pressure", "pm2_5", "co2", "voc", "nox", "illuminance"}
    assert not invalid.doubtful
    assert invalid.serial == Serial(255, 256)


@pytest.mark.parametrize(("code", "lux"), [("00", 0.0), ("01", 0.04), ("10", 1.01), ("7E", 244.06), ("FE", 65535.0)])
def test_the_logarithms_of_light_in_the_page_of_format_6(code, lux):
    """The page says 244.06 lx of 0x80; by its own formula, which its test vectors follow, that is 0x7E."""
    data = f"06170C5668C79E007000C90501{code}FFCD004C884F"
    assert decoded(data).values["illuminance"] == pytest.approx(lux, abs=0.0051)


@pytest.mark.parametrize(("code", "degrees"), [("0000", 0.0), ("01C3", 2.255), ("FE3D", -2.255)])
def test_the_temperatures_in_the_pages_of_formats_5_and_6(code, degrees):
    assert decoded(f"05{code}5394C37C0004FFFC040CAC364200CDCBB8334C884F").values["temperature"] == degrees
    assert decoded(f"06{code}5668C79E007000C90501D9FFCD004C884F").values["temperature"] == degrees


@pytest.mark.parametrize(("code", "degrees"), [("0000", 0.0), ("8145", -1.69), ("0145", 1.69)])
def test_the_temperatures_in_the_page_of_format_3(code, degrees):
    assert decoded(f"0329{code}CE1EFC18F94202CA0B53").values["temperature"] == degrees


def test_a_humidity_above_100_is_doubtful():
    assert "humidity" in decoded("057FFFFFFEFFFE7FFF7FFF7FFFFFDEFEFFFECBB8334C884F").doubtful
    assert not decoded("0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F").doubtful


def test_what_is_measured_in_the_air_is_doubtful_while_it_is_calibrated():
    calibrating = decoded("06170C5668C79E007000C90501D9FFCD014C884F")
    assert set(calibrating.doubtful) == {"pm2_5", "co2", "voc", "nox"}


def test_every_value_has_a_channel():
    for vectors in (FORMAT_3, FORMAT_5, FORMAT_6, FORMAT_E1):
        for data in vectors:
            assert set(decoded(data).values) <= set(CHANNELS)
    assert all(CHANNELS[name].name == name == Ruuvi().channel(name).name for name in CHANNELS)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "05",
        "0512FC5394C37C0004FFFC040CAC364200CDCBB8334C88",
        "03291A1ECE1EFC18F94202CA0B",
        "06170C5668C79E007000C90501D9FFCD004C88",
        "04AABB",
        "E1170C5668C79E0065007004BD11CA00C90A0213E0ACFFFFFFDECDEE10FFFFFFFFFFCBB8334C88",
        "03291A64CE1EFC18F94202CA0B53",
    ],
)
def test_what_is_too_short_or_of_another_format_is_refused(data):
    with pytest.raises(Undecodable):
        decoded(data)


def test_what_other_companies_send_is_none_of_it():
    assert Ruuvi().decode(Advertisement("CB:B8:33:4C:88:4F", 0, -60, manufacturer={76: bytes(24)})) is None


def test_an_older_tag_may_send_more_bytes_than_its_format_has():
    assert decoded("03291A1ECE1EFC18F94202CA0B5300000000").values["temperature"] == 26.3


def test_values_are_numbers():
    for data in FORMAT_6:
        assert all(math.isfinite(value) for value in decoded(data).values.values())
