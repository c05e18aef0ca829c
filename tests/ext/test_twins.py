"""The compiled kernels give what their NumPy twins give, whatever comes in."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gatewayd_ext import burst, reference, tally, window
from gatewayd_ext.checks import FEATURES

QUALITIES = st.sampled_from([0, 0, 0, 1, 2, 3, 254, 255])
TOLERANCE = 1e-10


def plain(x):
    """Squares of squares of such numbers neither overflow nor vanish."""
    return x if abs(x) > 1e-60 else 0.0


SOUND = st.floats(-1e75, 1e75).map(plain) | st.sampled_from([0.0, 1.0, 20.0, 20.5]) | st.floats(1e9, 1e9 + 1)
VALUES = SOUND | st.sampled_from([np.nan, np.inf, -np.inf])
STEPS = st.sampled_from([10**8, 10**8, 10**9, 0, -(10**9), 10**13]) | st.integers(-(10**10), 10**10)


@st.composite
def polls(draw, channels):
    poll = st.tuples(
        STEPS,
        st.lists(VALUES, min_size=channels, max_size=channels),
        st.lists(QUALITIES, min_size=channels, max_size=channels),
    )
    time, made = draw(st.integers(-(10**18), 10**18)), []
    for step, values, qualities in draw(st.lists(poll, max_size=30)):
        time += step
        made.append((time, np.array(values, dtype=np.float64), np.array(qualities, dtype=np.uint8)))
    return made


def assert_near(found, expected, seconds, values):
    """Equal but for rounding, which grows with the size of what cancels in a feature."""
    size, spread = np.abs(values).max(initial=0.0), np.ptp(values) if len(values) else 0.0
    slopes = spread / np.ptp(seconds) if len(seconds) and np.ptp(seconds) else 0.0
    sizes = {"mean": size, "slope": slopes * np.sqrt(len(values))}
    for feature, a, b in zip(FEATURES, found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE * sizes.get(feature, 0.0), err_msg=feature)


@given(
    data=st.data(),
    columns=st.lists(st.integers(0, 3), min_size=1, max_size=5),
    span=st.sampled_from([0, 1, 10**9, 10**10, 10**14]),
    capacity=st.integers(1, 12),
)
def test_windows_of_both_kinds_agree(data, columns, span, capacity):
    both = [kind.Window(np.array(columns), span, capacity, FEATURES) for kind in (window, reference)]
    given_polls = data.draw(polls(4))
    for time, values, qualities in given_polls:
        for one in both:
            one.push(time, values, qualities)
        assert both[0].state() == both[1].state()
    results = []
    for one in both:
        out, counts = np.empty((len(columns), len(FEATURES))), np.empty(len(columns), dtype=np.int64)
        one.compute(given_polls[-1][0] if given_polls else 0, out, counts)
        results.append((out, counts))
    np.testing.assert_array_equal(results[0][1], results[1][1])
    for row, (found, expected) in enumerate(zip(results[0][0], results[1][0], strict=True)):
        held = both[1]._samples(row)
        held = held[np.isfinite(held["value"])]
        assert_near(found, expected, held["time"] / 1e9, held["value"])


@given(data=st.data(), channels=st.integers(0, 6))
def test_tallies_of_both_kinds_agree_to_the_bit(data, channels):
    both = [kind.Tally(channels) for kind in (tally, reference)]
    for _, values, qualities in data.draw(polls(channels)):
        for one in both:
            one.push(values, qualities)
    rows = [np.empty((channels, 6)) for _ in both]
    for one, into in zip(both, rows, strict=True):
        one.read(into)
    np.testing.assert_array_equal(rows[0], rows[1])


@given(values=st.lists(SOUND, max_size=40), rate=st.floats(0.001, 1e6))
def test_bursts_agree(values, rate):
    array = np.array(values, dtype=np.float64)
    results = [np.empty(len(FEATURES)) for _ in range(2)]
    for function, out in zip((burst.burst_features, reference.burst_features), results, strict=True):
        function(array, rate, FEATURES, out)
    assert_near(*results, np.arange(len(array)) / rate, array)
