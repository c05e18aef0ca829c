import math

import pytest
from small_engine import SECOND, SmallEngine, cut, rule

from gatewayd.model import Quality
from gatewayd.records import Fault, Verdict

WELL = (0.1, 0.2, 0.1, 25.0)
OUTER = (9.0, 0.2, 0.1, 30.0)
BALL = (0.0, 0.1, 8.0, 30.0)


def judging(*rules, saved=None, at=0, **plan):
    engine = SmallEngine(
        *rules, **({"bearing": True, "shaft": 25.0, "summary": 100} | plan), saved=saved, restored_at=at
    )
    engine.tick(at)
    return engine


def score(engine, windows, start=0):
    for n, scores in enumerate(windows):
        engine.computed(start + n, *scores)


def told(engine):
    return [(str(verdict.fault), verdict.time // SECOND) for verdict in engine.verdicts]


def summed_up(engine, at=100):
    engine.tick(at)
    found = {channel.name: channel for channel in engine.summaries[-1].channels}
    return [found[f"bearing.drive_end.{name}"] for name in ("score", "outer_race", "inner_race", "ball")]


def test_that_a_new_bearing_is_well_is_told_once():
    engine = judging()
    score(engine, [WELL] * 50)
    (verdict,) = engine.verdicts
    assert (verdict.bearing, verdict.channel, verdict.boot) == ("drive_end", "pump1.acceleration", "boot-1")
    assert (verdict.fault, verdict.before, verdict.time) == (Fault.NONE, None, 4 * SECOND)
    assert (verdict.votes, verdict.windows, verdict.shaft, verdict.frequency) == (5, 5, 25.0, None)
    assert verdict.reason == "drive_end: no fault in 5 of 5 windows"


def test_a_verdict_says_what_it_is_founded_on():
    engine = judging()
    score(engine, [WELL] * 5 + [OUTER] * 3)
    verdict = engine.verdicts[-1]
    assert (verdict.fault, verdict.before, verdict.time) == (Fault.OUTER_RACE, Fault.NONE, 7 * SECOND)
    assert (verdict.score, verdict.votes, verdict.windows, verdict.shaft) == (9.0, 3, 5, 30.0)
    assert verdict.frequency == pytest.approx(3.58 * 30)
    assert verdict.reason == (
        "drive_end: outer race in 3 of 5 windows, "
        "lines at 107.4 Hz (BPFO) and its harmonics stand out by 9.0 standard deviations"
    )


def test_a_ball_shows_at_twice_its_spin():
    engine = judging()
    score(engine, [BALL] * 3)
    assert engine.verdicts[-1].frequency == pytest.approx(2 * 2.36 * 30)
    assert "141.6 Hz (2 x BSF)" in engine.verdicts[-1].reason


def test_the_present_verdict_can_be_asked_for_also_after_a_restart():
    before = judging()
    assert before.engine.verdicts() == ()
    score(before, [WELL] * 5 + [OUTER] * 5)
    (present,) = before.engine.verdicts()
    assert (present.fault, present.before, present.votes) == (Fault.OUTER_RACE, Fault.NONE, 5)
    assert before.verdicts[-1].votes == 3
    assert judging(saved=before.saved, at=20).engine.verdicts() == (before.verdicts[-1],)


def test_a_verdict_is_told_when_it_changes():
    engine = judging()
    score(engine, [WELL] * 5 + [OUTER] * 10 + [BALL] * 10 + [WELL] * 10)
    assert told(engine) == [("none", 4), ("outer race", 7), ("ball", 17), ("none", 27)]
    assert [verdict.before for verdict in engine.verdicts] == [None, *(each.fault for each in engine.verdicts[:-1])]


def test_a_verdict_is_urgent_and_its_memory_comes_with_it():
    engine = judging()
    score(engine, [OUTER] * 2)
    output = engine.computed(2, *OUTER)
    assert [type(record) for record in output.records] == [Verdict]
    assert [(item.stage, item.name) for item in output.saved] == [("bearings", "drive_end")]
    assert output.urgent
    assert not engine.computed(3, *OUTER).urgent


def test_scores_are_values_of_channels():
    engine = judging(rule("above", channel="bearing.drive_end.score", high=5.0))
    score(engine, [WELL, OUTER, OUTER])
    assert engine.story() == [("raised", 2)]
    assert [(channel.count, channel.last) for channel in summed_up(engine)] == [(3, 9.0), (3, 9.0), (3, 0.2), (3, 0.1)]


def test_windows_are_asked_for_and_never_answered_but_with_scores():
    engine = judging(cut=cut(span=0.5))
    output = engine.burst(1, range(1000))
    assert [(each.calculation, len(each.values), each.shaft) for each in output.requests] == [(0, 500, 25.0)] * 3
    assert output.records == ()


@pytest.mark.parametrize(
    ("flaws", "reason"),
    [
        ({"clipped": True}, "the burst is clipped"),
        ({"gap": True}, "the burst has gaps"),
        ({"quality": Quality.BAD, "reason": "overrun"}, "overrun"),
    ],
)
def test_unfit_windows_are_not_analysed(flaws, reason):
    engine = judging()
    engine.burst(1, range(1000), **flaws)
    assert engine.requests == []
    assert {(channel.count, channel.bad, channel.reason) for channel in summed_up(engine)} == {(0, 1, reason)}


def test_without_a_speed_nothing_is_analysed():
    engine = judging(shaft="flow")
    engine.burst(1, range(1000))
    assert {channel.reason for channel in summed_up(engine)} == {"shaft speed unknown"}
    engine.poll(101, flow=0.0)
    engine.burst(101, range(1000))
    assert {channel.reason for channel in summed_up(engine, 200)} == {"the shaft stands still"}
    assert engine.requests == []
    engine.poll(201, flow=1500.0)
    engine.burst(202, range(1000))
    assert [request.shaft for request in engine.requests] == [25.0]


def test_a_window_with_too_few_turns_is_not_analysed():
    engine = judging()
    engine.burst(1, range(300))
    assert engine.requests == []
    (reason,) = {channel.reason for channel in summed_up(engine)}
    assert "turns of the shaft" in reason


@pytest.mark.parametrize("values", [(math.nan,) * 4, (1.0, math.nan, 1.0, 25.0), (math.nan,), ()])
def test_scores_that_are_bad_are_no_vote(values):
    engine = judging()
    score(engine, [OUTER] * 2)
    engine.computed(2, *values, quality=Quality.BAD, reason="too few turns")
    assert engine.verdicts == []
    assert {(channel.count, channel.bad, channel.reason) for channel in summed_up(engine)} == {(2, 1, "too few turns")}
    engine.computed(101, *OUTER)
    assert told(engine) == [("outer race", 101)]


def test_votes_and_verdict_outlive_a_stop():
    before = judging()
    score(before, [WELL] * 5 + [OUTER] * 2)
    before.stop(10)
    after = judging(saved=before.saved, at=20, boot="boot-2")
    assert after.saved["votes", "drive_end"].data == b""
    after.computed(21, *OUTER)
    assert told(after) == [("outer race", 21)]
    assert after.verdicts[0].before is Fault.NONE
    assert after.verdicts[0].boot == "boot-2"


def test_after_a_crash_a_verdict_is_neither_repeated_nor_taken_back():
    before = judging()
    score(before, [OUTER] * 3)
    after = judging(saved=before.saved, at=20)
    score(after, [WELL] * 2 + [OUTER] * 5, start=20)
    assert after.verdicts == []
    again = judging(saved=before.saved, at=20)
    score(again, [WELL] * 10, start=20)
    assert told(again) == [("none", 24)]


@pytest.mark.parametrize("other", [{"shaft": 30.0}, {"shaft": (20.0, 30.0)}, {"shaft": "flow"}, {"cut": cut(span=2)}])
def test_a_bearing_that_is_judged_otherwise_is_judged_anew(other):
    before = judging()
    score(before, [OUTER] * 3)
    before.stop(10)
    after = judging(saved=before.saved, at=20, **other)
    assert after.saved["bearings", "drive_end"].data == b""
    score(after, [OUTER] * 3, start=20)
    assert told(after) == [("outer race", 22)]
    assert after.verdicts[0].before is None


def test_the_verdict_of_a_bearing_that_is_gone_is_forgotten():
    before = judging()
    score(before, [OUTER] * 3)
    after = SmallEngine(saved=before.saved)
    assert after.saved["bearings", "drive_end"].data == b""


def test_what_was_forgotten_or_cannot_be_read_is_passed_over():
    before = judging()
    score(before, [OUTER] * 3)
    before.stop(10)
    damaged = {
        key: type(item)(item.stage, item.name, item.definition, b"\xc1" + item.data)
        for key, item in before.saved.items()
    }
    for saved in (damaged, judging(saved=before.saved, shaft=30.0).saved):
        after = judging(saved=saved, at=20)
        score(after, [OUTER] * 3, start=20)
        assert told(after) == [("outer race", 22)]
