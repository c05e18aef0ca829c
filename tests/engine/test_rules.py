from dataclasses import replace

import msgspec
from small_engine import SECOND, SmallEngine, cut, rule

from gatewayd.engine.alarms.alarms import ALARMS
from gatewayd.engine.alarms.rule import JUDGING
from gatewayd.records import Alarm, Saved, Severity, Stamp


def over(**more):
    return rule("above", high=6.0, deadband=0.5, **more)


def raised(*rules, **plan):
    """An engine with a raised alarm."""
    engine = SmallEngine(*(rules or (over(),)), **plan)
    engine.poll(5, pressure=7.0)
    assert engine.story() == [("raised", 5)]
    return engine


def test_a_raised_alarm_is_saved_with_its_record():
    engine = SmallEngine(over())
    output = engine.poll(5, pressure=7.0)
    (saved,) = output.saved
    assert msgspec.msgpack.decode(saved.data, type=Alarm) == output.records[0]
    assert output.urgent


def test_a_cleared_alarm_leaves_nothing_saved():
    engine = raised()
    output = engine.poll(6, pressure=1.0)
    assert output.saved == (Saved(ALARMS, "watch", "", b""),)


def test_an_alarm_survives_a_restart_without_being_raised_again():
    after = SmallEngine(over(), saved=raised().saved, restored_at=100, boot="boot-2")
    after.polls([7.0] * 5, start=100)
    assert after.alarms == []
    assert [alarm.rule for alarm in after.engine.alarms()] == ["watch"]


def test_the_times_of_an_earlier_boot_stay_with_that_boot():
    after = SmallEngine(over(), saved=raised().saved, boot="boot-2")
    after.poll(1, pressure=1.0)
    (ended,) = after.alarms
    assert (ended.boot, ended.time) == ("boot-2", 1 * SECOND)
    assert ended.since == ended.raised == Stamp("boot-1", 5 * SECOND)


def test_the_deadband_holds_across_a_restart():
    after = SmallEngine(over(), saved=raised().saved)
    after.polls([5.7, 5.4])
    assert after.story() == [("cleared", 1)]


def test_a_cleared_alarm_does_not_come_back_at_a_restart():
    engine = raised()
    engine.poll(6, pressure=1.0)
    after = SmallEngine(over(), saved=engine.saved)
    assert after.engine.alarms() == ()
    assert after.records == []


def test_a_flat_line_that_was_raised_before_a_restart_lasts_until_the_value_moves():
    stuck = rule("flat", span=4)
    before = SmallEngine(stuck)
    before.polls([1.0] * 5)
    after = SmallEngine(stuck, saved=before.saved, restored_at=20)
    after.polls([1.0, 1.0], start=20)
    assert after.alarms == []
    after.polls([1.5, 1.6], start=22)
    assert after.story() == [("cleared", 22)]


def test_a_silence_that_was_raised_before_a_restart_lasts_until_there_is_a_value():
    silent = rule("stale", span=4)
    before = SmallEngine(silent)
    before.ticks(0, 10)
    after = SmallEngine(silent, saved=before.saved, restored_at=20)
    after.ticks(20, 30)
    assert after.alarms == []
    after.poll(30, pressure=1.0)
    assert after.story() == [("cleared", 30)]


def test_a_rate_that_was_raised_before_a_restart_lasts_until_it_can_be_told_again():
    fast = rule("rate_above", span=4, high=1.0)
    before = SmallEngine(fast)
    before.polls([0.0, 2.0, 4.0])
    after = SmallEngine(fast, saved=before.saved, restored_at=20)
    after.polls([50.0, 50.0, 50.0], start=20)
    assert after.story() == [("cleared", 22)]


def stopped_and_started(before, *rules, at, boot="boot-1", **plan):
    before.stop(at)
    return SmallEngine(*rules, saved=before.saved, restored_at=at, boot=boot, **plan)


def test_a_delay_goes_on_after_a_stop_and_a_start():
    slow = rule("above", high=6.0, on_delay=20, off_delay=20)
    before = SmallEngine(slow)
    before.polls([7.0] * 15)
    after = stopped_and_started(before, slow, at=15)
    after.polls([7.0] * 10 + [1.0] * 8, start=16)
    assert after.story() == [("raised", 20)]
    assert after.alarms[0].since.time == 0
    last = stopped_and_started(after, slow, at=34)
    last.polls([1.0] * 20, start=35)
    assert last.story() == [("cleared", 46)]


def test_a_delay_does_not_go_on_after_too_long_a_stop():
    slow = rule("above", high=6.0, on_delay=20)
    before = SmallEngine(slow)
    before.polls([7.0] * 15)
    before.stop(15)
    after = SmallEngine(slow, saved=before.saved, restored_at=30)
    after.polls([7.0] * 21, start=30)
    assert after.story() == [("raised", 50)]


def test_a_delay_does_not_go_on_in_another_boot_or_under_another_rule():
    slow = rule("above", high=6.0, on_delay=20)
    for changed, boot in [(slow, "boot-2"), (rule("above", high=5.0, on_delay=20), "boot-1")]:
        before = SmallEngine(slow)
        before.polls([7.0] * 15)
        after = stopped_and_started(before, changed, at=15, boot=boot)
        after.polls([7.0] * 15, start=15)
        assert after.alarms == []


def test_a_long_span_outlives_stops():
    stuck = rule("flat", span=100)
    engine = SmallEngine(stuck)
    for start in range(0, 100, 20):
        engine.polls([4.2] * 19, start=start)
        assert engine.alarms == []
        engine = stopped_and_started(engine, stuck, at=start + 19.5)
    engine.poll(100, pressure=4.2)
    assert engine.story() == [("raised", 100)]


def test_the_silence_of_a_stopped_gateway_is_nobodys():
    silent = rule("stale", span=30)
    before = SmallEngine(silent)
    before.poll(0, pressure=5.0)
    before.ticks(0.5, 20)
    before.stop(20)
    after = SmallEngine(silent, saved=before.saved, restored_at=500)
    after.ticks(500, 515)
    assert after.story() == [("raised", 510)]


def test_a_rule_that_rests_has_nothing_to_remember():
    silent = rule("stale", span=30, gate="running")
    before = SmallEngine(silent)
    before.poll(0, pressure=5.0, running=0.0)
    after = stopped_and_started(before, silent, at=100)
    after.ticks(100, 129)
    assert after.alarms == []


def test_memories_are_used_once():
    slow = rule("above", high=6.0, on_delay=20)
    before = SmallEngine(slow)
    before.polls([7.0] * 15)
    before.stop(15)
    assert before.saved[JUDGING, "watch"].data
    after_crash = SmallEngine(slow, saved=SmallEngine(slow, saved=before.saved, restored_at=15).saved, restored_at=15)
    assert after_crash.saved[JUDGING, "watch"].data == b""
    after_crash.polls([7.0] * 15, start=15)
    assert after_crash.alarms == []


def test_a_memory_that_cannot_be_read_is_forgotten():
    slow = rule("above", high=6.0, on_delay=20)
    before = SmallEngine(slow)
    before.polls([7.0] * 15)
    before.stop(15)
    whole = before.saved[JUDGING, "watch"]
    after = SmallEngine(slow, saved={(JUDGING, "watch"): replace(whole, data=whole.data[:-2])}, restored_at=15)
    after.polls([7.0] * 10, start=15)
    assert after.alarms == []


def test_an_alarm_whose_rule_was_changed_is_cleared_and_raised_by_the_new_rule():
    after = SmallEngine(rule("above", high=6.5), saved=raised().saved, restored_at=10, boot="boot-2")
    assert after.story() == [("cleared", 10)]
    assert after.alarms[0].reason == "pump1.pressure: the rule was changed"
    after.poll(11, pressure=7.0)
    assert after.story() == [("cleared", 10), ("raised", 11)]


def test_an_alarm_whose_rule_says_another_text_goes_on_with_that():
    before = raised()
    after = SmallEngine(over(text="call Jan"), saved=before.saved, restored_at=10, boot="boot-2")
    assert after.story() == []
    (alarm,) = after.engine.alarms()
    assert (alarm.state, alarm.text, alarm.raised) == ("raised", "call Jan", before.engine.alarms()[0].raised)
    after.poll(11, pressure=1.0)
    assert [(alarm.state, alarm.text) for alarm in after.alarms] == [("cleared", "call Jan")]


def test_an_alarm_whose_rule_is_of_another_severity_is_another_alarm():
    after = SmallEngine(over(severity=Severity.CRITICAL), saved=raised().saved, restored_at=10)
    assert after.story() == [("cleared", 10)]


def test_an_alarm_whose_rule_is_gone_is_cleared():
    after = SmallEngine(rule("above", high=6.0, name="other"), saved=raised().saved, restored_at=10)
    assert after.story() == [("cleared", 10)]
    assert after.alarms[0].rule == "watch"
    assert after.alarms[0].reason == "pump1.pressure: the rule is gone"
    assert after.saved[ALARMS, "watch"].data == b""


def test_a_rule_whose_gate_was_changed_is_another_rule():
    engine = SmallEngine(over(gate="running"))
    engine.poll(5, pressure=7.0, running=1.0)
    after = SmallEngine(over(gate="flow"), saved=engine.saved, restored_at=10)
    assert after.story() == [("cleared", 10)]


def test_other_tables_of_the_config_do_not_touch_an_alarm():
    names = ("flow", "running", "new", "pressure")
    after = SmallEngine(rule("below", name="first", channel="flow", low=-9), over(), saved=raised().saved, names=names)
    assert after.alarms == []
    assert len(after.engine.alarms()) == 1


def test_a_gate_found_closed_after_a_restart_ends_the_alarm():
    before = SmallEngine(over(gate="running"))
    before.poll(5, pressure=7.0, running=1.0)
    after = SmallEngine(over(gate="running"), saved=before.saved, restored_at=10)
    after.poll(11, pressure=7.0, running=0.0)
    assert after.story() == [("cleared", 11)]


def test_what_other_stages_saved_is_not_taken_for_an_alarm():
    after = SmallEngine(over(), saved={("windows", "watch"): Saved("windows", "watch", "x", b"\x01\x02")})
    assert after.records == []


def test_several_rules_can_judge_one_channel():
    engine = SmallEngine(rule("above", name="high", high=6.0), rule("above", name="higher", high=8.0))
    engine.polls([7.0, 9.0])
    assert [(alarm.rule, alarm.time // SECOND) for alarm in engine.alarms] == [("high", 0), ("higher", 1)]


def test_a_channel_without_a_new_value_is_not_judged():
    engine = SmallEngine(over())
    engine.poll(0, flow=3.0)
    engine.poll(1, pressure=7.0)
    engine.poll(2, flow=3.0)
    assert engine.story() == [("raised", 1)]


def test_features_are_judged_when_they_are_computed():
    engine = SmallEngine(rule("above", channel="pressure.rms", high=6.0), window=3, hop=0)
    engine.polls([9.0, 9.0, 9.0])
    assert engine.story() == [("raised", 2)]
    assert engine.alarms[0].channel == "pump1.pressure.rms"


def test_a_feature_that_cannot_be_computed_is_not_judged():
    engine = SmallEngine(rule("above", channel="pressure.kurtosis", high=-1), window=3, features=["kurtosis"])
    engine.polls([4.0] * 6)
    assert engine.alarms == []


def test_features_of_a_waveform_are_judged():
    engine = SmallEngine(rule("above", channel="acceleration.peak_to_peak", high=5.0), bursts=["peak_to_peak"])
    engine.burst(0, [0.0, 3.0])
    engine.burst(1, [0.0, 6.0])
    assert engine.story() == [("raised", 1)]


def test_a_waveform_ends_a_silence():
    engine = SmallEngine(rule("stale", channel="acceleration", span=30), bursts=["rms"])
    for at in range(0, 100, 10):
        engine.tick(at)
        engine.burst(at, [1.0, 2.0])
    assert engine.alarms == []
    engine.ticks(90, 121)
    assert engine.story() == [("raised", 120.5)]
    engine.burst(121, [1.0, 2.0])
    assert engine.story() == [("raised", 120.5), ("cleared", 121.002)]


def test_a_long_waveform_is_no_silence():
    engine = SmallEngine(rule("stale", channel="acceleration", span=20), bursts=["rms"])
    for at in range(0, 100, 10):
        engine.ticks(at, at + 10)
        engine.burst(at, [1.0, 2.0], rate=0.2)
    engine.tick(110)
    assert engine.alarms == []


def test_a_feature_of_a_long_window_is_as_new_as_the_windows_end():
    engine = SmallEngine(rule("stale", channel="acceleration.rms", span=30), bursts=["rms"], cut=cut(span=25, every=5))
    for at in range(100):
        engine.burst(at, [1.0] * 10, rate=10.0)
        engine.tick(at + 1)
    assert engine.alarms == []
    engine.ticks(101, 140)
    assert engine.story() == [("raised", 129)]


def test_what_was_computed_at_last_ends_a_silence():
    engine = SmallEngine(rule("stale", channel="acceleration.sludge", span=10), sludge="acceleration")
    engine.ticks(0, 11)
    assert engine.story() == [("raised", 10)]
    engine.ticks(11, 20)
    engine.computed(2, 5.0)
    engine.ticks(20, 29)
    assert engine.story() == [("raised", 10), ("cleared", 19.5)]


def test_the_on_delay_of_a_feature_counts_its_hops_as_seen():
    engine = SmallEngine(
        rule("above", channel="pressure.rms", high=6.0, on_delay=10), window=10, hop=10, features=["rms"]
    )
    engine.polls([9.0] * 25)
    assert engine.story() == [("raised", 19)]
