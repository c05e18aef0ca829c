"""Types beyond plain numbers: bits, bytes, decimal digits, signs, texts; and codes for no value."""

import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from modbus_source import configured

from gatewayd.plugin import Quality
from gatewayd_plugins.modbus.fields.field import Field
from gatewayd_plugins.modbus.fields.numbers import NumberType
from gatewayd_plugins.modbus.fields.orders import places
from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.writing.encoding import encoded

WRITTEN = [each for each in NumberType if each not in {"bool", "int8", "uint8", "string"}]
FOUR = ["ABCD", "DCBA", "BADC", "CDAB"]
EIGHT = ["ABCDEFGH", "HGFEDCBA", "BADCFEHG", "GHEFCDAB", "EFGHABCD", "CDABGHEF", "DCBAHGFE", "FEHGBADC"]


def read(memory, **channels):
    """Value or reason of each channel, of a device with these bytes in the holding registers from 0 on."""
    source = configured(channels=channels)
    (poll,) = source.polls(1.0)
    reading = source._readings[poll.interval]
    block = reading.block([memory[2 * each.address : 2 * each.end] for each in reading.requests])
    qualities = block.qualities if block.qualities is not None else [Quality.GOOD] * len(block.channels)
    told = {}
    for name, value, quality in zip(block.channels, block.values.tolist(), qualities, strict=True):
        assert (quality == Quality.BAD) == (name in block.reasons)
        assert quality == Quality.GOOD or math.isnan(value)
        told[name] = block.reasons.get(name, value)
    return told


def one(memory, **options):
    return read(memory, x={"register": "holding:0", **options})["x"]


# --- numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("registers", "number_type", "value"),
    [
        ("3E00", "float16", 1.5),
        ("FBFF", "float16", -65504.0),
        ("1234", "bcd16", 1234),
        ("9999", "bcd16", 9999),
        ("12345678", "bcd32", 12345678),
        ("0000000012345678", "bcd64", 12345678),
        ("8005", "signmag16", -5),
        ("7FFF", "signmag16", 32767),
        ("80000100", "signmag32", -256),
        ("007B11D7", "mod10k32", 1234567),  # 123 and 4567, the example of Schneider's FAQ FA146443
        ("FFFFFFFF", "mod10k32", -10001),  # each register has its sign
        ("000000010002", "mod10k48", 10002),
        ("000000000001270F", "mod10k64", 19999),
    ],
)
def test_numbers_that_numpy_does_not_know(registers, number_type, value):
    assert one(bytes.fromhex(registers), type=number_type) == value


def test_power_meters_of_schneider_have_the_last_digits_first():
    """Registers 1700 to 1703 of FAQ FA146443: 4567, 0123, 0000, 0000."""
    registers = struct.pack(">4h", 4567, 123, 0, 0)
    assert one(registers, type="mod10k64", byte_order="CDAB", unit="W.h") == 1234567


@pytest.mark.parametrize(
    ("registers", "number_type", "reason"),
    [
        ("12A4", "bcd16", "0x12A4 is no bcd16"),
        ("FFFF", "bcd16", "0xFFFF is no bcd16"),
        ("1234F678", "bcd32", "0x1234F678 is no bcd32"),
        ("00002710", "mod10k32", "0x00002710 is no mod10k32"),
        ("80000000", "mod10k32", "0x80000000 is no mod10k32"),
    ],
)
def test_what_is_no_number_of_its_type_is_bad_and_says_what_it_was(registers, number_type, reason):
    assert one(bytes.fromhex(registers), type=number_type) == reason


@given(st.data())
def test_what_is_encoded_is_decoded_again_whatever_the_type_and_order(data):
    number_type = data.draw(st.sampled_from(WRITTEN))
    size = number_type.bits // 8
    order = data.draw(st.sampled_from(FOUR + EIGHT * (size == 8)))
    low, high = number_type.span
    exact = st.integers(max(int(low), -(2**53)), min(int(high), 2**53))
    width = number_type.bits if number_type.family == "float" else 0
    value = data.draw(st.floats(width=width, allow_nan=False, allow_infinity=False) if width else exact)
    field = Field(Table.HOLDING, 0, number_type.registers, number_type, byte_order=order)
    assert one(encoded(field, value), type=number_type.value, byte_order=order) == value


@given(st.data())
def test_any_bytes_become_a_number_or_a_reason(data):
    channels = {}
    for name in "abcdef":
        number_type = data.draw(st.sampled_from([*WRITTEN, None]))
        channels[name] = {"register": f"holding:{data.draw(st.integers(0, 20))}", "type": number_type}
    told = read(data.draw(st.binary(min_size=60, max_size=60)), **channels)
    assert all(isinstance(each, float) or " is no " in each for each in told.values())


@pytest.mark.parametrize("order", EIGHT)
def test_orders_of_64_bits_by_all_their_letters(order):
    number = bytes(range(1, 9))
    registers = bytes(number["ABCDEFGH".index(letter)] for letter in order)
    assert one(registers, type="uint64", byte_order=order) == float(0x0102030405060708)


def test_four_letters_are_short_for_the_eight_that_follow_the_same_rule():
    same = {"ABCD": "ABCDEFGH", "DCBA": "HGFEDCBA", "BADC": "BADCFEHG", "CDAB": "GHEFCDAB"}
    for short, whole in same.items():
        assert places(short, 8) == places(whole, 8)


# --- parts of registers -------------------------------------------------------------------------------------------


def test_bits_from_a_first_to_a_last_one_are_a_number():
    status = bytes.fromhex("A5C3")
    assert read(
        status,
        low={"register": "holding:0", "bits": "0..3"},
        middle={"register": "holding:0", "bits": [4, 11]},
        high={"register": "holding:0", "bits": "12..15", "scale": 0.5},
        signed={"register": "holding:0", "type": "int16", "bits": "12..15"},
        all={"register": "holding:0", "bits": "0..15"},
        one={"register": "holding:0", "bits": "7..7"},
    ) == {"low": 0x3, "middle": 0x5C, "high": 5.0, "signed": -6, "all": 0xA5C3, "one": 1}


def test_bits_of_wider_numbers_follow_their_byte_order():
    memory = bytes.fromhex("0000 8001")
    assert read(
        memory,
        top={"register": "holding:0", "type": "uint32", "byte_order": "CDAB", "bit": 31},
        low={"register": "holding:0", "type": "uint32", "byte_order": "CDAB", "bit": 16},
        none={"register": "holding:0", "type": "uint32", "bit": 31},
        part={"register": "holding:0", "type": "uint32", "byte_order": "CDAB", "bits": "16..31"},
    ) == {"top": 1, "low": 1, "none": 0, "part": 0x8001}


@given(st.integers(0, 2**64 - 1), st.integers(0, 63), st.integers(0, 63), st.booleans())
def test_bits_are_those_of_the_number(number, one_end, other_end, signed):
    first, last = sorted((one_end, other_end))
    width = last - first + 1
    expected = number >> first & (1 << width) - 1
    if signed and expected >> width - 1:
        expected -= 1 << width
    options = {"type": "int64" if signed else "uint64", "bits": [first, last]}
    assert one(number.to_bytes(8, "big"), **options) == float(expected)


def test_a_register_holds_two_bytes():
    memory = bytes.fromhex("807F FE01")
    assert read(
        memory,
        a={"register": "holding:0", "type": "int8", "byte": "high"},
        b={"register": "holding:0", "type": "int8", "byte": "low"},
        c={"register": "holding:0", "type": "uint8", "byte": "high"},
        d={"register": "holding:1", "byte": "high"},
        e={"register": "holding:1", "type": "int8", "byte": "high"},
    ) == {"a": -128, "b": 127, "c": 128, "d": 254, "e": -2}


# --- texts --------------------------------------------------------------------------------------------------------


def test_a_text_stands_for_a_number():
    options = {"type": "string", "length": 8, "values": {"RUN": 1, "STOP": 0, "FAULT": -1}}
    assert one(b"RUN\0\0\0\0\0", **options) == 1
    assert one(b"STOP    ", **options) == 0
    assert one(b"FAULT\0xy", **options) == -1
    assert one(b"UR\0N\0\0\0\0", byte_order="BADC", **options) == 1
    assert one(b"STOPPEDx", **{**options, "length": 7, "values": {"STOPPED": 2}}) == 2
    assert one(b"DxPEOPST", byte_order="CDAB", **{**options, "length": 7, "values": {"STOPPED": 2}}) == 2
    assert one(b"WARM\xff\x07  ", **options) == "unknown text 'WARM\N{REPLACEMENT CHARACTER}'"


def test_a_text_that_changes_is_another_number():
    channels = {"x": {"register": "holding:0", "type": "string", "length": 4, "values": {"ON": 1, "OFF": 0}}}
    source = configured(channels=channels)
    (poll,) = source.polls(1.0)
    reading = source._readings[poll.interval]
    given_values = [reading.block([each]).values[0] for each in (b"ON\0\0", b"ON\0\0", b"OFF\0", b"????", b"ON\0\0")]
    np.testing.assert_array_equal(given_values, [1, 1, 0, np.nan, 1])


# --- no value -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("registers", "options", "reason"),
    [
        ("7FFF", {"type": "int16", "absent": 32767, "scale": 0.1}, "no sensor (code 32767)"),
        ("8000", {"type": "int16", "absent": [32767, "0x8000"]}, "no sensor (code 0x8000)"),
        ("8000", {"type": "int16", "absent": -32768}, "no sensor (code -32768)"),
        ("FFFF", {"absent": ["0xffff"]}, "no sensor (code 0xffff)"),
        ("FFFE", {"absent": {"65535": "no sensor", "0xFFFE": "broken wire"}}, "broken wire (code 0xFFFE)"),
        ("C479F99A", {"type": "float32", "absent": -999.9}, "no sensor (code -999.9)"),
        ("7F800001", {"type": "int32", "absent": "0x7F800001"}, "no sensor (code 0x7F800001)"),
        ("0000F9C6", {"type": "uint32", "byte_order": "CDAB", "absent": "0xF9C60000"}, "no sensor (code 0xF9C60000)"),
        ("8000", {"type": "signmag16", "absent": "0x8000"}, "no sensor (code 0x8000)"),
        ("FF" * 8, {"type": "uint64", "absent": 2**64 - 1}, "no sensor (code 18446744073709551615)"),
        ("7F" + "FF" * 7, {"type": "int64", "absent": 2**63 - 1}, "no sensor (code 9223372036854775807)"),
        ("80000000", {"type": "float32", "absent": "0x80000000"}, "no sensor (code 0x80000000)"),
        ("80000000", {"type": "float32", "absent": 0}, "no sensor (code 0)"),
        ("00F0", {"bits": "4..7", "absent": 15}, "no sensor (code 15)"),
        ("80FF", {"type": "int8", "byte": "high", "absent": "0x80"}, "no sensor (code 0x80)"),
        ("8000000000000000", {"type": "int64", "absent": "0x8000000000000000"}, "no sensor (code 0x8000000000000000)"),
    ],
)
def test_a_code_for_no_value_is_bad_and_named_as_it_was_written(registers, options, reason):
    assert one(bytes.fromhex(registers), **options) == reason


@pytest.mark.parametrize(("registers", "kind"), [("0000", "signmag16"), ("00000000", "float32")])
def test_zero_is_not_what_a_negative_zero_means(registers, kind):
    assert one(bytes.fromhex(registers), type=kind, absent="0x80" + registers[2:]) == 0


def test_only_the_channel_that_has_the_code_is_bad():
    memory = struct.pack(">3h", 32767, 32767, 215)
    assert read(
        memory,
        a={"register": "holding:0", "type": "int16", "absent": [32767]},
        b={"register": "holding:1", "type": "int16"},
        c={"register": "holding:2", "type": "int16", "absent": [32767], "scale": 0.1},
    ) == {"a": "no sensor (code 32767)", "b": 32767, "c": 21.5}
