import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd.engine.alarms.conditions import HISTORY, JUDGES, SECOND, number
from gatewayd.engine.plan import Condition, PlannedRule


def judge(condition, unit="bar", interval=1, **rule):
    planned = PlannedRule(name="watch", channel=0, condition=Condition(condition), **rule)
    return JUDGES[planned.condition](planned, unit, round(interval * SECOND))


def judged(condition, series, *, active=False):
    """What a condition says to (seconds, value) pairs."""
    return [condition.sample(round(time * SECOND), value, active=active) for time, value in series]


def every_second(values, start=0):
    return list(enumerate(values, start))


@pytest.mark.parametrize(
    ("condition", "limits", "met"),
    [
        ("above", {"high": 6.0}, [False, False, False, True]),
        ("below", {"low": 2.0}, [True, False, False, False]),
        ("outside", {"low": 2.0, "high": 6.0}, [True, False, False, True]),
    ],
)
def test_limits_are_broken_beyond_and_not_at_them(condition, limits, met):
    assert judged(judge(condition, **limits), every_second([1.9, 2.0, 6.0, 6.1])) == met


def test_an_active_limit_is_held_until_the_value_is_back_by_the_deadband():
    above = judge("above", high=6.0, deadband=0.5)
    assert judged(above, every_second([5.6, 5.5]), active=True) == [True, False]
    below = judge("below", low=2.0, deadband=0.5)
    assert judged(below, every_second([2.4, 2.5]), active=True) == [True, False]


@pytest.mark.parametrize(
    ("condition", "rule", "value", "limit", "words"),
    [
        ("above", {"high": 6.0}, 6.25, 6.0, "6.25 bar, above 6 bar"),
        ("above", {"high": 6.0, "deadband": 0.5}, 5.4, 6.0, "5.4 bar, no longer above 5.5 bar"),
        ("below", {"low": 2.0}, 1.5, 2.0, "1.5 bar, below 2 bar"),
        ("below", {"low": 2.0, "deadband": 0.5}, 3.0, 2.0, "3 bar, no longer below 2.5 bar"),
        ("outside", {"low": 2.0, "high": 6.0}, 7.0, 6.0, "7 bar, above 6 bar"),
        ("outside", {"low": 2.0, "high": 6.0}, 1.0, 2.0, "1 bar, below 2 bar"),
        ("outside", {"low": 2.0, "high": 6.0, "deadband": 0.5}, 5.0, 6.0, "5 bar, back between 2.5 bar and 5.5 bar"),
        ("outside", {"low": 2.0, "high": 6.0}, 3.0, 2.0, "3 bar, back between 2 bar and 6 bar"),
    ],
)
def test_limits_say_what_they_went_by(condition, rule, value, limit, words):
    limits = judge(condition, **rule)
    limits.sample(0, value, active=False)
    found = limits.finding()
    assert (found.value, found.limit, found.words) == (value, limit, words)


def test_only_silence_is_judged_by_time_alone():
    assert [c for c in Condition if judge(c, span=SECOND).tick(5 * SECOND) is not None] == []
    assert [c for c in Condition if (j := judge(c, span=SECOND)).tick(0) or j.tick(5 * SECOND)] == [Condition.STALE]


def test_a_rate_is_told_once_half_its_span_is_covered():
    rate = judge("rate_above", high=1.0, span=10 * SECOND)
    assert judged(rate, every_second([0.0] * 7)) == [None] * 5 + [False] * 2


def test_a_rate_is_judged_either_way():
    up = judge("rate_above", high=1.0, span=2 * SECOND)
    assert judged(up, every_second([0, 1.5, 3.0, 3.0, 3.0])) == [None, True, True, False, False]
    down = judge("rate_above", high=1.0, span=2 * SECOND)
    assert judged(down, every_second([0, -1.5, -3.0])) == [None, True, True]
    assert down.finding().value == -1.5


def test_a_rate_has_the_unit_of_its_channel_per_second():
    rate = judge("rate_above", high=1.0, span=2 * SECOND, deadband=0.25)
    assert rate.unit == "bar/s"
    judged(rate, every_second([0, 1.5]))
    assert rate.finding().words == "changing by 1.5 bar/s, more than 1 bar/s"
    judged(rate, every_second([1.75, 2.0], 2), active=True)
    assert rate.finding().words == "changing by 0.25 bar/s, no longer more than 0.75 bar/s"
    assert judge("rate_above", unit="", high=1.0).unit == "1/s"


def test_an_active_rate_must_fall_by_the_deadband():
    rate = judge("rate_above", high=1.0, span=2 * SECOND, deadband=0.25)
    assert judged(rate, every_second([0.0, 0.8, 1.6]), active=True) == [None, True, True]


def test_a_rate_is_measured_over_one_span_and_no_more():
    rate = judge("rate_above", high=100.0, span=10 * SECOND)
    judged(rate, every_second([1000.0] + [0.0] * 10 + [5.0]))
    assert rate.finding().value == pytest.approx(0.5)


def test_values_that_jitter_about_the_span_still_have_a_rate():
    rate = judge("rate_above", interval=10, high=1.0, span=10 * SECOND)
    assert judged(rate, [(0, 0.0), (10.001, 50.0), (20.003, 50.0)]) == [None, True, False]


def test_values_rarer_than_the_span_are_compared_with_the_one_before():
    rate = judge("rate_above", interval=60, high=1.0, span=10 * SECOND)
    assert judged(rate, [(0, 0.0), (60, 30.0), (120, 130.0)]) == [None, False, True]


def test_after_a_silence_there_is_no_telling_a_rate():
    rate = judge("rate_above", high=1.0, span=10 * SECOND)
    judged(rate, every_second([0.0] * 12))
    assert judged(rate, [(40, 500.0), (41, 500.0), (45, 500.0)]) == [None, None, False]


def test_a_rate_remembers_no_more_than_it_needs():
    rate = judge("rate_above", interval=0.001, high=1.0, span=10 * SECOND)
    judged(rate, [(n * 0.001, n * 0.002) for n in range(20_000)])
    assert len(rate._past) <= HISTORY + 2
    assert rate.finding().value == pytest.approx(2.0)


def test_a_rate_forgets_at_a_reset():
    rate = judge("rate_above", high=1.0, span=2 * SECOND)
    judged(rate, every_second([0.0, 5.0]))
    rate.reset(2 * SECOND)
    assert rate.sample(2 * SECOND, 100.0, active=False) is None


@given(st.lists(st.tuples(st.integers(0, 3 * SECOND), st.floats(-1e6, 1e6)), max_size=60))
def test_a_rate_never_compares_with_a_value_older_than_it_may(steps):
    rate = judge("rate_above", high=1.0, span=4 * SECOND)
    time = 0
    for step, value in steps:
        time += step
        if rate.sample(time, value, active=False) is not None:
            assert 2 * SECOND <= time - rate._past[0][0] <= 6 * SECOND


def test_a_value_that_does_not_move_for_the_span_is_flat():
    flat = judge("flat", span=3 * SECOND)
    assert judged(flat, every_second([4.2, 4.2, 4.2, 4.2, 4.3])) == [None, False, False, True, False]


def test_movements_within_the_deadband_are_flat():
    flat = judge("flat", span=3 * SECOND, deadband=0.1)
    assert judged(flat, every_second([4.2, 4.25, 4.15, 4.2])) == [None, False, False, True]


def test_a_slow_drift_is_not_flat():
    flat = judge("flat", span=3 * SECOND, deadband=0.1)
    assert True not in judged(flat, every_second([4.0 + 0.06 * n for n in range(30)]))


def test_an_active_flat_line_goes_on_until_the_value_moves():
    flat = judge("flat", span=3 * SECOND)
    assert judged(flat, every_second([4.2, 4.2, 4.3]), active=True) == [None, True, False]


def test_two_equal_values_with_a_silence_between_are_not_flat():
    flat = judge("flat", span=10 * SECOND)
    assert judged(flat, [(0, 4.2), (1, 4.2), (600, 4.2), (605, 4.2), (610, 4.2)])[2:] == [False, False, True]


def test_a_flat_line_says_where_it_stands_and_for_how_long():
    flat = judge("flat", span=3 * SECOND, deadband=0.1)
    judged(flat, every_second([4.2] * 6))
    assert flat.finding().words == "4.2 bar, not moved by more than 0.1 bar for 5 s"
    judged(flat, [(6, 5.0)])
    assert flat.finding().words == "5 bar, moved by more than 0.1 bar again"
    rigid = judge("flat", span=3 * SECOND)
    judged(rigid, every_second([4.2] * 6))
    assert rigid.finding().words == "4.2 bar, not changed for 5 s"


def test_a_flat_line_forgets_at_a_reset():
    flat = judge("flat", span=3 * SECOND)
    judged(flat, every_second([4.2] * 3))
    flat.reset(2 * SECOND)
    assert judged(flat, every_second([4.2] * 3, 3)) == [None, False, False]


def test_silence_is_stale_after_its_span():
    stale = judge("stale", span=30 * SECOND)
    stale.sample(10 * SECOND, 1.0, active=False)
    assert [stale.tick(time * SECOND) for time in (11, 39, 40, 41)] == [None, None, True, True]
    assert stale.finding().value == 31.0
    assert stale.finding().words == "no good value for 31 s"
    assert stale.unit == "s"


def test_what_never_spoke_is_silent_since_the_first_tick():
    stale = judge("stale", span=30 * SECOND)
    assert [stale.tick(time * SECOND) for time in (100, 129, 130)] == [None, None, True]


def test_a_value_ends_the_silence():
    stale = judge("stale", span=30 * SECOND)
    stale.tick(0)
    stale.tick(30 * SECOND)
    assert stale.sample(31 * SECOND, 1.0, active=True) is False
    assert stale.finding().words == "good values again"
    assert stale.tick(60 * SECOND) is None


def test_a_late_value_does_not_make_the_silence_longer():
    stale = judge("stale", span=30 * SECOND)
    stale.sample(20 * SECOND, 1.0, active=False)
    stale.sample(5 * SECOND, 1.0, active=False)
    assert stale.tick(49 * SECOND) is None


def test_silence_counts_from_a_reset():
    stale = judge("stale", span=30 * SECOND)
    stale.sample(0, 1.0, active=False)
    stale.reset(100 * SECOND)
    assert [stale.tick(time * SECOND) for time in (129, 130)] == [None, True]


@pytest.mark.parametrize(
    ("value", "text"), [(6.0, "6"), (0.1 + 0.2, "0.3"), (123456.7, "123457"), (-0.5, "-0.5"), (math.pi, "3.14159")]
)
def test_numbers_are_written_for_people(value, text):
    assert number(value) == text
    assert number(value, "bar") == f"{text} bar"
    assert number(value, "1") == text
