"""The decoder of Eddystone-TLM against google/eddystone: eddystone-tlm/tlm-plain.md (commit 3fb28b6), and the frames of
tools/eddystone-validator/…/TlmValidatorTest.java (commit 38e57bd)."""

import pytest

from gatewayd_plugins.ble.advertisement import Advertisement
from gatewayd_plugins.ble.decoders.decoded import Undecodable
from gatewayd_plugins.ble.decoders.eddystone import CHANNELS, SERVICE, EddystoneTlm


def decoded(data):
    return EddystoneTlm().decode(Advertisement("00:00:00:00:00:01", 0, -60, services={SERVICE: bytes.fromhex(data)}))


def frame(voltage="1388", temperature="1500", advertisements="00000001", seconds="00000001"):
    """By default the frame of TlmValidatorTest: 5000 mV, 21 °C, one advertisement, 0.1 s."""
    return "2000" + voltage + temperature + advertisements + seconds


def test_the_frame_of_the_validator():
    assert decoded(frame()).values == {"battery": 5.0, "temperature": 21.0, "advertisements": 1, "uptime": 0.1}
    assert not decoded(frame()).bad


@pytest.mark.parametrize(
    ("bytes_", "degrees"), [("ff00", -1.0), ("3d00", 61.0), ("15c0", 21.75), ("7fff", 128 - 1 / 256)]
)
def test_temperatures_are_fixed_point_numbers_of_8_and_8_bits(bytes_, degrees):
    assert decoded(frame(temperature=bytes_)).values["temperature"] == degrees


@pytest.mark.parametrize(("bytes_", "volts"), [("01f3", 0.499), ("2711", 10.001)])
def test_voltages_are_millivolts(bytes_, volts):
    assert decoded(frame(voltage=bytes_)).values["battery"] == volts


def test_counts_are_large_numbers():
    values = decoded(frame(advertisements="38640901", seconds="38640901")).values
    assert (values["advertisements"], values["uptime"]) == (946080001, 94608000.1)


def test_what_a_beacon_does_not_measure_has_no_value():
    powered = decoded(frame(voltage="0000", temperature="8000"))
    assert set(powered.values) == {"advertisements", "uptime"}
    assert set(powered.bad) == {"battery", "temperature"}


@pytest.mark.parametrize("data", ["", "00ee" + "00" * 16, "10ee0377", "30ee"])
def test_other_frames_are_left_to_others(data):
    assert decoded(data) is None


def test_other_services_are_left_to_others():
    assert EddystoneTlm().decode(Advertisement("00:00:00:00:00:01", 0, -60)) is None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (frame()[:-2], "length"),
        (frame() + "00", "length"),
        ("20", "length"),
        ("2010" + frame()[4:], "version"),
        ("2001" + "00" * 16, "encrypted"),
    ],
)
def test_what_is_of_another_version_or_length_is_refused(data, why):
    with pytest.raises(Undecodable, match=why):
        decoded(data)


def test_every_value_has_a_channel():
    assert set(decoded(frame()).values) == set(CHANNELS) == set(EddystoneTlm().usual)
