"""What a child says of its sources is told people only as far as it can be true, and fits on their screens."""

import math
from dataclasses import replace

import pytest
from fake_field import FakeSource, _plan

from gatewayd import clock
from gatewayd.isolation.messages import Beat, RubbishError
from gatewayd.isolation.standing import MOST, Standing
from gatewayd.sources import Accounts
from gatewayd.sources.health.status import Health

USUAL = Health("pump1", "fake").status(clock.now(), {})


@pytest.fixture
def standing():
    return Standing(_plan({"pump1": FakeSource(names=("a", "b"))}, 1.0, True)[1])


def told(standing, status, memory=1000):
    standing.heard(Beat([status], False, memory, {}), 77)
    (status,) = standing.status(clock.now())
    return status


def test_texts_are_on_one_line_of_reasonable_length(standing):
    long = "x\ny" * 1000
    status = told(
        standing, replace(USUAL, last_error=long, bad={long: long}, about={"maker": long}, flawed={"a": long})
    )
    for text in (status.last_error, *status.bad, *status.bad.values(), status.about["maker"], status.flawed["a"]):
        assert (len(text), text[:5]) == (200, "x yx ")


def test_who_has_very_much_to_say_is_not_heard_to_the_end(standing):
    assert len(told(standing, replace(USUAL, about={str(n): "" for n in range(MOST + 5)})).about) == MOST


def test_its_plugin_is_the_one_of_the_config(standing):
    plugin = next(iter(standing.status(clock.now()))).plugin
    assert told(standing, replace(USUAL, plugin="other")).plugin == plugin


def test_its_line_is_the_one_of_the_config(standing):
    assert told(standing, replace(USUAL, line="other")).line == "pump1"


WRONG = {
    "a time that is none": replace(USUAL, seconds=math.nan),
    "a duration without end": replace(USUAL, duration=math.inf),
    "an age before all ages": replace(USUAL, last_error_age=-1e300),
    "a count beyond counting": replace(USUAL, bad_count=2**64),
    "an account that is none": replace(USUAL, accounts=Accounts(seconds=math.nan)),
}


@pytest.mark.parametrize("status", WRONG.values(), ids=WRONG)
def test_numbers_that_cannot_be_are_refused(standing, status):
    with pytest.raises(RubbishError, match="talked rubbish: a number that cannot be"):
        told(standing, status)


def test_memory_that_no_machine_has_is_refused(standing):
    with pytest.raises(RubbishError, match="talked rubbish: a number that cannot be"):
        told(standing, USUAL, memory=-(2**63))
