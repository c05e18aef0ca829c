"""The life of an alarm: acknowledged, latched, the first of its group, and what of it is saved."""

import msgspec
from rules_over import over, restarted
from small_engine import SECOND, SmallEngine, rule

from gatewayd.engine.alarms.alarms import ALARMS
from gatewayd.records import Alarm, AlarmKind, AlarmState, Stamp


def test_an_acknowledged_alarm_says_by_whom_and_stays_open_until_its_cause_goes():
    engine = SmallEngine(over())
    engine.poll(0, pressure=7.0)
    engine.order(5, "ack", by="ada", why="on my way")
    seen = engine.alarms[-1]
    assert (seen.state, seen.acknowledged, seen.by, seen.time) == (AlarmState.ACKNOWLEDGED, True, "ada", 5 * SECOND)
    assert seen.reason == "pump1.pressure: 7 bar, above 6 bar; acknowledged by ada (on my way)"
    assert engine.engine.alarms() == (seen,)
    engine.poll(6, pressure=1.0)
    ended = engine.alarms[-1]
    assert (ended.state, ended.acknowledged, ended.by) == (AlarmState.CLEARED, True, "ada")
    assert engine.engine.alarms() == ()


def test_acknowledging_twice_or_nothing_at_all_does_nothing():
    engine = SmallEngine(over())
    assert engine.order(0, "ack").records == ()
    engine.poll(1, pressure=7.0)
    engine.order(2, "ack", by="ada")
    said = engine.order(3, "ack", by="bob")
    assert (said.records, said.saved) == ((), ())
    assert engine.order(4, "ack", "no_such_rule").records == ()


def test_an_acknowledgement_outlives_a_crash():
    before = SmallEngine(over(latch=True))
    before.poll(0, pressure=7.0)
    before.order(1, "ack", by="ada")
    after = restarted(before, over(latch=True), at=10, boot="boot-2")
    after.poll(11, pressure=1.0)
    assert after.story() == [("cleared", 11)]


def test_a_latched_alarm_stays_until_it_is_acknowledged():
    engine = SmallEngine(over(latch=True))
    engine.polls([7.0, 5.0, 5.0])
    assert engine.story() == [("raised", 0), ("returned", 1)]
    assert engine.alarms[-1].reason == "pump1.pressure: 5 bar, no longer above 5.5 bar"
    assert [alarm.state for alarm in engine.engine.alarms()] == [AlarmState.RETURNED]
    engine.order(9, "ack", by="ada")
    ended = engine.alarms[-1]
    assert (ended.state, ended.by, ended.acknowledged) == (AlarmState.CLEARED, "ada", True)
    assert ended.reason == "pump1.pressure: acknowledged by ada"
    assert engine.engine.alarms() == ()


def test_a_latched_alarm_that_was_acknowledged_ends_with_its_cause():
    engine = SmallEngine(over(latch=True))
    engine.poll(0, pressure=7.0)
    engine.order(1, "ack")
    engine.poll(2, pressure=5.0)
    assert engine.story() == [("raised", 0), ("acknowledged", 1), ("cleared", 2)]


def test_a_cause_that_comes_back_raises_the_same_alarm_again():
    engine = SmallEngine(over(latch=True, on_delay=2))
    engine.polls([7.0, 7.0, 7.0, 5.0, 7.0, 5.0, 7.0, 7.0, 7.0])
    assert engine.story() == [("raised", 2), ("returned", 3), ("raised", 8)]
    first, _, again = engine.alarms
    assert again.raised == first.raised
    assert again.since == Stamp("boot-1", 6 * SECOND)


def test_a_gate_that_closes_does_not_hide_a_latched_alarm():
    engine = SmallEngine(over(latch=True, gate="running"))
    engine.poll(0, pressure=7.0, running=1.0)
    engine.poll(1, pressure=0.0, running=0.0)
    engine.poll(2, pressure=0.0, running=1.0)
    engine.poll(3, pressure=0.0, running=0.0)
    assert engine.story() == [("raised", 0), ("returned", 1)]
    assert engine.alarms[1].reason == "pump1.pressure: no longer judged, pump1.running is 0"


def test_an_alarm_that_has_returned_outlives_a_crash_and_a_reboot():
    before = SmallEngine(over(latch=True))
    before.polls([7.0, 5.0])
    after = restarted(before, over(latch=True), at=10, boot="boot-2")
    after.polls([5.0, 5.0], start=10)
    assert after.alarms == []
    after.order(20, "ack")
    assert after.story() == [("cleared", 20)]
    assert after.saved[ALARMS, "watch"].data == b""


def test_a_silence_can_be_latched():
    engine = SmallEngine(rule("stale", span=3, latch=True))
    engine.ticks(0, 5)
    engine.poll(5, pressure=1.0)
    assert engine.story() == [("raised", 3), ("returned", 5)]
    engine.ticks(5.5, 9)
    assert engine.story()[2:] == [("raised", 8)]


def test_the_first_alarm_of_a_group_is_marked():
    rules = [rule("below", name, low=2.0, name=name, group="suction") for name in ("pressure", "flow")]
    engine = SmallEngine(*rules, over(name="alone"))
    engine.poll(0, pressure=9.0, flow=9.0)
    engine.poll(1, pressure=9.0, flow=0.0)
    engine.poll(2, pressure=0.0, flow=0.0)
    told = {alarm.rule: (alarm.group, alarm.first_out) for alarm in engine.alarms if alarm.state is AlarmState.RAISED}
    assert told == {"alone": ("", False), "flow": ("suction", True), "pressure": ("suction", False)}


def test_a_group_begins_anew_when_none_of_it_is_open():
    rules = [rule("below", name, low=2.0, name=name, group="suction", latch=True) for name in ("pressure", "flow")]
    engine = SmallEngine(*rules)
    engine.poll(0, pressure=0.0, flow=9.0)
    engine.poll(1, pressure=9.0, flow=0.0)
    engine.poll(2, pressure=9.0, flow=9.0)
    engine.order(3, "ack", "pressure")
    engine.order(3, "ack", "flow")
    engine.poll(4, pressure=9.0, flow=0.0)
    first = [(alarm.rule, alarm.first_out) for alarm in engine.alarms if alarm.state is AlarmState.RAISED]
    assert first == [("pressure", True), ("flow", False), ("flow", True)]


def test_the_first_of_a_group_stays_it_when_it_is_raised_again():
    engine = SmallEngine(over(group="suction", latch=True))
    engine.polls([7.0, 5.0, 7.0])
    assert [alarm.first_out for alarm in engine.alarms] == [True] * 3


def test_who_was_first_is_known_after_a_restart():
    rules = [rule("below", name, low=2.0, name=name, group="suction") for name in ("pressure", "flow")]
    before = SmallEngine(*rules)
    before.poll(0, pressure=0.0, flow=9.0)
    after = restarted(before, *rules, at=10)
    after.poll(11, pressure=0.0, flow=0.0)
    assert [(alarm.rule, alarm.first_out) for alarm in after.alarms] == [("flow", False)]


def test_each_transition_is_saved_with_its_record():
    engine = SmallEngine(over(latch=True))
    for output in (engine.poll(0, pressure=7.0), engine.poll(1, pressure=5.0)):
        (saved,) = output.saved
        assert msgspec.msgpack.decode(saved.data, type=Alarm) == output.records[0]
        assert output.urgent


def test_an_alarm_says_whose_trouble_it_is():
    engine = SmallEngine(over(kind=AlarmKind.SENSOR))
    engine.poll(0, pressure=7.0)
    assert engine.alarms[0].about is AlarmKind.SENSOR
