import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd.sources.timing.schedule import MOST_EARLY, TOGETHER, Schedule, head_start


def test_the_first_poll_is_due_at_once_and_begins_the_grid():
    schedule = Schedule(2.0)
    assert schedule.due <= 100.0
    assert schedule.take(100.0) == 0
    assert schedule.due == 102.0


def test_a_poll_that_is_a_little_late_does_not_move_the_next_ones():
    schedule = Schedule(1.0)
    schedule.take(100.0)
    for now in (101.3, 102.9, 103.0001):
        assert schedule.take(now) == 0
    assert schedule.due == 104.0


def test_polls_that_are_late_by_whole_intervals_are_counted_and_skipped():
    schedule = Schedule(1.0)
    schedule.take(100.0)
    assert schedule.take(104.5) == 3
    assert schedule.due == 105.0


def test_a_timer_that_fires_a_little_early_misses_nothing():
    schedule = Schedule(0.1)
    schedule.take(100.0)
    assert schedule.take(schedule.due - 1e-7) == 0
    assert schedule.due == pytest.approx(100.2)


def test_rounding_does_not_add_up_over_years():
    schedule = Schedule(0.1)
    schedule.take(0.0)
    schedule.take(1e8)
    assert schedule.due == pytest.approx(1e8, abs=0.1001)
    assert round(schedule.due * 10) / 10 == pytest.approx(schedule.due, abs=1e-7)


@given(
    interval=st.floats(0.01, 100.0),
    late=st.lists(st.floats(0.0, 500.0), min_size=1, max_size=30),
)
def test_every_due_time_is_either_taken_or_counted_as_missed(interval, late):
    schedule = Schedule(interval)
    schedule.take(1000.0)
    accounted = 1
    for delay in late:
        now = schedule.due + delay
        accounted += schedule.take(now) + 1
        assert schedule.due == 1000.0 + accounted * interval
        assert now - 1e-6 <= schedule.due <= now + interval * (1 + 1e-9)


def test_a_poll_that_is_slowed_down_is_due_less_often_and_what_is_left_out_is_missed():
    schedule = Schedule(1.0)
    schedule.pace(1.5)
    missed = [schedule.take(max(100.0, schedule.due)) for _ in range(5)]
    assert schedule.due == 107.5
    assert missed == [0, 0, 1, 0, 1]


def test_a_poll_is_never_due_more_often_than_the_config_asks_for():
    schedule = Schedule(1.0)
    schedule.pace(0.2)
    assert (schedule.every, schedule.is_slowed) == (1.0, False)


def test_at_full_pace_again_it_is_back_on_the_grid():
    schedule = Schedule(1.0)
    schedule.take(100.0)
    schedule.pace(1.3)
    schedule.take(101.0)
    assert schedule.due == pytest.approx(102.3)
    schedule.pace(0.0)
    assert schedule.take(102.3) == 0
    assert (schedule.due, schedule.deadline) == (103.0, 104.0)


def test_what_was_due_by_a_slower_pace_comes_forward_when_that_is_over():
    schedule = Schedule(1.0)
    schedule.pace(250.0)
    schedule.take(100.0)
    assert schedule.due == 350.0
    schedule.pace(300.0)  # an even slower one holds from the next poll on
    assert (schedule.due, schedule.every) == (350.0, 300.0)
    schedule.pace(20.0)
    assert (schedule.due, schedule.deadline) == (120.0, 140.0)
    schedule.pace(30.0)
    assert (schedule.due, schedule.deadline) == (120.0, 140.0)
    schedule.pace(0.0)
    assert (schedule.due, schedule.deadline) == (101.0, 102.0)
    assert schedule.take(115.5) == 14
    assert schedule.due == 116.0


@given(paces=st.lists(st.tuples(st.floats(0.5, 30.0), st.floats(0.0, 9.0)), min_size=1, max_size=40))
def test_at_any_pace_what_is_due_by_the_config_is_taken_or_missed(paces):
    schedule, now = Schedule(1.0), 1000.0
    accounted = schedule.take(now) + 1
    for every, late in paces:
        schedule.pace(every)
        now = schedule.due + late
        accounted += schedule.take(now) + 1
        assert now < schedule.due + 1e-6
        assert accounted - 2 <= now - 1000.0 + 1e-6 < accounted + 1


def test_a_head_start_brings_the_second_poll_and_with_it_the_grid_forward():
    schedule = Schedule(2.0, 0.5)
    assert schedule.take(100.0) == 0
    assert (schedule.due, schedule.deadline) == (101.5, 103.5)
    assert schedule.take(101.9) == 0
    assert schedule.due == 103.5
    assert schedule.take(108.0) == 2
    assert schedule.due == 109.5


@given(interval=st.floats(0.01, 1e6), line=st.integers(0, 10_000))
def test_a_head_start_costs_no_poll_whatever_the_interval(interval, line):
    schedule = Schedule(interval, head_start(line, interval))
    assert schedule.take(1000.0) == 0
    assert 1000.0 <= schedule.due <= 1000.0 + interval
    assert schedule.due >= 1000.0 + interval - MOST_EARLY


def test_a_few_lines_keep_the_same_instants():
    """What comes together is handled together, at half the cost."""
    assert {head_start(line, 1.0) for line in range(TOGETHER)} == {0.0}


@pytest.mark.parametrize("groups", [2, 10, 25])
def test_of_many_lines_the_polls_lie_evenly_between_each_other(groups):
    """Between neighbours there is never more than 2.7 times what would be even: golden fractions leave no holes."""
    offsets = sorted({head_start(line, 1.0) for line in range(groups * TOGETHER)})
    assert len(offsets) == groups
    steps = [after - before for before, after in itertools.pairwise([*offsets, 1.0])]
    assert max(steps) <= 2.7 / groups
    assert min(steps) >= 0.35 / groups


def test_what_is_polled_once_an_hour_is_not_polled_twice_in_a_row():
    assert all(head_start(line, 3600.0) <= MOST_EARLY for line in range(1000))
