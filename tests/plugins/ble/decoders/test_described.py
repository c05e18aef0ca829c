"""Formats that the config describes: fields in manufacturer and service data."""

import pytest

from gatewayd.plugin import Channel, OptionError
from gatewayd.testing import made as configured
from gatewayd_plugins.ble.advertisement import Advertisement
from gatewayd_plugins.ble.decoders.decoded import Serial, Undecodable
from gatewayd_plugins.ble.decoders.described import Described, FieldOptions, SequenceOptions

BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"


def described(data="manufacturer:0x1234", begins="", sequence=None, **fields):
    options = {name: configured(FieldOptions, **each) for name, each in fields.items()}
    counting = None if sequence is None else configured(SequenceOptions, **sequence)
    return Described(data, begins, options, counting)


def heard(manufacturer=None, services=None):
    return Advertisement("AA:BB:CC:DD:EE:FF", 0, -60, manufacturer=manufacturer or {}, services=services or {})


def values(decoder, data):
    return decoder.decode(heard({0x1234: bytes.fromhex(data)})).values


def test_fields_are_read_where_they_lie():
    decoder = described(
        level={"at": 2, "type": "uint8", "unit": "%"},
        temperature={"at": 3, "type": "int16", "byte_order": "big", "scale": 0.01, "unit": "Cel"},
        pressure={"at": 5, "type": "uint24", "scale": 0.01, "offset": 500, "unit": "hPa"},
        flow={"at": 8, "type": "float32", "unit": "l/min"},
        alarm={"at": 0, "type": "uint8", "bits": [4, 7], "labels": {"2": "leak"}},
    )
    assert values(decoder, "20ff5ff63ce80300000048c2") == {
        "level": 95,
        "temperature": -25.0,
        "pressure": 510.0,
        "flow": -50.0,
        "alarm": 2,
    }
    assert decoder.channel("alarm") == Channel("alarm", labels={2: "leak"})
    assert decoder.usual == ("level", "temperature", "pressure", "flow", "alarm")
    assert decoder.channel("other") is None


@pytest.mark.parametrize("code", [0x8000, -0x8000])
def test_a_code_for_no_value_is_bad(code):
    decoder = described(t={"type": "int16", "byte_order": "big", "scale": 0.1, "absent": [0x7FFF, code]})
    nothing = decoder.decode(heard({0x1234: bytes.fromhex("8000")}))
    assert not nothing.values
    assert nothing.bad == {"t": "no value (code -32768)"}
    assert values(decoder, "8001") == {"t": pytest.approx(-3276.7)}


@pytest.mark.parametrize("data", ["7fc00000", "7f800000", "ff800000"])
def test_what_is_no_number_is_bad(data):
    decoder = described(t={"type": "float32", "byte_order": "big"})
    assert "finite" in decoder.decode(heard({0x1234: bytes.fromhex(data)})).bad["t"]


def test_short_data_are_refused_as_a_whole():
    decoder = described(a={"at": 0, "type": "uint8"}, b={"at": 1})
    with pytest.raises(Undecodable, match="before b does, at byte 3"):
        values(decoder, "0102")


def test_data_of_services_and_of_a_kind_that_begins_so():
    decoder = described("service:180f", "10 03", level={"at": 2, "type": "uint8"})
    assert decoder.decode(heard(services={BATTERY_SERVICE: bytes.fromhex("100363")})).values == {"level": 99}
    assert decoder.decode(heard(services={BATTERY_SERVICE: bytes.fromhex("100463")})) is None
    assert decoder.decode(heard({0x180F: bytes.fromhex("100363")})) is None


def test_fields_may_lie_in_data_of_several_kinds():
    decoder = described(
        "manufacturer:0x1234",
        "01",
        temperature={"at": 1, "type": "uint8"},
        battery={"at": 1, "type": "uint8", "begins": "02"},
        level={"at": 0, "type": "uint8", "data": "service:180f"},
    )
    assert values(decoder, "0115") == {"temperature": 21}
    assert values(decoder, "0264") == {"battery": 100}
    both = heard({0x1234: bytes.fromhex("0115")}, {BATTERY_SERVICE: b"\x60"})
    assert decoder.decode(both).values == {"temperature": 21, "level": 96}
    assert decoder.decode(heard({0x1234: b"\x03"})) is None


def test_a_sequence_numbers_the_readings():
    decoder = described(sequence={"at": 0, "type": "uint16"}, a={"at": 2, "type": "uint8"})
    assert decoder.numbered
    assert decoder.decode(heard({0x1234: bytes.fromhex("010203")})).serial == Serial(0x0201, 65536)
    assert not described(a={}).numbered


def test_a_sequence_that_is_cut_off_is_refused():
    decoder = described(sequence={"at": 4}, a={"type": "uint8"})
    with pytest.raises(Undecodable, match="sequence"):
        values(decoder, "0102")


@pytest.mark.parametrize(
    ("options", "field", "path", "what"),
    [
        ({"data": ""}, {}, ("data",), "data is missing"),
        ({"data": "0x0499"}, {}, ("data",), "does not say whose"),
        ({"data": "manufacturer:ruuvi"}, {}, ("data",), "not the number of a company"),
        ({"data": "manufacturer:0x10000"}, {}, ("data",), "not the number of a company"),
        ({"data": "service:fcd"}, {}, ("data",), "UUID"),
        ({"begins": "1"}, {}, ("begins",), "hexadecimal"),
        ({"begins": "xy"}, {}, ("begins",), "hexadecimal"),
        ({}, {"data": "nobody:1"}, ("fields", "a", "data"), "does not say whose"),
        ({}, {"begins": "zz"}, ("fields", "a", "begins"), "hexadecimal"),
        ({}, {"scale": 0.0}, ("fields", "a", "scale"), "leaves nothing"),
        ({}, {"scale": float("inf")}, ("fields", "a", "scale"), "leaves nothing"),
        ({}, {"offset": float("nan")}, ("fields", "a", "offset"), "not a number"),
        ({}, {"type": "int16", "bits": [0, 1]}, ("fields", "a", "bits"), "unsigned"),
        ({}, {"type": "uint8", "bits": [4, 8]}, ("fields", "a", "bits"), "no bits of uint8"),
        ({}, {"type": "uint8", "bits": [5, 4]}, ("fields", "a", "bits"), "no bits of uint8"),
        ({}, {"type": "uint8", "absent": [1, 256]}, ("fields", "a", "absent", 1), "does not fit"),
        ({}, {"type": "int8", "absent": [-129]}, ("fields", "a", "absent", 0), "does not fit"),
        ({}, {"type": "float32", "absent": [0]}, ("fields", "a", "absent"), "no codes"),
        ({}, {"unit": "°C"}, ("fields", "a", "unit"), "UCUM"),
        ({}, {"unit": "degC"}, ("fields", "a", "unit"), "'degC' is not a UCUM code"),
        ({}, {"unit": "rpm/s"}, ("fields", "a", "unit"), "UCUM"),
        ({}, {"unit": "g"}, ("fields", "a", "unit"), "UCUM"),
        ({}, {"range": [5.0, 5.0]}, ("fields", "a", "range"), "no range"),
        ({}, {"labels": {"on": "x"}}, ("fields", "a", "labels", "on"), "not a value"),
        ({}, {"labels": {"--1": "x"}}, ("fields", "a", "labels", "--1"), "not a value"),
        ({}, {"labels": {"\u00b2": "x"}}, ("fields", "a", "labels", "\u00b2"), "not a value"),
        ({}, {"labels": {"1": "x", "01": "y"}}, ("fields", "a", "labels", "01"), "1 has a name already: 'x'"),
        ({"sequence": {"at": 0, "type": "int8"}}, {}, ("sequence", "type"), "does not count"),
        ({"sequence": {"at": 0, "type": "uint48"}}, {}, ("sequence", "type"), "does not count"),
    ],
)
def test_options_that_mean_nothing_are_refused_at_their_key(options, field, path, what):
    with pytest.raises(OptionError, match=what) as caught:
        described(**options, a=field)
    assert caught.value.option == path
    assert caught.value.fix
