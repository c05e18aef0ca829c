"""Traces: what is shown of a channel holds its extremes, however long the recording."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gatewayd.replay.traces import MOST, Traces


def traced(times, values, chunk=1000):
    traces = Traces(1)
    for begin in range(0, len(times), chunk):
        traces.add(times[begin : begin + chunk], values[begin : begin + chunk, None])
    return traces.channel(0)


def test_a_short_recording_keeps_every_value():
    times = np.arange(500) * 1_000_000_000
    values = np.sin(times / 1e10)
    at, low, high = traced(times, values)
    assert np.array_equal(low, values)
    assert np.array_equal(high, values)
    assert np.abs(at - times).max() <= 1_000_000_000


@given(st.lists(st.integers(1, 10**13), min_size=1, max_size=200), st.integers(1, 50), st.randoms())
def test_extremes_are_never_lost_and_room_is_bounded(steps, chunk, random):
    times = np.cumsum(np.array(steps))
    values = np.array([random.uniform(-1, 1) for _ in steps])
    at, low, high = traced(times, values, chunk)
    assert (low.min(), high.max()) == (values.min(), values.max())
    assert len(at) <= MOST
    assert (np.diff(at) > 0).all()


def test_what_is_no_number_leaves_a_gap():
    times = np.arange(4) * 1_000_000_000
    at, low, _ = traced(times, np.array([1.0, np.nan, np.inf, 4.0]))
    assert len(at) == 2
    assert low.tolist() == [1, 4]
