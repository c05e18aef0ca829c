"""Whatever an alarm goes through when the gateway breaks off: upstream hears of it once, and in the end it is over."""

from itertools import groupby

import pytest
from small_engine import SECOND, SmallEngine, rule

from gatewayd.engine.alarms.alarms import ALARMS
from gatewayd.engine.alarms.floods import FLOOD, FLOODS
from gatewayd.engine.alarms.shelves import SHELVES
from gatewayd.engine.deriving.maintenance import MAINTENANCE
from gatewayd.engine.plan import PlannedAlarms
from gatewayd.records import AlarmState

SHELF = (AlarmState.SHELVED, AlarmState.UNSHELVED)
HIGH, LOW = 9.0, 1.0

STATES = {
    "raised": {},
    "acknowledged": {},
    "returned": {"latch": True},
    "shelved": {},
    "flooded": {},
    "maintained": {},
}
EVENTS = ("restart", "crash", "reboot", "changed", "gone")
TOLD = {"raised": (1, 2, 1), "acknowledged": (1, 2, 1), "returned": (1, 1, 1)}
"""How many alarms of the rule upstream hears of when it stays, is changed, or is gone."""


def started(state, *, high=6.0, gone=False, **more):
    first = [rule("above", name=name, high=6.0) for name in ("first", "second")] if state == "flooded" else []
    watch = [] if gone else [rule("above", "flow", high=high, name="watch", asset="pump1", **STATES[state])]
    here = rule("above", "running", high=100.0, name="here", asset="pump1")
    return SmallEngine(*first, *watch, here, alarms=PlannedAlarms(flood=2, span=60 * SECOND), **more)


def brought(state):
    """An engine whose rule `watch` is in a state at second 20, and the flow from then on."""
    engine = started(state)
    if state == "flooded":
        engine.poll(8, pressure=HIGH, flow=LOW)
    if state == "shelved":
        engine.order(9, "shelve", lasting=100, by="ada")
    if state == "maintained":
        engine.order(9, "maintain", "pump1", lasting=100, by="ada")
    engine.poll(10, pressure=HIGH, flow=HIGH)
    if state == "acknowledged":
        engine.order(11, "ack", by="ada")
    flow = LOW if state == "returned" else HIGH
    engine.poll(20, pressure=HIGH, flow=flow)
    return engine, flow


def broken(state, event, before):
    """The engine that goes on after an event, and the second at which it does."""
    if event != "crash":
        before.stop(21)
    at, boot = (3, "boot-2") if event == "reboot" else (30, "boot-1")
    high = 7.0 if event == "changed" else 6.0
    return started(state, high=high, gone=event == "gone", saved=before.saved, restored_at=at, boot=boot), at


def ended(engine, start, flow):
    """Time goes on until every order has run out, then until every cause is gone and all is acknowledged."""
    for at in range(start, start + 400, 5):
        engine.poll(at, pressure=HIGH, flow=flow)
        engine.tick(at + 1)
    for at in range(start + 400, start + 800, 5):
        engine.poll(at, pressure=LOW, flow=LOW)
        engine.tick(at + 1)
        engine.order(at + 2, "ack", by="bob")


def lives(records, name="watch"):
    """The states of each alarm of a rule, by when it was raised."""
    of_rule = sorted((each for each in records if each.rule == name), key=lambda each: each.id)
    return [[each.state for each in life] for _, life in groupby(of_rule, key=lambda each: each.id)]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_an_alarm_is_told_once_and_is_over_in_the_end(state, event):
    before, flow = brought(state)
    after, at = broken(state, event, before)
    ended(after, at, flow)
    told = lives([*before.alarms, *after.alarms])
    alarms = [life for life in told if life[0] not in SHELF]
    for life in alarms:
        assert life.count(AlarmState.RAISED) == 1
        assert life[0] is AlarmState.RAISED
        assert life.count(AlarmState.CLEARED) == 1
        assert life[-1] is AlarmState.CLEARED
    stays, changed, gone = TOLD.get(state, (1, 1, 0))
    assert len(alarms) == {"changed": changed, "gone": gone}.get(event, stays)
    assert [life for life in told if life[0] in SHELF] == ([list(SHELF)] if state == "shelved" else [])


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_nothing_is_left_in_the_end(state, event):
    before, flow = brought(state)
    after, at = broken(state, event, before)
    ended(after, at, flow)
    engine = after.engine
    assert (engine.alarms(), engine.shelved(), engine.suspended()) == ((), (), ())
    floods = [record.state for record in [*before.floods, *after.floods]]
    assert floods[-1:] == (["ended"] if state == "flooded" else [])
    left = {key for key, item in after.saved.items() if item.data and key[0] in (ALARMS, SHELVES, MAINTENANCE, FLOODS)}
    assert left <= {(FLOODS, FLOOD)}


@pytest.mark.parametrize("event", ["restart", "crash", "reboot"])
def test_who_has_seen_an_alarm_is_not_forgotten(event):
    before, flow = brought("acknowledged")
    after, at = broken("acknowledged", event, before)
    (alarm,) = after.engine.alarms()
    assert (alarm.acknowledged, alarm.by, alarm.id) == (True, "ada", before.alarms[0].id)
    ended(after, at, flow)
    assert [(each.state, each.acknowledged, each.by) for each in after.alarms] == [("cleared", True, "ada")]


@pytest.mark.parametrize("event", ["restart", "crash", "reboot", "changed"])
@pytest.mark.parametrize("state", ["shelved", "maintained"])
def test_an_order_holds_on_and_ends_when_its_time_is_over(state, event):
    before, flow = brought(state)
    after, at = broken(state, event, before)
    after.poll(at, pressure=HIGH, flow=flow)
    assert after.engine.alarms() == ()
    ended(after, at, flow)
    (raised,) = (each for each in after.alarms if each.state is AlarmState.RAISED)
    assert 70 <= raised.time / SECOND - at <= 105
