"""Whatever is measured and ordered, and whenever the gateway is killed: the lives of alarms make sense."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from small_engine import SECOND, SmallEngine, rule

from gatewayd.engine.alarms.alarms import ALARMS
from gatewayd.engine.plan import PlannedAlarms
from gatewayd.records import Alarm, AlarmState, Severity

RULES = {
    "plain": {},
    "latched": {"latch": True},
    "delayed": {"on_delay": 2, "off_delay": 2, "group": "g"},
    "gated": {"gate": "running", "latch": True, "group": "g"},
    "urgent": {"severity": Severity.CRITICAL, "asset": "pump2"},
}
FOLLOWS = {
    None: {AlarmState.RAISED},
    AlarmState.RAISED: {AlarmState.ACKNOWLEDGED, AlarmState.RETURNED, AlarmState.CLEARED},
    AlarmState.ACKNOWLEDGED: {AlarmState.CLEARED},
    AlarmState.RETURNED: {AlarmState.RAISED, AlarmState.CLEARED},
    AlarmState.CLEARED: set(),
}
SHELF = (AlarmState.SHELVED, AlarmState.UNSHELVED)
values = st.sampled_from([0.0, 9.0, 9.0, None])
polls = st.tuples(st.just("poll"), values, st.sampled_from([0.0, 1.0, 1.0, None]))
orders = st.tuples(
    st.sampled_from(["ack", "shelve", "unshelve", "maintain", "resume"]),
    st.sampled_from([*RULES, "pump1", "pump2", "nobody"]),
    st.sampled_from([0, 3, 30]),
)
breaks = st.tuples(st.sampled_from(["tick", "crash", "restart", "reboot"]))
happenings = st.lists(st.one_of(polls, polls, polls, orders, breaks), max_size=60)


def planned():
    return [rule("above", name=name, high=6.0, **{"asset": "pump1", **more}) for name, more in RULES.items()]


def started(**more):
    return SmallEngine(*planned(), alarms=PlannedAlarms(flood=5, span=20 * SECOND), **more)


def lived(happening):
    """All that was said, and the engine as it stands at the end."""
    engine, records, boot = started(), [], 1
    for at, (what, *how) in enumerate(happening):
        if what == "poll":
            engine.poll(at, pressure=how[0], running=how[1])
        elif what == "tick":
            engine.tick(at)
        elif what in ("crash", "restart", "reboot"):
            if what == "restart":
                engine.stop(at)
            boot += what == "reboot"
            records += engine.records
            engine = started(saved=engine.saved, restored_at=at, boot=f"boot-{boot}")
        else:
            engine.order(at, what, how[0], lasting=how[1], by="ada")
    return [*records, *engine.records], engine


def identity(alarm):
    return alarm.rule, alarm.raised.boot, alarm.raised.time, alarm.state in SHELF


@given(happenings)
def test_every_alarm_begins_and_ends_once_and_never_before_it_began(happening):
    records, engine = lived(happening)
    states, shelved = {}, set()
    for alarm in (record for record in records if isinstance(record, Alarm)):
        if alarm.state is AlarmState.SHELVED:
            shelved.add(identity(alarm))
        elif alarm.state is AlarmState.UNSHELVED:
            shelved.remove(identity(alarm))
        else:
            before = states.get(identity(alarm))
            assert alarm.state in FOLLOWS[before], (alarm.rule, before, alarm.state)
            states[identity(alarm)] = alarm.state
    told = {who for who, state in states.items() if state is not AlarmState.CLEARED}
    is_open = {identity(alarm) for alarm in engine.engine.alarms()}
    assert told <= is_open
    assert shelved == {identity(alarm) for alarm in engine.engine.shelved()}
    assert max(Counter(rule for rule, *_ in is_open).values(), default=1) == 1
    kept = {item.name for item in engine.saved.values() if item.stage == ALARMS and item.data}
    assert kept == {alarm.rule for alarm in engine.engine.alarms()}


@given(happenings)
def test_after_all_floods_and_shelves_everything_that_is_open_was_told(happening):
    records, engine = lived(happening)
    records += engine.tick(1000).records
    told = {identity(record): record.state for record in records if isinstance(record, Alarm)}
    for alarm in engine.engine.alarms():
        assert told[identity(alarm)] is alarm.state


@given(happenings)
def test_only_one_alarm_of_a_group_is_first_while_any_of_it_is_open(happening):
    _, engine = lived(happening)
    of_group = [alarm for alarm in engine.engine.alarms() if alarm.group]
    assert sum(alarm.first_out for alarm in of_group) <= 1


@given(happenings)
def test_what_rests_or_is_shelved_has_no_open_alarm(happening):
    _, engine = lived(happening)
    quiet = {each.rule for each in engine.engine.suspended() if "running" not in each.reason}
    assert quiet.isdisjoint(alarm.rule for alarm in engine.engine.alarms())
