"""Types of numbers, as they stand in bytes."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd_plugins.ble.numbers.number import Number
from gatewayd_plugins.ble.numbers.types import NumberType, unpack


@pytest.mark.parametrize(
    ("kind", "data", "value"),
    [
        ("uint8", "ff", 255),
        ("int8", "ff", -1),
        ("uint16", "0180", 32769),
        ("int16", "0180", -32767),
        ("uint24", "138a01", 100883),
        ("int24", "ffffff", -1),
        ("uint32", "2a2c0960", 1611213866),
        ("int32", "ea0234ea", -365690134),
        ("uint48", "010000000080", 2**47 + 1),
        ("uint64", "ffffffffffffffff", 2**64 - 1),
        ("int64", "ffffffffffffffff", -1),
        ("float16", "003e", 1.5),
        ("float32", "0000c03f", 1.5),
        ("float64", "000000000000f83f", 1.5),
    ],
)
def test_numbers_begin_with_their_least_byte_or_with_their_greatest(kind, data, value):
    kind, data = NumberType(kind), bytes.fromhex(data)
    assert kind.size == len(data)
    assert unpack(kind, data, "little") == value
    assert unpack(kind, data[::-1], "big") == value


@pytest.mark.parametrize(
    ("kind", "code", "value"),
    [
        ("sfloat", 0x0062, 98.0),
        ("sfloat", 0xF16F, 36.7),
        ("sfloat", 0xFFFF, -0.1),
        ("sfloat", 0x7001, 1e7),
        ("sfloat", 0x8800, -2048e-8),
        ("sfloat", 0x07FE, math.inf),
        ("sfloat", 0x0802, -math.inf),
        ("sfloat", 0x07FF, math.nan),
        ("sfloat", 0x0800, math.nan),
        ("sfloat", 0x0801, math.nan),
        ("float", 0xFF00016F, 36.7),
        ("float", 0x00000062, 98.0),
        ("float", 0x0200000A, 1000.0),
        ("float", 0x007FFFFE, math.inf),
        ("float", 0x00800002, -math.inf),
        ("float", 0x007FFFFF, math.nan),
        ("float", 0x00800000, math.nan),
        ("float", 0x00800001, math.nan),
    ],
)
def test_decimal_numbers_of_ieee_11073(kind, code, value):
    """The five special mantissas are those of IEEE 11073-20601, which the Bluetooth health profiles refer to."""
    kind = NumberType(kind)
    assert unpack(kind, code.to_bytes(kind.size, "little"), "little") == pytest.approx(value, rel=0, abs=0, nan_ok=True)


@given(st.sampled_from(NumberType), st.sampled_from(["little", "big"]), st.binary(max_size=12), st.integers(0, 4))
def test_whatever_the_bytes_are_there_is_a_value_or_a_reason(kind, order, data, at):
    value, reason = Number(kind, at, order).read(data)
    assert math.isfinite(value) != bool(reason)
    assert not reason if kind.is_whole and len(data) >= at + kind.size else True


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float32_is_what_was_sent(value):
    assert Number(NumberType.FLOAT32, 1).read(b"\0" + struct.pack("<f", value)).value == value


def test_data_that_are_too_short_say_so():
    assert Number(NumberType.UINT16, 3).read(bytes(4)).reason == "it has 4 bytes, and the value ends at byte 5"
