from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gatewayd.engine.alarms.delays import Delay


def test_a_delay_has_passed_when_it_was_seen_to_hold_for_its_length():
    delay = Delay(10, 1)
    assert [time for time in range(15) if delay.passed(time)] == [10, 11, 12, 13, 14]


def test_no_delay_has_passed_at_once():
    assert Delay(0, 1).passed(7)


def test_a_delay_that_was_stopped_begins_anew():
    delay = Delay(10, 1)
    delay.passed(0)
    delay.stop()
    delay.passed(9)
    assert not delay.passed(13)
    assert delay.held() == 4


def test_a_silence_of_half_the_delay_is_bridged():
    delay = Delay(10, 1)
    delay.passed(0)
    delay.passed(5)
    assert delay.passed(10)


def test_a_longer_silence_begins_the_delay_anew():
    delay = Delay(10, 1)
    delay.passed(0)
    assert not delay.passed(6)
    assert not delay.passed(11)
    assert delay.passed(16)
    assert delay.since == 6


def test_a_channel_that_is_slower_than_the_delay_is_not_taken_for_silent():
    delay = Delay(10, 60)
    delay.passed(0)
    assert delay.passed(60)


def test_without_a_known_interval_no_silence_is_too_long():
    delay = Delay(10, 0)
    delay.passed(0)
    assert delay.passed(1_000_000)


def test_a_delay_holds_for_no_time_once_it_is_stopped():
    delay = Delay(10, 1)
    delay.passed(0)
    delay.passed(3)
    delay.stop()
    assert delay.held() == 0


def test_a_delay_goes_on_where_its_state_was_taken():
    first, second = Delay(10, 1), Delay(10, 1)
    first.passed(0)
    first.passed(5)
    second.restore(first.state())
    assert not second.passed(9)
    assert second.passed(10)


def test_a_delay_that_does_not_run_has_no_state():
    first, second = Delay(10, 1), Delay(10, 1)
    second.restore(first.state())
    assert second.since is None


@given(st.integers(1, 100), st.integers(1, 20), st.lists(st.integers(0, 60), min_size=1))
def test_what_has_passed_was_seen_without_a_silence_over_its_whole_length(length, interval, steps):
    delay = Delay(length, interval)
    time, times = 0, []
    for step in steps:
        time += step
        times.append(time)
        if delay.passed(time):
            seen = [each for each in times if each >= delay.since]
            gaps = [after - before for before, after in pairwise(seen)]
            assert seen[-1] - seen[0] >= length
            assert max(gaps, default=0) <= max(length // 2, 3 * interval)
