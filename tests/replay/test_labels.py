"""Labels: spans are found over the ends of chunks, and alarms are held against them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewayd.records import Alarm, AlarmKind, AlarmState, Severity, Stamp
from gatewayd.replay.alarms import Alarms
from gatewayd.replay.labels import Labels


def alarm(state, time, rule="high", about=AlarmKind.MACHINE):
    stamp = Stamp("recording", time)
    return Alarm(
        boot="recording",
        rule=rule,
        channel="rig.a",
        state=state,
        severity=Severity.WARNING,
        time=time,
        since=stamp,
        raised=stamp,
        value=None,
        limit=None,
        unit="",
        reason="",
        about=about,
    )


def alarms(*spans, about=AlarmKind.MACHINE):
    taken = Alarms()
    for begin, end in spans:
        taken.take([alarm(AlarmState.RAISED, begin, about=about)])
        taken.take([alarm(AlarmState.CLEARED, end, about=about)])
    return taken.episodes


def labels(flags, chunk=100):
    made = Labels()
    flags = np.array(flags, dtype=bool)
    for begin in range(0, len(flags), chunk):
        part = flags[begin : begin + chunk]
        made.take(np.arange(begin, begin + len(part)), part, np.zeros(len(part), dtype=bool))
    return made


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 10))
def test_spans_are_runs_of_labelled_rows_whatever_the_chunks(flags, chunk):
    inside = {n for span in labels(flags, chunk).spans for n in range(span.begin, span.end + 1)}
    assert inside == {n for n, flag in enumerate(flags) if flag}
    assert labels(flags, chunk).spans == labels(flags).spans


@pytest.mark.parametrize(
    ("spans", "delays", "false"),
    [
        ([(12, 30)], (2,), 0),
        ([(5, 11)], (0,), 0),
        ([(5, 9)], (), 1),
        ([(20, 25)], (), 1),
        ([(12, 13), (15, 16), (2, 3)], (2,), 1),
    ],
)
def test_a_span_is_found_by_an_alarm_that_meets_it(spans, delays, false):
    score = labels([10 <= n < 20 for n in range(40)]).score(alarms(*spans), 39)
    assert (score.delays, len(score.false)) == (delays, false)


def test_alarms_about_sensors_are_not_held_against_labels():
    score = labels([1] * 10).score(alarms((2, 3), about=AlarmKind.SENSOR), 9)
    assert (score.found, score.false) == (0, ())


def test_a_latched_alarm_ends_when_its_cause_has_gone():
    taken = Alarms()
    taken.take([alarm(AlarmState.RAISED, 1), alarm(AlarmState.RETURNED, 5)])
    assert not taken.machine
    taken.take([alarm(AlarmState.CLEARED, 9)])
    assert [each.until(20) for each in taken.episodes] == [5]


def test_a_change_is_found_when_one_is_told_within_a_minute():
    made = Labels()
    second = 1_000_000_000
    made.take_changes(np.array([0, 100, 200]) * second, np.array([True, True, False]))
    assert made.changes_found([60 * second, 161 * second]) == 1
