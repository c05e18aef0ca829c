import math

import pytest
from small_engine import SECOND, SmallEngine, rule

from gatewayd.model import Quality
from gatewayd.records import AlarmState, Severity, Stamp


def test_an_alarm_says_what_was_judged_against_what_and_since_when():
    engine = SmallEngine(rule("above", high=6.0, on_delay=2, severity=Severity.CRITICAL, text="call Ada"))
    engine.polls([5.0, 6.5, 6.6, 6.7])
    (alarm,) = engine.alarms
    assert alarm.rule == "watch"
    assert alarm.channel == "pump1.pressure"
    assert alarm.state is AlarmState.RAISED
    assert alarm.severity is Severity.CRITICAL
    assert (alarm.boot, alarm.time) == ("boot-1", 3 * SECOND)
    assert alarm.since == Stamp("boot-1", 1 * SECOND)
    assert alarm.raised == Stamp("boot-1", 3 * SECOND)
    assert (alarm.value, alarm.limit, alarm.unit) == (6.7, 6.0, "bar")
    assert alarm.reason == "pump1.pressure: 6.7 bar, above 6 bar for 2 s"
    assert alarm.text == "call Ada"


def test_the_end_of_an_alarm_remembers_its_beginning():
    engine = SmallEngine(rule("above", high=6.0, deadband=0.3))
    engine.polls([6.5, 5.8, 5.7])
    raised, ended = engine.alarms
    assert (ended.state, ended.time, ended.value) == (AlarmState.CLEARED, 2 * SECOND, 5.7)
    assert (ended.since, ended.raised) == (raised.since, raised.raised)
    assert ended.reason == "pump1.pressure: 5.7 bar, no longer above 5.7 bar"


def test_an_alarm_is_raised_once_however_long_its_cause_lasts():
    engine = SmallEngine(rule("above", high=6.0))
    engine.polls([7.0] * 50)
    assert engine.story() == [("raised", 0)]


def test_a_peak_shorter_than_the_on_delay_raises_nothing():
    engine = SmallEngine(rule("above", high=6.0, on_delay=3))
    engine.polls([7, 7, 7, 5, 7, 7, 7, 5])
    assert engine.alarms == []


def test_a_dip_shorter_than_the_off_delay_clears_nothing():
    engine = SmallEngine(rule("above", high=6.0, off_delay=3))
    engine.polls([7, 5, 5, 5, 7, 5, 5, 5, 5])
    assert engine.story() == [("raised", 0), ("cleared", 8)]


def test_an_off_delay_waits_for_a_value():
    engine = SmallEngine(rule("above", high=6.0, off_delay=4))
    engine.polls([7, 5])
    engine.ticks(2, 60)
    assert engine.story() == [("raised", 0)]
    engine.polls([5] * 6, start=60)
    assert engine.story() == [("raised", 0), ("cleared", 64)]


def test_an_on_delay_waits_for_a_value():
    engine = SmallEngine(rule("above", high=6.0, on_delay=4))
    engine.polls([7, 7, 7])
    engine.ticks(3, 60)
    assert engine.alarms == []


def test_bad_values_leave_an_on_delay_running():
    engine = SmallEngine(rule("above", high=6.0, on_delay=6))
    engine.polls([7, None, math.nan, 7, 7, None, 7])
    assert engine.story() == [("raised", 6)]


def test_too_long_a_silence_begins_an_on_delay_anew():
    engine = SmallEngine(rule("above", high=6.0, on_delay=6))
    engine.polls([7, None, None, None, 7, 7, 7, 7, 7, 7, 7])
    assert engine.story() == [("raised", 10)]
    assert engine.alarms[0].since.time == 4 * SECOND


@pytest.mark.parametrize("bad", [None, math.nan, math.inf, -math.inf, (99.0, Quality.BAD)])
def test_bad_values_neither_raise_nor_clear(bad):
    engine = SmallEngine(rule("outside", low=2.0, high=6.0))
    engine.polls([5.0, bad])
    assert engine.alarms == []
    engine.polls([7.0, bad, bad], start=2)
    assert engine.story() == [("raised", 2)]


def test_uncertain_values_are_judged():
    engine = SmallEngine(rule("above", high=6.0))
    engine.poll(0, pressure=(7.0, Quality.UNCERTAIN))
    assert engine.story() == [("raised", 0)]


def test_a_rule_judges_only_while_its_gate_is_open():
    engine = SmallEngine(rule("below", low=2.0, gate="running"))
    engine.polls([1.0] * 3, running=0.0)
    assert engine.alarms == []
    engine.polls([1.0], start=3, running=1.0)
    assert engine.story() == [("raised", 3)]


def test_a_gate_that_was_never_seen_is_not_open():
    engine = SmallEngine(rule("below", low=2.0, gate="running"))
    engine.polls([1.0] * 3)
    assert engine.alarms == []


def test_a_gate_that_closes_ends_the_alarm_at_once():
    engine = SmallEngine(rule("below", low=2.0, gate="running", off_delay=60))
    engine.poll(0, pressure=1.0, running=1.0)
    engine.poll(1, running=0.0)
    assert engine.story() == [("raised", 0), ("cleared", 1)]
    assert engine.alarms[1].reason == "pump1.pressure: no longer judged, pump1.running is 0"
    assert engine.alarms[1].value is None


def test_a_gate_that_closes_for_a_moment_begins_the_on_delay_anew():
    engine = SmallEngine(rule("below", low=2.0, gate="running", on_delay=3))
    engine.polls([1.0, 1.0], running=1.0)
    engine.poll(1.2, running=0.0)
    engine.poll(1.4, running=1.0)
    engine.polls([1.0] * 4, start=2, running=1.0)
    assert engine.story() == [("raised", 5)]


def test_a_gate_that_is_bad_leaves_everything_as_it_is():
    engine = SmallEngine(rule("below", low=2.0, gate="running"))
    engine.polls([1.0], running=1.0)
    engine.polls([9.0, 9.0], start=1, running=None)
    assert engine.story() == [("raised", 0)]
    engine.polls([9.0], start=3, running=1.0)
    assert engine.story() == [("raised", 0), ("cleared", 3)]


def test_a_gate_decides_about_the_values_of_its_own_poll():
    engine = SmallEngine(rule("below", low=2.0, gate="running"))
    engine.poll(0, pressure=5.0, running=1.0)
    engine.poll(1, pressure=0.0, running=0.0)
    assert engine.alarms == []


def test_a_channel_can_be_the_gate_of_its_own_rule():
    engine = SmallEngine(rule("below", low=2.0, gate="pressure"))
    engine.polls([0.0, 1.0, 0.0, 5.0])
    assert engine.story() == [("raised", 1), ("cleared", 2)]


def test_silence_is_judged_on_ticks():
    engine = SmallEngine(rule("stale", span=30))
    engine.poll(0, pressure=5.0)
    engine.ticks(0.5, 40)
    assert engine.story() == [("raised", 30)]
    assert engine.alarms[0].reason == "pump1.pressure: no good value for 30 s"
    assert (engine.alarms[0].since.time, engine.alarms[0].raised.time) == (0, 30 * SECOND)
    engine.poll(40, pressure=5.0)
    assert engine.story() == [("raised", 30), ("cleared", 40)]


def test_silence_is_judged_on_failed_polls():
    engine = SmallEngine(rule("stale", span=3))
    engine.poll(0, pressure=5.0)
    for at in (1, 2, 3):
        engine.fail(at)
    assert engine.story() == [("raised", 3)]


def test_silence_is_judged_on_bad_values():
    engine = SmallEngine(rule("stale", span=3))
    engine.polls([5.0, None, math.nan, None])
    assert engine.story() == [("raised", 3)]


def test_a_stale_alarm_with_an_on_delay_tells_the_whole_silence():
    engine = SmallEngine(rule("stale", span=30, on_delay=10))
    engine.poll(0, pressure=5.0)
    engine.ticks(0.5, 41)
    assert engine.story() == [("raised", 40)]
    assert engine.alarms[0].reason == "pump1.pressure: no good value for 40 s"
    assert engine.alarms[0].since.time == 0


def test_a_stuck_alarm_is_there_since_the_value_stopped_moving():
    engine = SmallEngine(rule("flat", span=5, on_delay=2, deadband=0.01))
    engine.polls([3.0, 3.5] + [4.0] * 9)
    assert engine.story() == [("raised", 9)]
    assert engine.alarms[0].since.time == 2 * SECOND


def test_a_reason_has_no_more_digits_than_a_person_wants():
    engine = SmallEngine(rule("above", high=6.0, on_delay=3))
    for at in (0, 1.00052, 2.0011, 3.00216):
        engine.poll(at, pressure=6.123456789)
    (alarm,) = engine.alarms
    assert alarm.reason == "pump1.pressure: 6.1235 bar, above 6 bar for 3 s"
    assert alarm.value == 6.123456789


def test_silence_is_judged_while_the_gate_is_silent_too():
    engine = SmallEngine(rule("stale", span=3, gate="running"))
    engine.poll(0, pressure=5.0, running=1.0)
    for at in (1, 2, 3):
        engine.fail(at)
    assert engine.story() == [("raised", 3)]


def test_silence_is_judged_when_the_gate_never_spoke():
    engine = SmallEngine(rule("stale", span=3, gate="running"))
    engine.ticks(0, 4)
    assert engine.story() == [("raised", 3)]


def test_silence_is_not_judged_while_the_gate_was_last_seen_closed():
    engine = SmallEngine(rule("stale", span=3, gate="running"))
    engine.poll(0, pressure=5.0, running=0.0)
    for at in range(1, 10):
        engine.fail(at)
        engine.tick(at + 0.5)
    assert engine.alarms == []


def test_silence_counts_from_the_opening_of_the_gate():
    engine = SmallEngine(rule("stale", span=3, gate="running"))
    engine.poll(0, pressure=5.0, running=0.0)
    engine.poll(10, running=1.0)
    engine.ticks(10.5, 14)
    assert engine.story() == [("raised", 13)]


def test_a_stuck_value_raises_and_a_moving_one_clears():
    engine = SmallEngine(rule("flat", span=5, deadband=0.01))
    engine.polls([4.0] * 7 + [4.5])
    assert engine.story() == [("raised", 5), ("cleared", 7)]


def test_a_stopped_pump_is_not_stuck():
    engine = SmallEngine(rule("flat", span=5, gate="running"))
    engine.polls([4.0] * 4, running=1.0)
    engine.polls([4.0] * 10, start=4, running=0.0)
    engine.polls([4.0] * 5, start=14, running=1.0)
    assert engine.alarms == []


def test_a_rule_on_a_rate_raises_with_the_unit_of_the_rate():
    engine = SmallEngine(rule("rate_above", high=1.0, span=2))
    engine.polls([0.0, 1.5, 3.0, 3.0, 3.0])
    assert engine.story() == [("raised", 1), ("cleared", 3)]
    assert (engine.alarms[0].value, engine.alarms[0].limit, engine.alarms[0].unit) == (1.5, 1.0, "bar/s")
