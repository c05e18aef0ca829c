"""Budgets of lines: what polls ask for, and that none waits longer than is said."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated_line import Device, SimulatedLine

from gatewayd.budget import LineBudget, PollBudget
from gatewayd.plugin import Effort


def budget(*polls):
    """A line of sources a, b, c ... with one poll each: (interval, seconds)."""
    return LineBudget(
        "bus",
        "",
        [PollBudget(name, interval, ("x",), (Effort("read", seconds),)) for name, (interval, seconds) in naming(polls)],
    )


def naming(polls):
    return [("abcdefghij"[number], poll) for number, poll in enumerate(polls)]


def test_the_load_is_what_all_polls_take_of_their_intervals():
    line = budget((1.0, 0.1), (0.5, 0.1), (10.0, 1.0))
    assert line.load == pytest.approx(0.4)
    assert [poll.share for poll in line.polls] == pytest.approx([0.1, 0.2, 0.1])
    assert line.is_known


def test_what_nobody_knows_counts_nothing_and_is_said():
    poll = PollBudget("a", 1.0, ("x",), (Effort("known", 0.1), Effort("unknown")))
    assert (poll.seconds, poll.is_known) == (0.1, False)
    assert not PollBudget("a", 1.0, ("x",), ()).is_known


def test_a_poll_could_come_so_often_that_it_takes_what_the_others_leave():
    line = budget((1.0, 0.1), (1.0, 0.5))
    assert [line.shortest_interval(poll) for poll in line.polls] == pytest.approx([0.2, 0.5 / 0.9])
    assert math.isinf(budget((1.0, 0.1), (1.0, 1.0)).shortest_interval(line.polls[0]))


def test_a_poll_alone_does_not_wait():
    line = budget((1.0, 0.9))
    assert line.longest_wait(line.polls[0]) == 0.0


def test_a_poll_waits_at_worst_for_one_turn_of_each_other_that_is_as_urgent():
    line = budget((1.0, 0.1), (1.0, 0.1), (1.0, 0.1))
    assert [line.longest_wait(poll) for poll in line.polls] == pytest.approx([0.2] * 3)


def test_a_poll_waits_for_one_turn_that_is_less_urgent_and_has_begun():
    line = budget((1.0, 0.1), (10.0, 0.2))
    assert [line.longest_wait(poll) for poll in line.polls] == pytest.approx([0.2, 0.1])
    line = budget((1.0, 0.1), (1.0, 0.1), (0.5, 0.1))
    assert [line.longest_wait(poll) for poll in line.polls] == pytest.approx([0.2, 0.2, 0.1])


def test_a_long_turn_is_put_off_for_two_intervals_of_its_neighbours():
    line = budget((1.0, 0.1), (10.0, 1.0))
    assert line.longest_wait(line.polls[1]) == pytest.approx(2.1)


def test_on_a_line_that_is_full_nobody_knows_how_long_one_waits():
    line = budget((1.0, 0.5), (1.0, 0.5))
    assert all(math.isinf(line.longest_wait(poll)) for poll in line.polls)


def waits(line):
    """The longest that each device has waited from when it was due until its turn, after the rush of the start."""
    dues, found = {}, dict.fromkeys(line.devices, 0.0)
    for time, name in line.turns:
        interval = line.devices[name].interval
        due = dues.get(name, time)
        if time > line.turns[0][0] + SETTLED:
            found[name] = max(found[name], time - due)
        dues[name] = due + interval * max(1, math.floor((time - due) / interval) + 1)
    return found


SETTLED = 20.0
POLLS = st.lists(st.tuples(st.sampled_from([0.5, 1.0, 1.5, 4.0, 10.0]), st.floats(0.01, 1.5)), min_size=2, max_size=6)


@given(polls=POLLS)
def test_no_poll_waits_longer_than_is_said(polls):
    asked = sum(seconds / interval for interval, seconds in polls)
    polls = [(interval, seconds * min(1.0, 0.85 / asked)) for interval, seconds in polls]
    devices = {name: Device(interval, seconds, planned=seconds) for name, (interval, seconds) in naming(polls)}
    line, said = SimulatedLine(devices).run(80.0), budget(*polls)
    found = waits(line)
    for poll in said.polls:
        assert found[poll.source] <= said.longest_wait(poll) + 1e-6


def test_waits_of_polls_from_ten_milliseconds_to_a_day_are_found_in_time():
    """Those cases are looked at that may matter, and not one for each of the ten milliseconds of a day."""
    line = budget((0.01, 0.001), (86_400.0, 0.05), (1.0, 0.2))
    assert line.longest_wait(line.polls[1]) < 1.0


def test_waits_on_a_line_of_hundreds_of_polls_are_found_in_time():
    """Polls of a kind wait equally long: a look at one of them is enough."""
    polls = [PollBudget(f"source{n}", 1.0 + n % 3, ("x",), (Effort("read", 0.003),)) for n in range(400)]
    line = LineBudget("bus", "", polls)
    waits = [line.longest_wait(poll) for poll in polls]
    assert len(set(waits)) == 3
    assert waits[0] == pytest.approx(0.003 * (133 + 1))  # those as urgent, and one that has begun
