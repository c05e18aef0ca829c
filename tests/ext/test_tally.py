import math
from fractions import Fraction

import numpy as np
import pytest
from effort import campaign

GOOD, UNCERTAIN, BAD, ABSENT = 0, 1, 2, 255


def tallied(kernels, *polls):
    """The rows of a tally after polls of (values, qualities)."""
    tally = kernels.Tally(len(polls[0][0]))
    for values, qualities in polls:
        tally.push(np.array(values, dtype=np.float64), np.array(qualities, dtype=np.uint8))
    return read(tally, len(polls[0][0]))


def read(tally, n):
    rows = np.full((n, 6), 77.0)
    tally.read(rows)
    return rows


def test_each_channel_has_its_own_statistics(kernels):
    rows = tallied(kernels, ([1.0, -5.0], [GOOD, GOOD]), ([4.0, -7.0], [UNCERTAIN, GOOD]), ([1.0, -6.0], [GOOD, GOOD]))
    assert rows.tolist() == [[3, 0, 2.0, 1.0, 4.0, 1.0], [3, 0, -6.0, -7.0, -5.0, -6.0]]


@pytest.mark.parametrize("quality", [BAD, 3, 254])
def test_a_bad_value_is_counted_as_bad_and_enters_nothing_else(kernels, quality):
    rows = tallied(kernels, ([1.0], [GOOD]), ([9.0], [quality]))
    assert rows.tolist() == [[1, 1, 1.0, 1.0, 1.0, 1.0]]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("quality", [GOOD, UNCERTAIN])
def test_a_value_that_is_not_finite_is_bad_whatever_its_quality(kernels, value, quality):
    rows = tallied(kernels, ([1.0], [GOOD]), ([value], [quality]))
    assert rows.tolist() == [[1, 1, 1.0, 1.0, 1.0, 1.0]]


@pytest.mark.parametrize("value", [7.0, math.nan])
def test_an_absent_value_is_counted_nowhere(kernels, value):
    rows = tallied(kernels, ([1.0], [GOOD]), ([value], [ABSENT]))
    assert rows.tolist() == [[1, 0, 1.0, 1.0, 1.0, 1.0]]


def test_without_a_good_value_the_statistics_are_nan(kernels):
    rows = tallied(kernels, ([1.0, 1.0], [BAD, ABSENT]))
    assert rows[:, :2].tolist() == [[0, 1], [0, 0]]
    assert np.isnan(rows[:, 2:]).all()


def test_a_cleared_tally_is_as_new(kernels):
    tally = kernels.Tally(1)
    tally.push(np.array([5.0]), np.array([GOOD], dtype=np.uint8))
    tally.clear()
    np.testing.assert_array_equal(read(tally, 1), read(kernels.Tally(1), 1))


def test_a_tally_of_no_channels_is_possible(kernels):
    assert tallied(kernels, ([], [])).shape == (0, 6)


@pytest.mark.parametrize("many", [100_000, *campaign(1_000_000)])
def test_the_mean_of_many_values_is_right_to_the_last_digits(kernels, many):
    n = many if kernels.__name__ == "compiled" else many // 50
    values = 1e9 + np.random.default_rng(4).normal(0.0, 0.1, n)
    tally, good = kernels.Tally(1), np.zeros(1, dtype=np.uint8)
    for value in values.reshape(-1, 1):
        tally.push(value, good)
    exact = math.fsum(values) / n
    assert abs(read(tally, 1)[0, 2] - exact) <= math.ulp(exact)


def test_a_spike_leaves_no_trace_in_the_mean_of_what_follows(kernels):
    values = [1e17, 0.1, -1e17, 0.2]
    rows = tallied(kernels, *(([value], [GOOD]) for value in values))
    assert rows[0, 2] == pytest.approx(float(sum(map(Fraction, values)) / 4), rel=1e-15)


def test_read_only_input_is_taken(kernels):
    values, qualities = np.array([2.0]), np.array([GOOD], dtype=np.uint8)
    values.flags.writeable = qualities.flags.writeable = False
    tally = kernels.Tally(1)
    tally.push(values, qualities)
    assert read(tally, 1)[0, 0] == 1


@pytest.mark.parametrize(
    ("values", "qualities", "error"),
    [
        (np.zeros(3), np.zeros(2, np.uint8), ValueError),
        (np.zeros(2), np.zeros(3, np.uint8), ValueError),
        (np.zeros((2, 1)), np.zeros(2, np.uint8), ValueError),
        (np.zeros(4)[::2], np.zeros(2, np.uint8), ValueError),
        (np.zeros(17, np.uint8)[1:].view(np.float64), np.zeros(2, np.uint8), ValueError),
        (np.zeros(2, np.float32), np.zeros(2, np.uint8), TypeError),
        (np.zeros(2, ">f8"), np.zeros(2, np.uint8), TypeError),
        (np.zeros(2), np.zeros(2, np.int64), TypeError),
        (np.zeros(2), np.zeros(2, np.int8), TypeError),
        ([0.0, 0.0], np.zeros(2, np.uint8), TypeError),
        (np.zeros(2), None, TypeError),
    ],
)
def test_what_does_not_fit_is_refused_and_not_counted(kernels, values, qualities, error):
    tally = kernels.Tally(2)
    with pytest.raises(error, match=r"must be a contiguous (float64|uint8) array, 2 long, got"):
        tally.push(values, qualities)
    assert read(tally, 2)[:, :2].tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        (np.zeros((2, 5)), ValueError),
        (np.zeros(12), ValueError),
        (np.zeros((2, 6), order="F"), ValueError),
        (np.frombuffer(bytes(96), dtype=np.float64).reshape(2, 6), ValueError),
        (np.zeros((2, 6), np.float32), TypeError),
    ],
)
def test_rows_that_do_not_fit_are_refused(kernels, rows, error):
    with pytest.raises(error, match="rows must be a contiguous float64 array, 2 x 6 long, got"):
        kernels.Tally(2).read(rows)


def test_a_negative_number_of_channels_is_refused(kernels):
    with pytest.raises(ValueError, match="n must be 0 or more, got -1"):
        kernels.Tally(-1)
