"""The timeline of a demo and what it says about itself."""

import pytest

from gatewayd_plugins.simulator.demo.timeline import Phase, Timeline
from gatewayd_plugins.simulator.faults import Fault


def test_a_third_is_healthy_a_third_ill_and_a_third_for_recovery():
    timeline = Timeline(60, Fault.BEARING)
    phases = [timeline.phase(time) for time in (0, 19.9, 20, 39.9, 40, 60)]
    assert phases == [Phase.HEALTHY] * 2 + [Phase.FAULT] * 2 + [Phase.RECOVERY] * 2
    assert timeline.episode.begins == 20
    assert timeline.episode.ends == 40


def test_without_a_fault_all_is_healthy():
    timeline = Timeline(60, Fault.NONE)
    assert timeline.phase(30) is Phase.HEALTHY
    assert timeline.words(30) == "the pump is well and stays so for another 30 s"


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (8, "the pump is well; cavitation begins in 12 s"),
        (30, "cavitation now, for another 10 s"),
        (45, "cavitation is over, the pump recovers; the demo ends in 15 s"),
        (61, "the demo is over"),
    ],
)
def test_it_says_what_is_going_on_and_what_comes_next(time, words):
    assert Timeline(60, Fault.CAVITATION).words(time) == words
