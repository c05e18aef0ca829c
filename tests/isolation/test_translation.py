"""What a child says is not believed: whatever comes, it is refused or it is something that the engine can take."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd import clock
from gatewayd.engine.plan import Plan, PlannedChannel, PlannedGroup
from gatewayd.isolation.messages import Fed, Ready, Report, RubbishError, framed, received
from gatewayd.isolation.translation import Translation
from gatewayd.model import Burst, Kind, Polled
from gatewayd.recorder.entries import Poll, Wave

NAMES = ("other.x", "pump1.a", "pump1.b", "pump1.sound")
PLAN = Plan(
    tuple(
        PlannedChannel(name, "", name.partition(".")[0], Kind.WAVEFORM if name[-1] == "d" else Kind.SCALAR)
        for name in NAMES
    ),
    (PlannedGroup("other", (0,), 1), PlannedGroup("pump1", (3,), 1), PlannedGroup("pump1", (1, 2), 1)),
)
READY = Ready([("pump1", ["pump1.a", "pump1.b"]), ("pump1", ["pump1.sound"])], {2: "pump1.sound"})
TWO = np.array([1.5, math.nan]).tobytes()


@pytest.fixture(scope="module")
def translation():
    return Translation(READY, PLAN, ["pump1"])


def test_numbers_of_the_child_become_those_of_the_plan(translation):
    wave = Wave(2, 5, 100.0, "<f4", np.ones(3, "<f4").tobytes(), 1, "doubtful", 3)
    polled, burst = translation.inputs([Poll(0, 7, TWO, b"\0\2", {"b": "why"}, 3, 1), wave])
    assert isinstance(polled, Polled)
    assert (polled.group, polled.time, polled.missed, polled.failed, polled.reasons) == (2, 7, 3, True, {"b": "why"})
    assert (polled.values[0], polled.qualities.tolist()) == (1.5, [0, 2])
    assert isinstance(burst, Burst)
    assert (burst.channel, burst.rate, burst.quality, burst.gap, burst.clipped) == (3, 100.0, 1, True, True)
    assert burst.values.tolist() == [1.0, 1.0, 1.0]


OTHERS = {
    "another channel": Ready([("pump1", ["pump1.a", "pump1.c"]), ("pump1", ["pump1.sound"])], {2: "pump1.sound"}),
    "another source": Ready([*READY.groups, ("other", ["other.x"])], {2: "pump1.sound"}),
    "nothing": Ready([], {}),
    "no waveform": Ready(READY.groups, {}),
    "a group twice": Ready([*READY.groups, READY.groups[0]], {2: "pump1.sound"}),
}


@pytest.mark.parametrize("ready", OTHERS.values(), ids=OTHERS)
def test_a_child_that_would_poll_anything_else_is_refused(ready):
    with pytest.raises(RubbishError, match="could not be set up: in its own process its plugin declares other"):
        Translation(ready, PLAN, ["pump1"])


WRONG = {
    "an unknown group": Poll(2, 0, TWO, b"", None, 0, 0),
    "a group below 0": Poll(-1, 0, TWO, b"", None, 0, 0),
    "too few values": Poll(0, 0, TWO[:8], b"", None, 0, 0),
    "half a value": Poll(0, 0, TWO[:12], b"", None, 0, 0),
    "too few qualities": Poll(0, 0, TWO, b"\0", None, 0, 0),
    "an unknown quality": Poll(0, 0, TWO, b"\0\7", None, 0, 0),
    "a time to come": Poll(0, clock.now() + 10**12, TWO, b"", None, 0, 0),
    "fewer than no polls missed": Poll(0, 0, TWO, b"", None, -1, 0),
    "a reason of a channel it does not have": Poll(0, 0, TWO, b"", {"x": "why"}, 0, 0),
    "a waveform of a scalar": Wave(0, 0, 1.0, "<f8", TWO, 0, "", 0),
    "a waveform without values": Wave(2, 0, 1.0, "<f8", b"", 0, "", 0),
    "a waveform with half a value": Wave(2, 0, 1.0, "<f8", b"1234", 0, "", 0),
    "a waveform of objects": Wave(2, 0, 1.0, "O", TWO, 0, "", 0),
    "a waveform without a rate": Wave(2, 0, math.nan, "<f8", TWO, 0, "", 0),
    "a waveform of an unknown quality": Wave(2, 0, 1.0, "<f8", TWO, 7, "", 0),
}


@pytest.mark.parametrize("item", WRONG.values(), ids=WRONG)
def test_what_cannot_be_is_refused(translation, item):
    with pytest.raises(RubbishError, match="talked rubbish"):
        translation.inputs([item])


def test_reasons_are_on_one_line_of_reasonable_length(translation):
    long = "x\ny" * 1000
    wave = Wave(2, 5, 100.0, "<f4", np.ones(3, "<f4").tobytes(), 1, long, 0)
    polled, burst = translation.inputs([Poll(0, 7, TWO, b"\0\2", {"b": long}, 0, 0), wave])
    assert polled.reasons == {"b": burst.reason}
    assert (len(burst.reason), burst.reason[:5]) == (200, "x yx ")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_rubbish(body):
    try:
        report = received(body)
    except RubbishError:
        return
    assert isinstance(report, Report)


@given(st.data())
def test_a_damaged_message_is_refused_or_can_be_taken(translation, data):
    frame = bytearray(
        framed(Fed([Poll(0, 7, TWO, b"\0\2", {"b": "why"}, 3, 1), Wave(2, 5, 1.0, "<f8", TWO, 0, "", 0)]))
    )
    for place in data.draw(st.lists(st.integers(4, len(frame) - 1), min_size=1, max_size=3)):
        frame[place] = data.draw(st.integers(0, 255))
    try:
        report = received(bytes(frame[4:]))
        inputs = translation.inputs(report.inputs) if isinstance(report, Fed) else []
    except RubbishError:
        return
    for each in inputs:
        assert each.group == 2 and len(each.values) == 2 if isinstance(each, Polled) else each.channel == 3
