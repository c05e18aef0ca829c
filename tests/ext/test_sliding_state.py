import zlib

import numpy as np
import pytest
from histories import histories
from hypothesis import given
from hypothesis import strategies as st

from gatewayd_ext.ring_state import SAMPLE
from gatewayd_ext.sliding import Sliding
from gatewayd_ext.terms import SLIDING, named

TERMS = named(*SLIDING)
HEADER = 8 + 8 * (5 + 2)


def made(columns=(0, 1), span=0, capacity=5):
    return Sliding(np.array(columns), span, capacity, TERMS)


def filled(polls, **shape):
    kernel = made(**shape)
    feed(kernel, range(polls))
    return kernel


def feed(kernel, polls):
    for n in polls:
        qualities = np.array([0, (2, 0, 255, 0, 0)[n // 3 % 5], 0], dtype=np.uint8)
        qualities[:] = 2 if n % 11 == 2 else qualities
        kernel.push(n * 1_000_000_007, np.array([n * n, -n / 7, 1e9 + n % 3]), qualities)


def results(kernel, time=10**12, columns=2):
    out, counts = np.empty((columns, len(TERMS))), np.empty(columns, dtype=np.int64)
    kernel.compute(time, out, counts)
    return out.tobytes() + counts.tobytes()


def sealed(body):
    """Data that are foreign, not damaged: their checksum is right."""
    return body + zlib.crc32(body).to_bytes(4, "little")


@given(
    data=st.data(),
    columns=st.lists(st.integers(0, 3), min_size=1, max_size=5),
    span=st.sampled_from([0, 1, 10**9, 10**10, 10**14]),
    capacity=st.integers(1, 12) | st.just(100_000),
)
def test_a_restored_one_goes_on_bit_for_bit(data, columns, span, capacity):
    original, restored = (made(columns, span, capacity) for _ in range(2))
    for time, values, qualities in data.draw(histories(4, longest=40)):
        if data.draw(st.booleans()):
            state = original.state()
            restored = made(columns, span, capacity)
            restored.restore(state)
            assert restored.state() == state
        for kernel in (original, restored):
            kernel.push(time, values, qualities)
        if data.draw(st.booleans()):
            assert results(restored, time, len(columns)) == results(original, time, len(columns))
    assert restored.state() == original.state()


@pytest.mark.parametrize("span", [0, 4 * 1_000_000_007])
@pytest.mark.parametrize("before", range(20))
def test_what_was_there_before_a_restore_is_gone(before, span):
    original, restored = filled(13, span=span), filled(before, span=span)
    restored.restore(original.state())
    for polls in range(13, 40):
        for kernel in (original, restored):
            feed(kernel, [polls])
        assert results(restored, polls * 1_000_000_007) == results(original, polls * 1_000_000_007)


@pytest.mark.parametrize("other", [{"columns": (0, 2)}, {"columns": (0, 1, 2)}, {"span": 9}, {"capacity": 6}])
def test_the_state_of_another_one_is_refused(other):
    with pytest.raises(ValueError, match="the saved window is not one of"):
        made().restore(made(**other).state())


def test_the_state_of_a_window_is_refused(kernels):
    with pytest.raises(ValueError, match="the saved window is not one of"):
        made().restore(kernels.Window(np.array([0, 1]), 0, 5, TERMS).state())


def test_every_shortened_state_is_refused_and_changes_nothing():
    state, kernel = filled(9).state(), filled(4)
    before = kernel.state()
    for length in range(len(state)):
        with pytest.raises(ValueError, match="the saved window"):
            kernel.restore(state[:length])
    assert kernel.state() == before


def test_every_flipped_bit_is_noticed():
    state, kernel = filled(9).state(), made()
    for place in range(len(state)):
        damaged = bytearray(state)
        damaged[place] ^= 1 << place % 8
        with pytest.raises(ValueError, match="the saved window"):
            kernel.restore(bytes(damaged))


def foreign(counts, parts, values, times=None):
    """A state of the right kind with a right checksum and these contents."""
    samples = np.zeros(len(values), dtype=SAMPLE)
    samples["value"] = values
    samples["time"] = np.arange(len(values)) if times is None else times
    numbers = np.array([*counts, *parts], dtype="<i8").tobytes()
    return sealed(made().state()[:HEADER] + numbers + samples.tobytes())


NAN, INF = float("nan"), float("inf")
IN_STEP, EMPTY = [-1, 0, 1], [0, 0, 0, 0, 0, 0, 0, 0]


def test_the_state_of_a_restored_one_made_by_hand_is_taken():
    kernel = made()
    kernel.restore(foreign([1, 1, 1], [0, 1, *IN_STEP, *IN_STEP], [0.0, 1.0, 2.0]))
    assert np.frombuffer(results(kernel)[:8]) == 1.0


@pytest.mark.parametrize(
    ("counts", "parts", "values", "text"),
    [
        ([-1, 1, 0], EMPTY, [], "has columns of"),
        ([6, 0, 0], EMPTY, [NAN] * 6, "has columns of"),
        ([2**62, 2**62, 0], EMPTY, [], "has columns of"),
        ([1, 1, 1], [0, 1, *IN_STEP, *IN_STEP], [0.0, 1.0], "longer or shorter"),
        ([1, 1, 1], [0, 1, *IN_STEP, *IN_STEP], [0.0, 1.0, 2.0, 3.0], "longer or shorter"),
        ([1, 1, 1], [0, 1, *IN_STEP], [], "ends before its counts"),
        ([1, 1, 1], [0, 1, *IN_STEP, *IN_STEP], [0.0, INF, 2.0], "infinite values"),
        ([1, 1, 1], [0, 2, *IN_STEP, *IN_STEP], [0.0, 1.0, 2.0], "parts of more polls"),
        ([1, 1, 1], [-1, 2, *IN_STEP, *IN_STEP], [0.0, 1.0, 2.0], "parts of more polls"),
        ([1, 1, 1], [2**62, 2**62, *IN_STEP, *IN_STEP], [0.0, 1.0, 2.0], "parts of more polls"),
        ([1, 1, 1], [0, 1, *IN_STEP, *IN_STEP], [0.0, NAN, 2.0], "does not go with its polls"),
        ([1, 0, 1], [0, 1, *IN_STEP, *IN_STEP], [0.0, 2.0], "does not go with its polls"),
        ([1, 1, 1], [0, 1, -2, 0, 1, *IN_STEP], [0.0, 1.0, 2.0], "does not go with its polls"),
        ([1, 1, 1], [0, 1, 2, 0, 1, *IN_STEP], [0.0, 1.0, 2.0], "does not go with its polls"),
        ([1, 1, 1], [0, 1, 0, 1, 1, *IN_STEP], [0.0, 1.0, 2.0], "does not go with its polls"),
        ([1, 1, 1], [0, 1, 1, 0, 0, *IN_STEP], [0.0, NAN, 2.0], "does not go with its polls"),
        ([1, 1, 1], [0, 0, *IN_STEP, *IN_STEP], [NAN, 1.0, 2.0], "does not go with its polls"),
        ([1, 1, 1], [0, 0, 1, 0, 1, 0, 0, 1], [NAN, 1.0, 2.0], "does not go with its polls"),
    ],
)
def test_contents_that_no_sliding_has_are_refused(counts, parts, values, text):
    with pytest.raises(ValueError, match=text):
        made().restore(foreign(counts, parts, values))


@pytest.mark.parametrize("time", [2**62, -(2**62), -(2**63)])
def test_times_that_no_clock_gives_are_refused(time):
    with pytest.raises(ValueError, match="times that no clock gives"):
        made().restore(foreign([1, 1, 1], [0, 1, *IN_STEP, *IN_STEP], [0.0, 1.0, 2.0], [0, time, 0]))


@given(data=st.binary(max_size=400), whole=st.booleans())
def test_no_bytes_do_harm(data, whole):
    kernel = made()
    try:
        kernel.restore(sealed(made().state()[:HEADER] + data) if whole else data)
    except ValueError:
        assert kernel.state() == made().state()
    feed(kernel, range(20))
    results(kernel)


@given(place=st.integers(0, 10**6), byte=st.integers(0, 255), span=st.sampled_from([0, 10**10]))
def test_one_with_foreign_contents_is_still_one(place, byte, span):
    body = bytearray(filled(9, span=span).state()[:-4])
    body[place % len(body)] = byte
    kernel = made(span=span)
    try:
        kernel.restore(sealed(bytes(body)))
    except ValueError:
        return
    feed(kernel, range(9, 40))
    assert results(kernel, 39 * 1_000_000_007) != results(made(span=span))
    kernel.restore(kernel.state())
