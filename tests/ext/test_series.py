"""The features that look at when values were read, as windows give them."""

import math

import numpy as np
import pytest

from gatewayd_ext.terms import TIMED, Term

SECOND = 1_000_000_000
GOOD, BAD, ABSENT = 0, 2, 255
TERMS = {
    "ewma": Term("ewma", (2.0,)),
    "rate_of_change": Term("rate_of_change"),
    "time_since_change": Term("time_since_change"),
    "count_above": Term("count_above", (5.0,)),
    "time_above": Term("time_above", (5.0,)),
}


@pytest.fixture
def found(kernels):
    """The features of polls (second, value) or (second, value, quality) in a window of one column."""

    def features(polls, now, *, span=0, capacity=100):
        window = kernels.Window(np.array([0]), int(span * SECOND), capacity, tuple(TERMS.values()))
        for second, value, *quality in polls:
            qualities = np.array(quality or [GOOD], dtype=np.uint8)
            window.push(round(second * SECOND), np.array([value], dtype=np.float64), qualities)
        out, counts = np.empty((1, len(TERMS))), np.empty(1, dtype=np.int64)
        window.compute(round(now * SECOND), out, counts)
        return dict(zip(TERMS, out[0].tolist(), strict=True))

    return features


def test_all_of_them_are_tested_here():
    assert TERMS.keys() == TIMED.keys()


def test_the_ewma_weighs_values_by_their_age_since_the_last_one(found):
    weights = [math.exp(-3 / 2), math.exp(-1 / 2), 1.0]
    expected = (weights[0] * 4.0 + weights[1] * 7.0 + weights[2] * 1.0) / sum(weights)
    assert found([(0, 4.0), (2, 7.0), (3, 1.0)], 99)["ewma"] == pytest.approx(expected, rel=1e-14)


def test_the_ewma_of_one_time_is_the_mean(found):
    assert found([(1, 1.0), (1, 2.0), (1, 6.0)], 1)["ewma"] == pytest.approx(3.0)


def test_the_ewma_forgets_what_is_much_older_than_tau(found):
    assert found([(0, 1e9), (5000, 3.0)], 5000)["ewma"] == 3.0


def test_the_ewma_of_a_large_constant_is_that_constant(found):
    assert found([(n, 1e9 + 0.1) for n in range(20)], 20)["ewma"] == 1e9 + 0.1


def test_the_rate_of_change_is_from_the_first_value_to_the_last(found):
    assert found([(1, 3.0), (2, 99.0), (5, 1.0)], 9)["rate_of_change"] == -0.5


@pytest.mark.parametrize("polls", [[(1, 3.0)], [(1, 3.0), (1, 4.0)]])
def test_there_is_no_rate_of_change_at_one_time(found, polls):
    assert math.isnan(found(polls, 1)["rate_of_change"])


def test_time_since_change_counts_from_the_first_of_the_last_equal_values_until_now(found):
    assert found([(1, 0.0), (2, 7.0), (4, 7.0), (5, 7.0)], 8)["time_since_change"] == 6.0


def test_a_value_that_never_changed_did_so_for_as_long_as_the_window_knows(found):
    assert found([(n, 7.0) for n in range(10)], 9, span=4)["time_since_change"] == 3.0


def test_values_count_as_equal_whatever_the_sign_of_zero(found):
    assert found([(1, 0.0), (2, -0.0), (3, 0.0)], 4)["time_since_change"] == 3.0


def test_what_is_at_the_level_is_not_above_it(found):
    features = found([(1, 5.0), (2, 5.0), (3, math.nextafter(5.0, 6.0))], 4)
    assert (features["count_above"], features["time_above"]) == (1.0, 1.0)


def test_each_value_lasts_until_the_next_and_the_last_until_now(found):
    assert found([(0, 9.0), (2, 1.0), (3, 9.0), (4.5, 9.0)], 10)["time_above"] == 9.0


def test_time_above_is_counted_within_the_window_only(found):
    assert found([(n, 9.0) for n in range(10)], 9.5, span=3)["time_above"] == 2.5


@pytest.mark.parametrize("bad", [(math.nan, GOOD), (math.inf, GOOD), (-math.inf, GOOD), (9.0, BAD), (9.0, ABSENT)])
def test_a_value_that_is_not_usable_is_as_if_it_had_not_come(found, bad):
    whole = [(0, 4.0), (2, 7.0), (3, 7.0)]
    assert found([whole[0], (1, *bad), *whole[1:]], 5) == found(whole, 5)


def test_of_no_value_there_is_no_feature(found):
    assert all(map(math.isnan, found([(1, 1.0)], 9, span=2).values()))


def test_of_one_value_there_are_all_but_the_rate_of_change(found):
    features = found([(2, 6.0)], 5)
    assert math.isnan(features.pop("rate_of_change"))
    assert features == {"ewma": 6.0, "time_since_change": 3.0, "count_above": 1.0, "time_above": 3.0}


def test_they_are_exact_late_in_a_long_boot(found):
    start = 100 * 365 * 86400
    features = found([(start + n, float(n)) for n in range(10)], start + 10)
    assert features["rate_of_change"] == 1.0
    assert features["time_since_change"] == 1.0
    assert features["time_above"] == pytest.approx(4.0, abs=1e-15)


def test_times_that_step_back_are_borne(found):
    features = found([(10, 6.0), (4, 7.0), (5, 7.0)], 5)
    assert features["rate_of_change"] == pytest.approx(-0.2)
    assert features["time_since_change"] == 1.0
    assert features["time_above"] == pytest.approx(-5.0)
    assert features["ewma"] == pytest.approx(
        (math.exp(5 / 2) * 6 + (math.exp(-1 / 2) + 1) * 7) / (math.exp(5 / 2) + math.exp(-1 / 2) + 1)
    )
