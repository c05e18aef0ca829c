import pytest

from gatewayd.sources.timing.quarantine import COST_FACTOR, FIRST, Quarantine


def waits(quarantine, cost, count, now=1000.0):
    """How long it waits after each of so many failures in a row that cost the same."""
    given = []
    for _ in range(count):
        quarantine.failed(now, cost)
        given.append(round(quarantine.until - now, 6) if quarantine.until else 0.0)
        now = max(now, quarantine.until) + cost
    return given


def test_the_first_failure_has_no_consequence():
    quarantine = Quarantine(60.0)
    quarantine.failed(1000.0, 1.0)
    assert quarantine.until == 0.0


def test_failures_that_cost_nobody_anything_wait_twice_as_long_each_time_up_to_the_longest():
    assert waits(Quarantine(10.0), 0.0, 7) == [0.0, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_what_may_not_fail_at_all_waits_from_its_first_failure():
    assert waits(Quarantine(10.0, tolerated=0), 0.0, 3) == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("cost", [0.01, 0.2, 1.0, 5.0])
def test_attempts_that_go_on_failing_take_a_twentieth_of_others_time(cost):
    given = waits(Quarantine(60.0), cost, 50)
    assert sum(given) + 50 * cost >= 48 * COST_FACTOR * cost
    assert max(given) <= max(60.0, COST_FACTOR * cost)


def test_what_fails_every_other_time_is_made_to_wait_although_answers_lie_between():
    quarantine, now, failures = Quarantine(60.0), 1000.0, 0
    while now < 2000.0:
        now = max(now, quarantine.until) + 1.0
        quarantine.failed(now, 1.0)
        failures += 1
        now = max(now, quarantine.until)
        quarantine.lift()
    assert failures <= 1 + 1000.0 / COST_FACTOR


def test_a_failure_now_and_then_is_never_made_to_wait():
    quarantine = Quarantine(60.0)
    for now in range(1000, 5000, 100):
        quarantine.failed(float(now), 1.0)
        assert quarantine.until == 0.0
        quarantine.lift()


def test_waits_stay_bounded_however_often_it_fails():
    quarantine = Quarantine(60.0)
    assert waits(quarantine, 1.0, 5000)[-1] == 60.0
    assert quarantine.failures == 5000


def test_an_answer_ends_it_at_once():
    quarantine = Quarantine(60.0)
    waits(quarantine, 0.0, 5)
    quarantine.lift()
    assert (quarantine.until, quarantine.failures) == (0.0, 0)
    assert waits(quarantine, 0.0, 2, now=2000.0) == [0.0, FIRST]
