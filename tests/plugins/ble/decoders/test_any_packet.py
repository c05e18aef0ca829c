"""One bad packet hurts nothing: decoders and listeners on whatever may be advertised."""

import ble_packets
import pytest
from hypothesis import given
from hypothesis import strategies as st

RIGHT = [(which, bytes.fromhex(data)) for which, data in ble_packets.RIGHT]
BEGINNINGS = [b"", b"\x03", b"\x05", b"\x06", b"\xe1", b"\x40", b"\x41", b"\x42", b"\x43", b"\x20\x00", b"\x20\x01"]

anything = st.builds(bytes.__add__, st.sampled_from(BEGINNINGS), st.binary(max_size=48))


@st.composite
def damaged(draw):
    """A right packet in which some bytes are others, or missing."""
    which, data = draw(st.sampled_from(RIGHT))
    broken = bytearray(data)
    for place, byte in draw(st.lists(st.tuples(st.integers(0, len(data) - 1), st.integers(0, 255)), max_size=3)):
        broken[place] = byte
    return which, bytes(broken[: draw(st.integers(0, len(data)))]) if draw(st.booleans()) else bytes(broken)


@pytest.mark.parametrize(("which", "data"), RIGHT)
def test_right_packets_pass(which, data):
    ble_packets.check_decoder(which, data)
    assert ble_packets.MAKERS[which]().decode(ble_packets.advertised(data)).values


@given(st.sampled_from(range(len(ble_packets.MAKERS))), anything)
def test_whatever_is_advertised_is_decoded_or_refused(which, data):
    ble_packets.check_decoder(which, data)


@given(damaged())
def test_whatever_a_damaged_packet_says_is_of_the_format(packet):
    ble_packets.check_decoder(*packet)


@given(
    st.sampled_from(range(len(ble_packets.MAKERS))), st.lists(st.one_of(anything, damaged().map(lambda each: each[1])))
)
def test_whatever_is_heard_gatewayd_can_take_what_is_reported(which, packets):
    ble_packets.check_listener(which, packets)
