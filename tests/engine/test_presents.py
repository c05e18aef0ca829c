"""The last value of each channel, for those who look."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_engine import SECOND, SmallEngine

from gatewayd.engine.latest import LEAST
from gatewayd.model import Quality

NOTHING = "no answer within 1 s"


def seen(engine, name):
    """(seconds, value, quality, reason) of a channel; None: it had no value yet."""
    number = engine.names.index(name)
    found = engine.engine.present([number])
    if not found:
        return None
    present = found[number]
    return present.time / SECOND, present.value, present.quality, present.reason


def test_before_the_first_poll_there_is_nothing():
    assert seen(SmallEngine(), "pressure") is None


def test_it_is_the_value_of_the_last_poll():
    engine = SmallEngine()
    engine.poll(1, pressure=2.0, flow=3.0, running=1.0)
    engine.poll(2, pressure=2.5, flow=(3.5, Quality.UNCERTAIN), running=None, reasons={"running": "no such register"})
    assert seen(engine, "pressure") == (2, 2.5, Quality.GOOD, "")
    assert seen(engine, "flow") == (2, 3.5, Quality.UNCERTAIN, "")
    assert seen(engine, "running") == (2, None, Quality.BAD, "no such register")


def test_a_channel_without_a_new_value_keeps_the_one_it_had():
    engine = SmallEngine()
    engine.poll(1, pressure=2.0, flow=3.0, running=1.0)
    engine.poll(2, flow=4.0)
    assert seen(engine, "pressure") == (1, 2.0, Quality.GOOD, "")
    assert seen(engine, "flow") == (2, 4.0, Quality.GOOD, "")
    engine.poll(3, pressure=5.0, flow=6.0, running=0.0)
    assert seen(engine, "flow") == (3, 6.0, Quality.GOOD, "")


def test_a_device_that_does_not_answer_has_no_good_value_left():
    engine = SmallEngine()
    engine.poll(1, pressure=2.0, flow=3.0, running=1.0)
    engine.fail(2)
    assert seen(engine, "pressure") == (2, None, Quality.BAD, NOTHING)


def test_what_is_no_finite_number_is_bad_whatever_is_said_of_it():
    engine = SmallEngine()
    engine.poll(1, pressure=math.inf, flow=math.nan, running=1.0)
    assert seen(engine, "pressure")[1:3] == seen(engine, "flow")[1:3] == (None, Quality.BAD)


def test_what_is_derived_is_there_too():
    engine = SmallEngine(window=4, hop=2, features=("mean",))
    engine.polls([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], flow=1.0, running=1.0)
    number = engine.names.index("pressure.mean")
    assert seen(engine, "pressure.mean")[1] == engine.values("pressure.mean")[-1]
    assert engine.engine.present([number])[number].patience >= LEAST


def test_of_a_waveform_there_is_the_extent_and_what_it_is_worth():
    engine = SmallEngine(bursts=("rms",))
    engine.burst(1, np.ones(500), rate=1000.0, quality=Quality.UNCERTAIN, reason="loose")
    number = engine.names.index("acceleration")
    present = engine.engine.present([number])[number]
    assert (present.value, present.length, present.rate) == (None, 500, 1000.0)
    assert (present.quality, present.reason) == (Quality.UNCERTAIN, "loose")


def test_what_a_check_of_the_sensor_has_found_counts():
    engine = SmallEngine(sensors=[("pressure", {"low": 0.0, "high": 10.0})])
    for second in range(60):
        engine.poll(second, pressure=99.0, flow=1.0, running=1.0)
    assert seen(engine, "pressure")[2] != Quality.GOOD


VALUES = st.sampled_from(["pressure", "flow", "running"])
POLLS = st.lists(st.dictionaries(VALUES, st.one_of(st.none(), st.floats(-9, 9))), max_size=12)


@given(POLLS)
def test_whatever_comes_it_is_what_came_last_of_each_channel(polls):
    engine, last = SmallEngine(), {}
    for second, values in enumerate(polls):
        engine.poll(second, **values)
        last |= {name: (second, value) for name, value in values.items()}
    for name in ("pressure", "flow", "running"):
        found = seen(engine, name)
        assert (found and found[:2]) == last.get(name)


@pytest.mark.parametrize("channels", [[], [99]])
def test_channels_that_there_are_not_have_no_value(channels):
    assert SmallEngine().engine.present(channels) == {}
