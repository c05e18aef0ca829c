import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd_ext import reference, window
from gatewayd_ext.terms import named

FEATURES = named("mean", "kurtosis", "slope", "time_since_change")
KINDS = (window.Window, reference.Window)


def made(kind, columns=(0, 1), span=0, capacity=5):
    return kind(np.array(columns), span, capacity, FEATURES)


def filled(kind, polls, **shape):
    made_window = made(kind, **shape)
    feed(made_window, range(polls))
    return made_window


def feed(made_window, polls):
    for n in polls:
        qualities = np.array([0, 2 if n % 3 == 0 else 0], dtype=np.uint8)
        made_window.push(n * 1_000_000_007, np.array([n * n, -n / 7]), qualities)


def results(made_window):
    out, counts = np.empty((2, len(FEATURES))), np.empty(2, dtype=np.int64)
    made_window.compute(10**12, out, counts)
    return out.tobytes() + counts.tobytes()


def sealed(body):
    """Data that are foreign, not damaged: their checksum is right."""
    return body + zlib.crc32(body).to_bytes(4, "little")


@pytest.mark.parametrize("span", [0, 10**12])
@pytest.mark.parametrize("polls", [0, 1, 4, 5, 6, 13])
def test_a_restored_window_goes_on_as_if_nothing_had_happened(kernels, polls, span):
    original, restored = filled(kernels.Window, polls, span=span), filled(kernels.Window, 3, span=span)
    restored.restore(original.state())
    assert restored.state() == original.state()
    assert results(restored) == results(original)
    for made_window in (original, restored):
        feed(made_window, range(polls, polls + 4))
    assert restored.state() == original.state()
    assert results(restored) == results(original)


@pytest.mark.parametrize("polls", [0, 3, 5, 9])
def test_the_kernel_and_its_twin_write_the_same_bytes(polls):
    assert filled(KINDS[0], polls).state() == filled(KINDS[1], polls).state()


@pytest.mark.parametrize("other", [{"columns": (0, 2)}, {"columns": (0, 1, 2)}, {"span": 9}, {"capacity": 6}])
def test_the_state_of_another_window_is_refused(kernels, other):
    with pytest.raises(ValueError, match="the saved window is not one of"):
        made(kernels.Window).restore(made(kernels.Window, **other).state())


def test_every_shortened_state_is_refused_and_changes_nothing(kernels):
    state = filled(kernels.Window, 9).state()
    made_window = filled(kernels.Window, 4)
    before = made_window.state()
    for length in range(len(state)):
        with pytest.raises(ValueError, match="the saved window"):
            made_window.restore(state[:length])
    assert made_window.state() == before


def test_every_flipped_bit_is_noticed(kernels):
    state = filled(kernels.Window, 9).state()
    made_window = made(kernels.Window)
    for place in range(len(state)):
        damaged = bytearray(state)
        damaged[place] ^= 1 << place % 8
        with pytest.raises(ValueError, match="the saved window"):
            made_window.restore(bytes(damaged))


def foreign(counts, samples):
    """A state of the right kind with a right checksum and these contents."""
    empty = made(reference.Window).state()
    return sealed(empty[: -4 - 16] + np.array(counts, dtype="<i8").tobytes() + samples)


@pytest.mark.parametrize(
    ("counts", "samples", "text"),
    [
        ([-1, 1], b"", "has columns of"),
        ([6, 0], bytes(96), "has columns of"),
        ([2**62, 2**62], b"", "has columns of"),
        ([1, 0], bytes(15), "longer or shorter"),
        ([1, 0], bytes(17), "longer or shorter"),
        ([0, 0], bytes(16), "longer or shorter"),
        ([1], b"", "ends before its counts"),
        ([1, 0], np.int64(0).tobytes() + np.float64("inf").tobytes(), "infinite values"),
        ([1, 0], np.int64(2**62).tobytes() + bytes(8), "times that no clock gives"),
        ([1, 0], np.int64(-(2**63)).tobytes() + bytes(8), "times that no clock gives"),
    ],
)
def test_contents_that_no_window_has_are_refused(kernels, counts, samples, text):
    with pytest.raises(ValueError, match=text):
        made(kernels.Window).restore(foreign(counts, samples))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.binary(max_size=200), whole=st.booleans())
def test_no_bytes_do_harm(kind, data, whole):
    made_window = made(kind)
    try:
        made_window.restore(sealed(data) if whole else data)
    except ValueError:
        assert made_window.state() == made(kind).state()


@pytest.mark.parametrize("kind", KINDS)
@given(place=st.integers(0, 10**6), byte=st.integers(0, 255))
def test_a_window_with_foreign_contents_is_still_a_window(kind, place, byte):
    body = bytearray(filled(kind, 9).state()[:-4])
    body[place % len(body)] = byte
    made_window = made(kind)
    try:
        made_window.restore(sealed(bytes(body)))
    except ValueError:
        return
    assert made_window.state() == sealed(bytes(body))
    feed(made_window, range(20))
    assert results(made_window) == results(filled(kind, 20))
