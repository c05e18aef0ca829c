"""Paces: what goes on in a second."""

import math

import pytest

from gatewayd.top.pace import WINDOW, Pace, told


def answer(seconds, polls=0, busy=0.0, name="pump1", line="bus"):
    source = {"name": name, "polls": polls, "line": line, "accounts": {"busy": busy}}
    return {"seconds": seconds, "sources": [source], "uplink": {"acked": polls}}


def paced(*answers):
    pace = Pace()
    for each in answers:
        pace.take(each)
    return pace


def test_one_answer_tells_no_pace():
    pace = paced(answer(5, 100))
    assert math.isnan(pace.counted("polls")["pump1"])
    assert told(math.nan) == "-"


def test_a_pace_is_what_was_added_in_a_second():
    pace = paced(answer(5, 100, busy=1.0), answer(7, 104, busy=2.5))
    assert pace.counted("polls") == {"pump1": 2.0}
    assert pace.of(lambda it: it["uplink"]["acked"]) == 2.0
    assert pace.of_lines() == {"bus": 0.75}


def test_the_last_seconds_count():
    pace = paced(*(answer(second, 1000 if second < 20 else 1000 + second) for second in range(0, 42, 2)))
    assert pace.counted("polls")["pump1"] == pytest.approx(1.0)
    assert len(pace._answers) == WINDOW / 2 + 1


def test_after_a_restart_it_begins_anew():
    pace = paced(answer(5, 100), answer(7, 104), answer(1, 3), answer(3, 5))
    assert pace.counted("polls") == {"pump1": 1.0}


def test_a_source_that_is_new_or_was_restarted_has_no_pace_below_0():
    pace = paced(answer(5, 100), answer(7, 3))
    assert pace.counted("polls") == {"pump1": 0.0}
    assert paced(answer(5, 100), answer(7, 3, name="new")).counted("polls") == {"new": 0.0}


def test_a_line_is_as_busy_as_its_sources_together():
    first, last = answer(5), answer(7, busy=0.5)
    first["sources"] += answer(0, name="pump2")["sources"] + answer(0, name="pump3", line="other")["sources"]
    last["sources"] += answer(0, busy=1.0, name="pump2")["sources"] + answer(0, name="pump3", line="other")["sources"]
    assert paced(first, last).of_lines() == {"bus": 0.75, "other": 0.0}
