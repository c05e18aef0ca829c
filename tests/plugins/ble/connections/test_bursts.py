import random
import struct
from functools import cache
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd_plugins.ble.connections.bursts import MOST_WAITING, SECOND, Gathering
from gatewayd_plugins.ble.connections.options import Counted
from gatewayd_plugins.ble.connections.packets import Counter, Layout
from gatewayd_plugins.ble.numbers.types import NumberType

MS = SECOND // 1000
INDEX = Counter(0, NumberType.UINT8, "little")
NUMBER = Counter(1, NumberType.UINT8, "little")
NUMBERED = Layout(20, NumberType.INT16, at=2, index=INDEX, burst=NUMBER)
INDEXED = Layout(20, NumberType.INT16, at=2, index=INDEX)
PLAIN = Layout(20, NumberType.INT16, at=2)


@cache
def values(seed):
    return np.random.default_rng(seed).integers(-30_000, 30_000, 20).astype("<i2")


def packets(wave, number=0, each=4):
    """Packets of `each` values, with index and number of the burst."""
    return [
        bytes([place, number]) + wave[begin : begin + each].tobytes()
        for place, begin in enumerate(range(0, len(wave), each))
    ]


def gathered(layout, sent, *, every=MS, timeout=10.0, asked=False, until=None):
    gathering = Gathering(layout, timeout, asked=asked)
    for place, packet in enumerate(sent):
        gathering.packet(packet, place * every)
    return gathering.take(len(sent) * every if until is None else until)


def same(burst, wave):
    return burst.values.tolist() == wave.tolist()


@pytest.mark.parametrize("layout", [NUMBERED, INDEXED, PLAIN])
def test_packets_make_a_burst(layout):
    (burst,) = gathered(layout, packets(values(1)))
    assert same(burst, values(1))
    assert (burst.time, burst.missing) == (0, 0)


@pytest.mark.parametrize("layout", [NUMBERED, INDEXED, PLAIN])
def test_bursts_follow_each_other(layout):
    first, second = gathered(layout, packets(values(1), 1) + packets(values(2), 2))
    assert same(first, values(1))
    assert same(second, values(2))
    assert second.time == 5 * MS


@pytest.mark.parametrize("layout", [NUMBERED, INDEXED])
@pytest.mark.parametrize("lost", range(5))
def test_a_lost_packet_leaves_a_gap_and_spoils_no_other_burst(layout, lost):
    sent = packets(values(1), 1)
    del sent[lost]
    first, second = gathered(layout, sent + packets(values(2), 2))
    assert first.missing == 4
    assert first.values.tolist() == np.delete(values(1), np.s_[4 * lost : 4 * lost + 4]).tolist()
    assert same(second, values(2))
    assert second.missing == 0


@pytest.mark.parametrize("layout", [NUMBERED, INDEXED])
def test_a_packet_that_comes_twice_counts_once(layout):
    sent = packets(values(1), 1)
    (burst,) = gathered(layout, [*sent[:2], sent[1], *sent[2:4], sent[0], sent[4]])
    assert same(burst, values(1))
    assert burst.missing == 0


@pytest.mark.parametrize(("layout", "asked"), [(NUMBERED, False), (INDEXED, True)])
def test_a_late_packet_finds_its_place(layout, asked):
    sent = packets(values(1), 1)
    (burst,) = gathered(layout, [sent[0], sent[2], sent[3], sent[1], sent[4]], asked=asked)
    assert same(burst, values(1))


def test_a_late_packet_is_not_guessed_to_be_of_the_same_burst():
    sent = packets(values(1), 1)
    bursts = gathered(INDEXED, [sent[0], sent[2], sent[3], sent[1], sent[4]], until=11 * SECOND)
    assert [burst.missing for burst in bursts] == [8, 12]


def test_a_packet_of_a_burst_that_is_over_is_not_taken_for_the_next_one():
    old, new = packets(values(1), 1), packets(values(2), 2)
    first, second = gathered(NUMBERED, [*old[:4], new[0], old[4], *new[1:]])
    assert first.missing == 4
    assert same(second, values(2))


def test_a_number_that_never_changes_does_not_silence_the_device():
    sent = packets(values(1), 7)
    bursts = gathered(NUMBERED, [*sent, *sent, *sent], every=SECOND)
    assert len(bursts) == 3


def test_without_numbers_another_packet_in_the_same_place_begins_the_next_burst():
    first, second = gathered(INDEXED, packets(values(1))[:3] + packets(values(2)))
    assert (len(first.values), first.missing) == (12, 8)
    assert same(second, values(2))


def test_what_is_sent_beyond_the_count_is_left_out():
    wave = np.arange(24, dtype="<i2")
    first, second = gathered(INDEXED, packets(wave) + packets(wave + 100))
    assert same(first, wave[:20])
    assert same(second, wave[:20] + 100)


def test_a_last_packet_may_be_filled_up():
    layout = Layout(18, NumberType.INT16, at=2, index=INDEX)
    (burst,) = gathered(layout, packets(values(1)))
    assert same(burst, values(1)[:18])


def test_a_burst_that_does_not_become_whole_is_given_with_a_gap_in_the_end():
    gathering = Gathering(INDEXED, 2.0)
    for packet in packets(values(1))[:3]:
        gathering.packet(packet, SECOND)
    assert gathering.take(3 * SECOND) == []
    (burst,) = gathering.take(3 * SECOND + 1)
    assert burst.missing == 8


def test_what_was_left_is_not_mixed_into_a_burst_that_comes_much_later():
    gathering = Gathering(PLAIN, 2.0)
    gathering.packet(packets(values(1))[0], 0)
    for packet in packets(values(2)):
        gathering.packet(packet, 5 * SECOND)
    first, second = gathering.take(5 * SECOND)
    assert first.missing == 16
    assert same(second, values(2))


def test_what_came_before_a_burst_was_asked_for_is_not_part_of_it():
    gathering = Gathering(INDEXED, 10.0, asked=True)
    gathering.packet(packets(values(1))[3], 0)
    gathering.begin()
    for packet in packets(values(2)):
        gathering.packet(packet, MS)
    first, second = gathering.take(MS)
    assert first.missing == 16
    assert same(second, values(2))


def test_an_index_that_is_too_small_for_a_burst_begins_anew_within_it():
    wave = np.arange(1200, dtype="<i2")
    layout = Layout(1200, NumberType.INT16, at=2, index=INDEX, burst=NUMBER)
    sent = [bytes([place % 256, 7]) + wave[4 * place : 4 * place + 4].tobytes() for place in range(300)]
    (burst,) = gathered(layout, sent)
    assert same(burst, wave)
    (holed,) = gathered(layout, sent[:100] + sent[130:], timeout=1.0, until=9 * SECOND)
    assert (len(holed.values), holed.missing) == (1080, 120)


@pytest.mark.parametrize(("counts", "factor"), [(Counted.VALUES, 1), (Counted.BYTES, 2)])
def test_an_index_may_count_values_or_bytes(counts, factor):
    layout = Layout(20, NumberType.INT16, at=2, index=INDEX, counts=counts)
    sent, after = (
        [bytes([4 * place * factor]) + packet[1:] for place, packet in enumerate(packets(values(seed)))]
        for seed in (1, 2)
    )
    (burst,) = gathered(layout, [sent[0], sent[2], sent[1], sent[3], sent[4]], asked=True)
    assert same(burst, values(1))
    first, second = gathered(layout, sent[:2] + sent[3:] + after)
    assert first.missing == 4
    assert same(second, values(2))


def test_an_index_may_begin_with_one():
    layout = Layout(20, NumberType.INT16, at=2, index=INDEX, first=1)
    sent = [bytes([place + 1]) + packet[1:] for place, packet in enumerate(packets(values(1)))]
    (burst,) = gathered(layout, sent)
    assert same(burst, values(1))


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize(("counts", "factor"), [(Counted.PACKETS, 1), (Counted.VALUES, 4), (Counted.BYTES, 24)])
def test_values_of_several_axes_may_take_turns(axis, counts, factor):
    wave = np.arange(60, dtype="<i2")
    sent = [bytes([place * factor, 0]) + wave[12 * place : 12 * place + 12].tobytes() for place in range(5)]
    layout = Layout(20, NumberType.INT16, at=2 + 2 * axis, step=3, index=INDEX, counts=counts)
    (burst,) = gathered(layout, sent)
    assert same(burst, wave[axis::3])


@pytest.mark.parametrize(
    ("kind", "order", "data", "numbers"),
    [
        (NumberType.INT8, "little", b"\xff\x7f", [-1, 127]),
        (NumberType.UINT16, "big", b"\x01\x02\xff\xff", [258, 65535]),
        (NumberType.INT24, "little", b"\xff\xff\xff\x00\x00\x80\x01\x00\x00", [-1, -8388608, 1]),
        (NumberType.INT24, "big", b"\xff\xff\xfe\x7f\xff\xff", [-2, 8388607]),
        (NumberType.UINT24, "big", b"\xff\xff\xfe", [16777214]),
        (NumberType.UINT48, "little", b"\x01\x00\x00\x00\x00\x80", [0x800000000001]),
        (NumberType.FLOAT32, "little", struct.pack("<2f", 1.5, -2.25), [1.5, -2.25]),
        (NumberType.FLOAT16, "big", struct.pack(">e", 0.5), [0.5]),
        (NumberType.INT16, "little", b"\x01\x00\x07", [1]),
    ],
)
def test_values_are_decoded_to_the_byte(kind, order, data, numbers):
    assert Layout(2, kind, byte_order=order).decode(data).tolist() == numbers


def test_a_signalling_nan_is_a_nan_and_no_warning():
    assert np.isnan(Layout(2, NumberType.FLOAT32).decode(b"\x00\x00\x81\x7f")).all()


def test_bursts_that_nobody_takes_do_not_pile_up():
    sent = [packet for number in range(100) for packet in packets(values(number), number)]
    taken = gathered(NUMBERED, sent)
    assert len(taken) == MOST_WAITING
    assert same(taken[-1], values(99))


@pytest.mark.parametrize("layout", [NUMBERED, INDEXED, PLAIN])
def test_short_packets_and_impossible_places_are_left_out(layout):
    gathering = Gathering(layout, 10.0)
    for packet in (b"", b"\x00", b"\x00\x00\x01"):
        gathering.packet(packet, 0)
    if layout.index:
        gathering.packet(b"\xc8\x00\x01\x00", 0)
    assert gathering.take(0) == []
    assert gathering.unusable == (4 if layout.index else 3)


COUNTERS = st.none() | st.builds(
    Counter, st.integers(0, 3), st.sampled_from([NumberType.UINT8, NumberType.UINT16]), st.just("big")
)
LAYOUTS = st.builds(
    Layout,
    count=st.integers(2, 30),
    type=st.sampled_from([NumberType.INT8, NumberType.INT16, NumberType.UINT24, NumberType.FLOAT32]),
    at=st.integers(0, 4),
    step=st.integers(1, 3),
    index=COUNTERS,
    counts=st.sampled_from(Counted),
    first=st.integers(0, 2),
    burst=COUNTERS,
)


@given(
    LAYOUTS,
    st.booleans(),
    st.lists(st.tuples(st.binary(max_size=12), st.integers(0, 3 * SECOND)), max_size=60),
)
def test_no_packets_hurt_whatever_the_layout(layout, asked, sent):
    gathering, now = Gathering(layout, 2.0, asked=asked), 0
    for packet, after in sent:
        now += after
        gathering.packet(packet, now)
    gathering.begin()
    for burst in gathering.take(now):
        assert 0 < len(burst.values) <= layout.count
        assert burst.missing >= layout.count - len(burst.values)
        assert burst.missing or len(burst.values) == layout.count


WHOLES = {tuple(values(number).tolist()) for number in range(8)}
SENT = [packet for number in range(8) for packet in packets(values(number), number)]


def wrong_wholes(layout, arrived):
    """Bursts that are said to be whole and are none of those that were sent."""
    bursts = gathered(layout, [packet for packet, arrives in zip(SENT, arrived, strict=True) if arrives])
    return [burst for burst in bursts if not burst.missing and tuple(burst.values) not in WHOLES]


@given(st.lists(st.booleans(), min_size=len(SENT), max_size=len(SENT)))
def test_whatever_is_lost_a_burst_without_a_gap_is_right(arrived):
    assert not wrong_wholes(NUMBERED, arrived)


@given(st.integers(0, 2**32), st.floats(0, 0.3))
def test_without_numbers_that_holds_unless_a_whole_burst_is_lost_in_a_row(seed, loss):
    chance = random.Random(seed)
    arrived = [chance.random() >= loss for _ in SENT]
    longest = max((len(list(run)) for arrives, run in groupby(arrived) if not arrives), default=0)
    assert longest >= len(packets(values(0))) or not wrong_wholes(INDEXED, arrived)
