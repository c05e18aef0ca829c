"""The compiled kernels give what their NumPy twins give, whatever comes in."""

import numpy as np
from histories import histories
from hypothesis import given
from hypothesis import strategies as st

from gatewayd_ext import reference, tally, window
from gatewayd_ext.terms import ANY, TIMED, Term

TERMS = (
    *(Term(name) for name, count in {**ANY, **TIMED}.items() if not count),
    Term("percentile", (12.5,), 2.0),
    Term("ewma", (1.5,)),
    Term("ewma", (1e9,), -1.0),
    Term("count_above", (20.0,)),
    Term("time_above", (20.0,)),
)
TOLERANCE = 1e-10


def sizes(seconds, values, reach):
    """What rounding in each feature grows with, where it is not the feature itself."""
    size, spread = np.abs(values).max(initial=0.0), np.ptp(values) if len(values) else 0.0
    slopes = spread / np.ptp(seconds) if len(seconds) and np.ptp(seconds) else 0.0
    rates = spread / abs(seconds[-1] - seconds[0]) if len(seconds) and seconds[-1] != seconds[0] else 0.0
    return {
        "mean": size,
        "slope": slopes * np.sqrt(len(values)),
        "rate_of_change": rates,
        "median": size,
        "percentile": size,
        "ewma": size,
        "skewness": 1.0,
        "excess_kurtosis": 1.0,
        "time_above": reach * len(values),
        "time_since_change": reach,
    }


def assert_near(found, expected, sizes):
    """Equal but for rounding."""
    for term, a, b in zip(TERMS, found, expected, strict=True):
        size = sizes.get(term.name, 0.0) * abs(term.scale)
        np.testing.assert_allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE * size, err_msg=str(term))


@given(
    data=st.data(),
    columns=st.lists(st.integers(0, 3), min_size=1, max_size=5),
    span=st.sampled_from([0, 1, 10**9, 10**10, 10**14]),
    capacity=st.integers(1, 40),
)
def test_windows_of_both_kinds_agree(data, columns, span, capacity):
    both = [kind.Window(np.array(columns), span, capacity, TERMS) for kind in (window, reference)]
    polls = data.draw(histories(4))
    for time, values, qualities in polls:
        for one in both:
            one.push(time, values, qualities)
        assert both[0].state() == both[1].state()
    now = polls[-1][0] if polls else 0
    results = []
    for one in both:
        out, counts = np.empty((len(columns), len(TERMS))), np.empty(len(columns), dtype=np.int64)
        one.compute(now, out, counts)
        results.append((out, counts))
    np.testing.assert_array_equal(results[0][1], results[1][1])
    reach = (max(time for time, *_ in polls) - min(time for time, *_ in polls)) / 1e9 if polls else 0.0
    for row, (found, expected) in enumerate(zip(results[0][0], results[1][0], strict=True)):
        seconds, values = both[1].contents(now, row)
        assert_near(found, expected, sizes(seconds, values, reach))
        kernel_seconds, kernel_values = both[0].contents(now, row)
        np.testing.assert_allclose(kernel_seconds, seconds, rtol=1e-15)
        np.testing.assert_array_equal(kernel_values, values)


@given(data=st.data(), channels=st.integers(0, 6))
def test_tallies_of_both_kinds_agree_to_the_bit(data, channels):
    both = [kind.Tally(channels) for kind in (tally, reference)]
    for _, values, qualities in data.draw(histories(channels)):
        for one in both:
            one.push(values, qualities)
    rows = [np.empty((channels, 6)) for _ in both]
    for one, into in zip(both, rows, strict=True):
        one.read(into)
    np.testing.assert_array_equal(rows[0], rows[1])
