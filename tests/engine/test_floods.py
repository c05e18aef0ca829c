"""Floods: too many alarms are counted instead of told, and nothing is lost."""

import pytest
from small_engine import SECOND, SmallEngine, rule

from gatewayd.engine.plan import ONE_BY_ONE, PlannedAlarms
from gatewayd.records import AlarmState, FloodState, Severity, Stamp

NAMES = tuple(f"c{n}" for n in range(12))
LIMIT = PlannedAlarms(flood=4, span=100 * SECOND)


def rules(**more):
    return [rule("above", name, name=name, high=0.5, **more) for name in NAMES]


def engine(*planned, **more):
    return SmallEngine(*(planned or rules()), names=NAMES, alarms=LIMIT, **more)


def raise_all(engine, count, start=0.0, **others):
    """One alarm after the other, a second apart."""
    for n in range(count):
        engine.poll(start + n, **{name: float(place <= n) for place, name in enumerate(NAMES[:count])}, **others)


def told(engine):
    return [(alarm.rule, str(alarm.state)) for alarm in engine.alarms]


def test_alarms_within_the_limit_are_told_one_by_one():
    quiet = engine()
    raise_all(quiet, 4)
    assert told(quiet) == [(name, "raised") for name in NAMES[:4]]
    assert quiet.floods == []


def test_alarms_beyond_the_limit_are_counted_and_listed():
    flooded = engine()
    raise_all(flooded, 7)
    assert told(flooded) == [(name, "raised") for name in NAMES[:4]]
    (begun,) = flooded.floods
    assert (begun.state, begun.time, begun.since) == (FloodState.BEGUN, 4 * SECOND, Stamp("boot-1", 4 * SECOND))
    assert (begun.limit, begun.within) == (4, 100 * SECOND)
    assert (begun.rules, begun.severities, begun.open) == ({"c4": 1}, {"warning": 1}, ("c4",))
    assert begun.reason == "more than 4 alarms within 100 s: until it is over they are counted, not told"
    assert [alarm.rule for alarm in flooded.engine.alarms()] == list(NAMES[:7])


def test_the_summary_names_open_alarms_that_were_not_told():
    flooded = engine(summary=60)
    raise_all(flooded, 7)
    flooded.tick(60)
    assert flooded.summaries[0].alarms == NAMES[:7]


def test_what_is_open_at_the_end_of_a_flood_is_told_then():
    flooded = engine()
    raise_all(flooded, 7)
    flooded.poll(10, c4=0.0)
    flooded.poll(11, c0=0.0)
    assert told(flooded)[4:] == [("c0", "cleared")]
    flooded.ticks(11, 110)
    ended = flooded.floods[-1]
    assert (ended.state, ended.time) == (FloodState.ENDED, 104 * SECOND)
    assert ended.rules == {"c4": 1, "c5": 1, "c6": 1}
    assert ended.open == ("c5", "c6")
    assert ended.reason == "the flood of alarms is over: 3 alarms were counted, not told, of which 2 are open"
    assert told(flooded)[5:] == [("c5", "raised"), ("c6", "raised")]
    assert flooded.alarms[-1].time == 6 * SECOND
    flooded.poll(111, c5=0.0)
    assert told(flooded)[7:] == [("c5", "cleared")]


def test_an_alarm_that_has_moved_on_is_told_from_its_beginning():
    flooded = engine(*rules(latch=True))
    raise_all(flooded, 6)
    flooded.poll(10, c4=0.0)
    flooded.order(11, "ack", "c5", by="ada")
    flooded.ticks(11, 110)
    assert told(flooded)[4:] == [("c4", "raised"), ("c4", "returned"), ("c5", "raised"), ("c5", "acknowledged")]


def test_critical_alarms_are_always_told():
    flooded = engine(*rules()[:8], *rules(severity=Severity.CRITICAL)[8:])
    raise_all(flooded, 12)
    assert told(flooded) == [(name, "raised") for name in (*NAMES[:4], *NAMES[8:])]
    flooded.poll(20, c11=0.0)
    assert told(flooded)[-1] == ("c11", "cleared")
    flooded.ticks(20, 120)
    assert flooded.floods[-1].rules == {"c4": 1, "c5": 1, "c6": 1, "c7": 1}


def test_a_flood_of_critical_alarms_alone_is_none():
    critical = engine(*rules(severity=Severity.CRITICAL))
    raise_all(critical, 12)
    assert len(critical.alarms) == 12
    assert critical.floods == []


def test_a_flood_that_lasts_says_so_once_every_span():
    flooded = engine()
    for at in range(0, 250, 5):
        flooded.poll(at, c0=float(at % 10 == 0))
    states = [(str(flood.state), flood.time // SECOND) for flood in flooded.floods]
    assert states == [("begun", 40), ("lasting", 140), ("lasting", 240)]
    assert flooded.floods[1].rules == {"c0": 10}
    assert flooded.floods[1].reason == (
        "the flood of alarms lasts: 10 alarms were counted, not told, of which none are open"
    )
    assert [alarm.state for alarm in flooded.alarms] == [AlarmState.RAISED, AlarmState.CLEARED] * 4


def test_after_a_flood_alarms_are_told_again():
    flooded = engine()
    raise_all(flooded, 6)
    flooded.poll(10, **dict.fromkeys(NAMES, 0.0))
    flooded.ticks(10, 120)
    before = len(flooded.records)
    raise_all(flooded, 2, start=200)
    assert [record.rule for record in flooded.records[before:]] == ["c0", "c1"]


@pytest.mark.parametrize("boot", ["boot-1", "boot-2"])
@pytest.mark.parametrize("stopped", [True, False])
def test_a_flood_goes_on_over_a_stop_or_a_crash_and_nothing_is_told_twice(boot, stopped):
    before = engine()
    raise_all(before, 7)
    if stopped:
        before.stop(10)
    after = engine(saved=before.saved, restored_at=10, boot=boot)
    after.poll(11, **dict.fromkeys(NAMES[:6], 0.0), c6=1.0)
    assert told(after) == [(name, "cleared") for name in NAMES[:4]]
    after.ticks(12, 120)
    (ended,) = (flood for flood in after.floods if flood.state is FloodState.ENDED)
    assert ended.rules == {"c4": 1, "c5": 1, "c6": 1}
    assert ended.since == Stamp("boot-1", 4 * SECOND)
    assert told(after)[4:] == [("c6", "raised")]
    assert after.alarms[-1].boot == "boot-1"


def test_alarms_before_a_stop_count_for_a_flood_after_it():
    before = engine()
    raise_all(before, 4)
    before.stop(10)
    after = engine(saved=before.saved, restored_at=10)
    after.poll(11, c4=1.0)
    assert told(after) == []
    assert [str(flood.state) for flood in after.floods] == ["begun"]


def test_an_alarm_that_was_not_told_is_not_cleared_when_its_rule_is_gone():
    before = engine()
    raise_all(before, 6)
    after = engine(*rules()[:4], saved=before.saved, restored_at=10)
    assert told(after) == []
    after.ticks(10, 120)
    assert told(after) == []
    assert after.floods[-1].rules == {"c4": 1, "c5": 1}


def test_shelves_are_told_in_a_flood():
    flooded = engine()
    raise_all(flooded, 6)
    flooded.order(10, "shelve", "c5", lasting=5)
    flooded.tick(15)
    assert told(flooded)[4:] == [("c5", "shelved"), ("c5", "unshelved")]


def test_a_flood_that_cannot_be_read_is_forgotten():
    before = engine()
    raise_all(before, 6)
    saved = {
        key: type(item)(item.stage, item.name, item.definition, item.data[:-1] if key[0] == "floods" else item.data)
        for key, item in before.saved.items()
    }
    after = engine(saved=saved, restored_at=10)
    after.ticks(10, 300)
    assert after.floods == []


def test_whoever_wants_each_alarm_gets_it():
    every = SmallEngine(*rules(), names=NAMES, alarms=ONE_BY_ONE)
    for start in range(0, 60, 20):
        raise_all(every, 12, start=start)
        every.poll(start + 15, **dict.fromkeys(NAMES, 0.0))
    assert len(every.alarms) == 3 * 24
    assert every.floods == []


@pytest.mark.parametrize("boot", ["boot-1", "boot-2"])
def test_whoever_wants_each_alarm_gets_those_of_a_flood_that_lasted(boot):
    before = engine()
    raise_all(before, 7)
    every = SmallEngine(*rules(), names=NAMES, alarms=ONE_BY_ONE, saved=before.saved, restored_at=10, boot=boot)
    every.tick(11)
    assert told(every) == [(name, "raised") for name in NAMES[4:7]]
