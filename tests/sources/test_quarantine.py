import pytest

from gatewayd.sources.quarantine import COST_FACTOR, Patience, Quarantine


def waits(quarantine, cost, count):
    """How long it waits after each of so many failures in a row that cost the same."""
    given = []
    now = 1000.0
    for _ in range(count):
        quarantine.failed(now, cost)
        given.append(round(quarantine.until - now, 6) if quarantine.until else 0.0)
        now = max(now, quarantine.until) + cost
    return given


def test_the_first_failure_of_a_source_has_no_consequence():
    quarantine = Quarantine(Patience.of_neighbour(1.0))
    quarantine.failed(1000.0, 1.0)
    assert quarantine.until == 0.0


def test_a_neighbour_waits_twenty_times_what_its_failure_cost_and_longer_each_time_up_to_a_minute():
    assert waits(Quarantine(Patience.of_neighbour(1.0)), 1.0, 6) == [0.0, 20.0, 40.0, 60.0, 60.0, 60.0]


def test_a_neighbour_that_fails_cheaply_is_tried_sooner():
    assert waits(Quarantine(Patience.of_neighbour(1.0)), 0.001, 5) == [0.0, 1.0, 2.0, 4.0, 8.0]


def test_the_share_of_the_line_is_kept_even_when_a_minute_is_too_short_for_it():
    assert waits(Quarantine(Patience.of_neighbour(1.0)), 10.0, 3) == [0.0, 200.0, 200.0]


def test_a_source_with_a_line_to_itself_is_tried_again_soon():
    assert waits(Quarantine(Patience.of_loner(1.0)), 3.0, 7) == [0.0, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_a_line_waits_from_its_first_failure():
    assert waits(Quarantine(Patience.of_line(0.5)), 0.0, 7) == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_waits_stay_bounded_however_often_it_fails():
    quarantine = Quarantine(Patience.of_neighbour(1.0))
    assert waits(quarantine, 1.0, 5000)[-1] == 60.0
    assert quarantine.failures == 5000


@pytest.mark.parametrize("cost", [0.01, 1.0, 7.0])
def test_an_answer_ends_it_at_once_and_wholly(cost):
    quarantine = Quarantine(Patience.of_neighbour(1.0))
    waits(quarantine, cost, 5)
    quarantine.lift()
    assert (quarantine.until, quarantine.failures) == (0.0, 0)
    assert waits(quarantine, cost, 2) == [0.0, max(1.0, COST_FACTOR * cost)]
