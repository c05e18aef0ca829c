import struct

import numpy as np
import pytest

from gatewayd_iio.scan import Element, Layout


@pytest.mark.parametrize(
    ("kind", "stored", "number"),
    [
        ("le:s12/16>>4", struct.pack("<H", 0x7FF0), 2047),
        ("le:s12/16>>4", struct.pack("<H", 0x800F), -2048),
        ("be:s16/16>>0", struct.pack(">h", -1234), -1234),
        ("be:s20/32>>12", struct.pack(">I", 0xFFFFF000), -1),
        ("le:u24/32>>8", struct.pack("<I", 0xFFFFFF12), 0xFFFFFF),
        ("le:s16/32", struct.pack("<I", 0xDEAD8000), -32768),
        ("le:u8/8", b"\xff", 255),
        ("le:s64/64>>0", struct.pack("<q", 2**62 + 1), 2**62 + 1),
    ],
)
def test_a_stored_value_becomes_a_number(kind, stored, number):
    numbers = Layout([Element.parse("x", 0, kind)]).numbers(stored)
    assert numbers["x"].tolist() == [number]


def test_elements_lie_at_multiples_of_their_size_and_scans_of_the_largest():
    layout = Layout(
        [
            Element.parse("in_timestamp", 3, "le:s64/64>>0"),
            Element.parse("in_accel_x", 0, "le:s12/16>>4"),
            Element.parse("in_temp", 1, "le:s20/32>>12"),
        ]
    )
    assert layout.size == 16
    one = struct.pack("<hxxiq", 5 << 4, -7 << 12, 9)
    numbers = layout.numbers(one + one)
    assert {name: values.tolist() for name, values in numbers.items()} == {
        "in_accel_x": [5, 5],
        "in_temp": [-7, -7],
        "in_timestamp": [9, 9],
    }
    assert all(values.dtype == np.int64 for values in numbers.values())


def test_without_a_timestamp_scans_are_packed():
    assert Layout([Element.parse(axis, n, "be:s16/16") for n, axis in enumerate("xyz")]).size == 6


@pytest.mark.parametrize("kind", ["", "le:s12", "xe:s12/16", "le:s12/16>>8", "le:s0/16", "le:s12/16X4>>4", "le:s12/24"])
def test_a_type_that_is_none_is_refused(kind):
    with pytest.raises(ValueError, match="in_accel_x has the type"):
        Element.parse("in_accel_x", 0, kind)
