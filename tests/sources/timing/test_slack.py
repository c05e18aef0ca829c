import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd.sources.timing.slack import Coming, harm, least_harm

NEIGHBOURS = st.lists(
    st.builds(Coming, due=st.floats(95.0, 110.0), every=st.floats(0.5, 20.0), seconds=st.floats(0.0, 0.3)),
    min_size=1,
    max_size=12,
)


def row(count, every=1.0, seconds=0.05, due=100.0):
    """So many polls that are due one after the other."""
    return [Coming(due + n * seconds, every, seconds) for n in range(count)]


def test_a_turn_that_ends_in_time_for_all_others_harms_nobody():
    assert harm(1.0, row(9), now=99.9) == 0.0
    assert harm(0.5, row(18), now=99.9) == 0.0


def test_a_turn_of_two_intervals_costs_all_neighbours_a_poll():
    assert harm(2.0, row(9), now=99.5) == pytest.approx(1.0)


def test_polls_that_come_seldom_are_not_harmed_by_what_is_long_for_others():
    others = [*row(4), Coming(100.0, 60.0, 0.05)]
    assert harm(3.0, others, now=99.5) == pytest.approx(8 / (4 + 1 / 60))


def test_who_is_in_a_hurry_comes_first_afterwards():
    others = [Coming(100.0, 10.0, 1.0), Coming(100.0, 1.0, 0.1)]
    assert harm(0.9, others, now=100.0) == 0.0


def test_what_is_missed_anyway_does_not_count():
    late = [Coming(90.0, 1.0, 0.0)]
    assert harm(0.5, late, now=100.0) == 0.0
    assert harm(1.5, late, now=100.0) == 1.0


def test_nobody_is_harmed_where_nobody_is():
    assert harm(10.0, [], now=0.0) == 0.0
    assert least_harm(10.0, []) == 0.0


def test_at_the_best_moment_all_others_have_just_been_served():
    others = [Coming(0.0, 1.0, 0.05)] * 9
    assert least_harm(1.5, others) == 0.0  # 0.55 s until the next is due, and a second until that is missed
    assert least_harm(1.6, others) > 0.0


@given(seconds=st.floats(0.0, 30.0), more=st.floats(0.0, 30.0), coming=NEIGHBOURS)
def test_a_longer_turn_harms_as_much_at_least(seconds, more, coming):
    assert 0.0 <= harm(seconds, coming, 100.0) <= harm(seconds + more, coming, 100.0)


@given(seconds=st.floats(0.0, 30.0), coming=NEIGHBOURS)
def test_the_harm_is_hardly_more_than_the_time_that_it_lasts_and_what_the_others_take(seconds, coming):
    busy = sum(each.seconds for each in coming)
    rate = sum(1 / each.every for each in coming)
    assert harm(seconds, coming, 100.0) <= seconds + busy + len(coming) / rate
