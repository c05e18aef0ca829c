"""What is told of a calculation: each trouble once when it begins and once when it is over."""

import pytest
from structlog.testing import capture_logs

from gatewayd.calculator.health import Health


@pytest.fixture
def health():
    return Health("tank.sludge", "tank")


def events(logs):
    return [(event["event"], event.get("reason", event.get("seconds"))) for event in logs]


def test_what_is_well_is_counted_and_not_told(health):
    with capture_logs() as logs:
        health.answered(0.002, 1)
        health.answered(0.004, 2)
    status = health.status()
    assert (status.name, status.plugin, status.state) == ("tank.sludge", "tank", "ok")
    assert (status.count, status.failed, status.passed_over) == (2, 0, 0)
    assert (status.mean_ms, status.longest_ms) == pytest.approx((3, 4))
    assert logs == []


def test_before_the_first_window_nothing_is_known(health):
    status = health.status()
    assert (status.state, status.count, status.mean_ms, status.longest_ms) == ("starting", 0, None, None)


def test_what_takes_longer_than_a_second_is_slow_until_it_has_been_quick_for_a_while(health):
    with capture_logs() as logs:
        health.answered(1.25, 10)
        assert health.status().state == "slow"
        for now in (12, 14):
            health.answered(0.9, now)
            assert health.status().state == "ok"
            health.answered(1.1, now + 1)
        health.answered(0.5, 24.9)
        assert events(logs) == [("feature_slow", "took 1.2 s")]
        health.answered(0.5, 25)
        health.answered(0.5, 26)
    assert events(logs)[1:] == [("feature_recovered", 15)]


def test_a_failure_while_it_is_slow_is_told_and_slowness_while_it_fails_is_not(health):
    with capture_logs() as logs:
        health.passed_over(1)
        health.failed(0.1, "gave None", 2, None)
        health.passed_over(3)
        assert health.status().state == "failing"
        health.answered(2, 4)
        health.answered(0.1, 14)
    assert events(logs) == [
        ("feature_slow", "the next window came before it was done"),
        ("feature_failed", "gave None"),
        ("feature_recovered", 13),
    ]


def test_trouble_that_comes_back_after_it_was_over_is_told_again(health):
    with capture_logs() as logs:
        for now in (0, 100):
            health.failed(0.1, "gave None", now, None)
            health.answered(0.1, now + 20)
    assert [event["event"] for event in logs] == ["feature_failed", "feature_recovered"] * 2


def test_what_is_stuck_stays_so_although_others_are_refused_until_it_returns(health):
    with capture_logs() as logs:
        health.stuck("still computing after 10 s", 10)
        health.refused("tank is still computing tank.sludge")
        assert (health.status().state, health.status().last_error) == ("stuck", "still computing after 10 s")
        health.returned(12.5, 12.5)
        assert (health.status().state, health.status().longest_ms) == ("failing", 12500)
        health.answered(0.1, 23)
    assert (health.status().count, health.status().failed) == (3, 2)
    assert events(logs) == [("feature_failed", "still computing after 10 s"), ("feature_recovered", 13)]
