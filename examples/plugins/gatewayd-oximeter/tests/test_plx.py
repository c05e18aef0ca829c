import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd_oximeter.plx import Measurement, PacketError, continuous
from gatewayd_oximeter.sfloat import sfloat


@pytest.mark.parametrize(
    ("raw", "number"),
    [(0x0061, 97.0), (0xF3CF, 97.5), (0, 0.0), (0x0FFF, -1.0), (0x2001, 100.0), (0x87FD, 2045e-8), (0xF801, -204.7)],
)
def test_a_short_float(raw, number):
    assert sfloat(raw & 0xFF, raw >> 8) == pytest.approx(number)


@pytest.mark.parametrize("raw", [0x07FF, 0x0800, 0x0801])
def test_what_is_no_number(raw):
    assert math.isnan(sfloat(raw & 0xFF, raw >> 8))


def test_the_infinities():
    assert (sfloat(0xFE, 0x07), sfloat(0x02, 0x08)) == (math.inf, -math.inf)


def test_saturation_and_pulse():
    assert str(continuous(bytes([0, 97, 0, 63, 0]))) == str(Measurement(97.0, 63.0))


def test_everything_that_a_packet_may_have():
    packet = bytes([0x1F]) + struct.pack("<HH HH HH H", 97, 63, 96, 64, 98, 62, 1 << 6) + b"\x10\x00\x00" + b"\x19\xf0"
    measurement = continuous(packet)
    assert (measurement.spo2, measurement.pulse, measurement.amplitude) == (97, 63, 2.5)
    assert measurement.doubts == ("early estimate", "poor signal")
    assert measurement.failures == ()


def test_a_sensor_that_is_not_on_a_finger():
    measurement = continuous(bytes([0x08, 0xFF, 0x07, 0xFF, 0x07, 0x00, 0x08, 0x00]))
    assert measurement.failures == ("sensor not on a finger",)
    assert math.isnan(measurement.spo2)


@pytest.mark.parametrize("packet", [b"", b"\0", b"\0\x61\0\x3f", b"\x04\x61\0\x3f\0\0", b"\x10\x61\0\x3f\0"])
def test_a_packet_that_is_too_short_is_told(packet):
    with pytest.raises(PacketError, match="shorter than its flags say"):
        continuous(packet)


@given(st.binary(max_size=30))
def test_any_packet_is_read_or_refused(packet):
    try:
        measurement = continuous(packet)
    except PacketError:
        return
    assert isinstance(measurement.spo2, float)
