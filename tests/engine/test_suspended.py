"""Rules that should judge and do not, or are not heard: each says why, and the far operator is told."""

from small_engine import SECOND, SmallEngine, rule

from gatewayd.engine.alarms.standing import Suspension
from gatewayd.engine.plan import PlannedFormula
from gatewayd.records import Stamp


def gated(**more):
    return rule("below", low=2.0, gate="running", **more)


def suspended(engine):
    return {each.rule: (each.reason, each.since and each.since.time / SECOND) for each in engine.engine.suspended()}


def test_a_gate_that_was_never_seen_suspends_judgement():
    engine = SmallEngine(gated())
    engine.poll(0, pressure=1.0)
    assert engine.alarms == []
    assert suspended(engine) == {"watch": ("pump1.running has had no value yet", None)}


def test_a_gate_that_is_bad_suspends_judgement():
    engine = SmallEngine(gated())
    engine.poll(0, pressure=9.0, running=1.0)
    assert suspended(engine) == {}
    engine.polls([1.0] * 3, start=1, running=None)
    assert engine.alarms == []
    assert engine.engine.suspended() == (Suspension("watch", "pump1.running is bad", Stamp("boot-1", SECOND)),)


def test_a_gate_that_is_stale_suspends_judgement_and_an_alarm_stays_as_it_is():
    engine = SmallEngine(gated())
    engine.poll(0, pressure=1.0, running=1.0)
    engine.polls([9.0] * 10, start=11)
    assert engine.story() == [("raised", 0)]
    assert suspended(engine) == {"watch": ("pump1.running has had no value for 20 s", 0)}
    engine.poll(21, pressure=9.0, running=1.0)
    assert engine.story() == [("raised", 0), ("cleared", 21)]
    assert suspended(engine) == {}


def test_a_value_of_a_slow_gate_counts_for_ten_of_its_intervals():
    engine = SmallEngine(gated(), interval=60)
    engine.poll(0, pressure=9.0, running=1.0)
    engine.poll(600, pressure=1.0)
    engine.poll(601, pressure=9.0)
    assert engine.story() == [("raised", 600)]


def test_a_rule_that_rests_is_not_suspended():
    engine = SmallEngine(gated())
    engine.poll(0, pressure=1.0, running=0.0)
    assert suspended(engine) == {}


def test_silence_is_judged_while_its_gate_is_silent_unless_it_was_closed():
    engine = SmallEngine(rule("stale", span=20, gate="running"))
    engine.poll(0, pressure=1.0, running=1.0)
    engine.ticks(1, 22)
    assert engine.story() == [("raised", 20)]
    assert suspended(engine) == {}
    engine = SmallEngine(rule("stale", span=20, gate="running"))
    engine.poll(0, pressure=1.0, running=0.0)
    engine.ticks(1, 22)
    assert engine.alarms == []
    assert list(suspended(engine)) == ["watch"]


def test_a_rule_can_be_judged_while_its_gate_is_0():
    engine = SmallEngine(rule("above", high=0.5, gate="running", inverted=True))
    engine.poll(0, pressure=9.0, running=1.0)
    engine.poll(1, pressure=9.0, running=0.0)
    engine.poll(2, pressure=9.0, running=1.0)
    assert engine.story() == [("raised", 1), ("cleared", 2)]
    assert engine.alarms[1].reason == "pump1.pressure: no longer judged, pump1.running is not 0"


def test_two_rules_may_follow_a_gate_in_opposite_ways():
    rules = [rule("above", name=name, high=0.5, gate="running", inverted=name == "off") for name in ("on", "off")]
    engine = SmallEngine(*rules)
    engine.poll(0, pressure=9.0, running=1.0)
    engine.poll(1, pressure=9.0, running=0.0)
    assert [(alarm.rule, str(alarm.state)) for alarm in engine.alarms] == [
        ("on", "raised"), ("on", "cleared"), ("off", "raised"),
    ]  # fmt: skip


def test_a_gate_that_is_derived_decides_about_the_poll_that_it_is_derived_from():
    def moving(numbers, derive):
        return PlannedFormula("moving", (numbers["flow"],), (derive("calculated.moving"),), ("$0", 5.0, ">"))

    engine = SmallEngine(rule("below", low=2.0, gate="calculated.moving"), derivers=[moving])
    engine.poll(0, pressure=9.0, flow=30.0)
    engine.poll(1, pressure=1.0, flow=0.0)
    engine.poll(2, pressure=9.0, flow=30.0)
    assert engine.alarms == []


def test_the_summary_tells_which_rules_are_suspended_and_why():
    rules = [gated(name="dry"), rule("above", high=99, name="high"), gated(name="away", asset="pump1")]
    engine = SmallEngine(*rules, summary=60)
    engine.poll(0, pressure=9.0)
    engine.order(1, "shelve", "high", lasting=3600, by="ada")
    engine.order(2, "maintain", "pump1")
    engine.tick(60)
    assert engine.summaries[0].suspended == {
        "dry": "pump1.running has had no value yet",
        "high": "shelved for 1 h by ada",
        "away": "pump1 is in maintenance",
    }


def test_a_source_of_which_nothing_comes_still_tells_that_its_rules_are_suspended():
    engine = SmallEngine(gated(), summary=10)
    engine.tick(0)
    engine.tick(10)
    assert [list(summary.suspended) for summary in engine.summaries] == [["watch"]]


def test_a_restart_does_not_forget_why_a_rule_is_suspended():
    before = SmallEngine(gated(asset="pump1"), gated(name="other"))
    before.order(1, "maintain", "pump1")
    before.order(2, "shelve", "other", by="ada")
    after = SmallEngine(gated(asset="pump1"), gated(name="other"), saved=before.saved, restored_at=50)
    assert suspended(after) == {"watch": ("pump1 is in maintenance", 50), "other": ("shelved by ada", 2)}
