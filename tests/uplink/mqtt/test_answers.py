"""What may come from a broker is told from the headers alone, wherever the stream is cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd.uplink.mqtt.answers import MOST_BYTES, MOST_SURPLUS, Answers

PUBACK, PINGRESP = b"\x40\x02\x00\x07", b"\xd0\x00"
LARGEST = b"\x40" + bytes([0x80 | (MOST_BYTES - 3) % 128, (MOST_BYTES - 3) // 128]) + bytes(MOST_BYTES - 3)
PUBLISH = b"\x30\x06\x00\x01x\x00ab"


def taken(pieces, asked=0):
    """How many bytes are let through, and what is said of the rest."""
    answers, through = Answers(), 0
    for _ in range(asked):
        answers.asked()
    for piece in pieces:
        sound, wrong = answers.sound(piece)
        through += sound
        if wrong is not None:
            return through, str(wrong)
    return through, None


@given(st.lists(st.sampled_from([PUBACK, PINGRESP, LARGEST]), max_size=20), st.lists(st.integers(0, 9000), max_size=9))
def test_answers_pass_however_they_are_cut(packets, cuts):
    stream = b"".join(packets)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(edges)]
    assert taken(pieces) == (len(stream), None)


@given(st.lists(st.sampled_from([PUBACK, PINGRESP]), max_size=9), st.integers(1, 5))
def test_what_comes_before_the_first_wrong_packet_is_let_through(packets, size):
    stream = b"".join(packets)
    assert taken([stream + PUBLISH])[0] == len(stream)
    through, wrong = taken([(stream + PUBLISH)[at : at + size] for at in range(0, len(stream + PUBLISH), size)])
    assert (through, wrong) == (len(stream), "the broker sends what nobody asked for (PUBLISH)")


@given(st.binary(max_size=300))
def test_no_bytes_at_all_break_it(data):
    through, wrong = taken([data])
    assert through == len(data) if wrong is None else through < len(data)


def test_one_byte_more_than_the_most_is_too_much():
    larger = b"\x40" + bytes([0x80 | (MOST_BYTES - 2) % 128, (MOST_BYTES - 2) // 128]) + bytes(MOST_BYTES - 2)
    assert taken([LARGEST]) == (MOST_BYTES, None)
    assert taken([larger]) == (0, "the broker sends a packet of 2,049 bytes (PUBACK), where 2,048 are plenty")


def test_a_length_that_does_not_end_is_not_mqtt():
    assert taken([b"\xd0\xff\xff\xff\xff\x01"])[1].startswith("the broker sends what is not MQTT")


@pytest.mark.parametrize("asked", [0, 1, 50])
def test_each_packet_of_ours_may_have_an_answer_and_a_few_more_are_forgiven(asked):
    enough = PINGRESP * (MOST_SURPLUS + asked)
    assert taken([enough], asked) == (len(enough), None)
    assert taken([enough + PUBACK], asked) == (len(enough), "the broker answers more often than it was asked")
