"""What was set aside is told once for each reason, and what was told is not remembered for ever."""

import pytest
from structlog.testing import capture_logs

from gatewayd.uplink import tally as module
from gatewayd.uplink.tally import Tally


def told(things):
    """The topics and reasons that are logged when these are set aside."""
    tally = Tally()
    with capture_logs() as logs:
        for topic, reason in things:
            tally.set_aside(topic, reason)
    assert tally.refused == len(things)
    return [(each["topic"], each["reason"]) for each in logs]


def test_each_reason_is_told_once_for_each_topic():
    things = [("alarm/a", "refused"), ("alarm/b", "refused"), ("alarm/a", "too large")]
    assert told(things * 3) == things


def test_a_reason_with_another_number_in_it_is_the_same():
    sizes = [("birth", f"{size} bytes are more than 1000") for size in range(1001, 1100)]
    assert told(sizes) == sizes[:1]


@pytest.mark.parametrize("kind", ["topic", "reason"])
def test_what_was_told_is_bounded_and_what_is_forgotten_is_told_again(kind):
    names = ["x" * n for n in range(1, module.MOST + 2)]
    things = [(name, "refused") if kind == "topic" else ("alarm/a", name) for name in names]
    assert told(things * 2)[len(things) :] == things
    assert told([*things[:-1], *things[:-1]]) == things[:-1]


def test_what_comes_again_and_again_is_not_forgotten_for_what_comes_once():
    once = [("once", "x" * n) for n in range(1, 2 * module.MOST)]
    assert [
        each for each in told([pair for each in once for pair in (("often", "refused"), each)]) if "often" in each
    ] == [("often", "refused")]
