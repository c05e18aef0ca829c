import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd.sources.timing.measured import Measured


def measured(*turns, interval=1.0, planned=0.0):
    poll = Measured(interval, planned)
    for seconds in turns:
        poll.took(seconds)
    return poll


def test_before_the_first_turn_it_is_what_was_planned():
    assert (measured(planned=0.3).mean, measured(planned=0.3).usual) == (0.3, 0.3)


def test_the_first_turn_with_its_new_connection_says_nothing_about_the_usual_one():
    assert measured(0.9).usual == 0.0
    assert measured(0.9, 0.1).usual == 0.1
    assert measured(0.9, planned=0.1).usual == 0.1


def test_one_odd_turn_changes_nothing_and_two_do():
    assert measured(*[0.1] * 10, 30.0).usual == 0.1
    assert measured(*[0.1] * 10, 30.0).mean == pytest.approx(0.1 + 0.9 / 8)
    assert measured(*[0.1] * 10, 3.0, 3.0).usual == 3.0
    assert measured(*[3.0] * 10, 0.1, 0.1).usual == 0.1


def test_who_is_slow_now_and_then_shows_it_in_the_mean():
    assert measured(*[0.1, 0.1, 5.0] * 20).mean > 0.3


@given(turns=st.lists(st.floats(0.001, 50.0), min_size=3, max_size=30))
def test_the_usual_turn_is_the_median_of_the_last_three(turns):
    assert measured(*turns).usual == sorted(turns[-3:])[1]
