"""Rules on a shelf and assets in maintenance raise no alarms, for as long as was said and over restarts."""

import pytest
from rules_over import over, reasons, restarted
from small_engine import SECOND, SmallEngine, rule

from gatewayd.engine.alarms.shelves import SHELVES
from gatewayd.records import AlarmState, Stamp

HOUR = 3600


def test_a_shelved_rule_is_raised_when_its_time_is_over_and_there_is_cause():
    engine = SmallEngine(over())
    engine.order(0, "shelve", lasting=10, by="ada", why="valve test")
    engine.polls([7.0] * 12, start=1)
    assert engine.story() == [("shelved", 0), ("unshelved", 10), ("raised", 10)]
    shelved, unshelved, raised = engine.alarms
    assert (shelved.by, shelved.until) == ("ada", Stamp("boot-1", 10 * SECOND))
    assert unshelved.raised == shelved.raised != Stamp("boot-1", raised.time)
    assert raised.since == Stamp("boot-1", 1 * SECOND)
    assert reasons(engine)[:2] == [
        "pump1.pressure: shelved for 10 s by ada (valve test)",
        "pump1.pressure: no longer shelved, its time is over",
    ]


def test_what_comes_and_goes_on_a_shelf_is_not_told():
    engine = SmallEngine(over())
    engine.order(0, "shelve", lasting=10)
    engine.polls([7.0, 5.0] * 6, start=1)
    assert engine.story() == [("shelved", 0), ("unshelved", 10), ("raised", 11), ("cleared", 12)]


def test_shelving_ends_an_open_alarm_even_a_latched_one():
    engine = SmallEngine(over(latch=True))
    engine.poll(0, pressure=7.0)
    engine.order(1, "shelve", lasting=HOUR, by="ada")
    assert engine.story() == [("raised", 0), ("cleared", 1), ("shelved", 1)]
    assert engine.alarms[1].reason == "pump1.pressure: shelved for 1 h by ada"
    assert engine.engine.alarms() == ()
    assert [alarm.rule for alarm in engine.engine.shelved()] == ["watch"]


def test_an_operator_can_take_a_rule_from_its_shelf():
    engine = SmallEngine(over())
    engine.order(0, "shelve")
    engine.poll(9 * HOUR, pressure=7.0)
    engine.order(9 * HOUR + 1, "unshelve", by="bob")
    engine.poll(9 * HOUR + 2, pressure=7.0)
    assert [state for state, _ in engine.story()] == ["shelved", "unshelved", "raised"]
    assert reasons(engine)[:2] == ["pump1.pressure: shelved", "pump1.pressure: unshelved by bob"]
    assert engine.order(9 * HOUR + 3, "unshelve").records == ()
    assert engine.order(9 * HOUR + 3, "shelve", "no_such_rule").records == ()


def test_shelving_again_sets_another_end():
    engine = SmallEngine(over())
    engine.order(0, "shelve", lasting=10)
    engine.order(5, "shelve", lasting=60)
    engine.tick(30)
    assert engine.story() == [("shelved", 0), ("shelved", 5)]
    assert engine.alarms[0].raised == engine.alarms[1].raised
    engine.tick(65)
    assert engine.story()[2:] == [("unshelved", 65)]


def test_a_shelf_goes_on_over_a_restart_in_the_same_boot():
    before = SmallEngine(over())
    before.order(0, "shelve", lasting=100)
    after = restarted(before, over(), at=60)
    after.polls([7.0] * 39, start=60)
    assert after.alarms == []
    after.polls([7.0, 7.0], start=100)
    assert after.story() == [("unshelved", 100), ("raised", 100)]


def test_what_is_left_of_a_shelf_goes_on_after_a_reboot():
    before = SmallEngine(over())
    before.order(1000, "shelve", lasting=100)
    before.stop(1060)
    after = restarted(before, over(), at=5, boot="boot-2")
    after.tick(44)
    assert after.alarms == []
    after.tick(45)
    assert after.story() == [("unshelved", 45)]


def test_a_power_cut_makes_a_shelf_a_minute_longer_at_most():
    before = SmallEngine(over())
    before.order(0, "shelve", lasting=HOUR)
    before.ticks(0, 50 * 60, every=1)
    boots = 0
    while boots < 40 and before.alarms[-1].state is not AlarmState.UNSHELVED:
        boots += 1
        before = restarted(before, over(), at=0, boot=f"boot-{boots + 1}")
        before.records = [before.engine.shelved()[0]]
        before.ticks(0, 61, every=1)
    assert boots in (10, 11)


def test_a_shelf_that_was_over_while_the_gateway_was_down_is_over():
    for boot in ("boot-1", "boot-2"):
        before = SmallEngine(over())
        before.order(0, "shelve", lasting=10)
        before.stop(10)
        after = restarted(before, over(), at=11, boot=boot)
        after.tick(11.5)
        assert after.story() == [("unshelved", 11.5)]


def test_how_long_a_shelf_lasts_is_stored_once_a_minute():
    engine = SmallEngine(over(asset="pump1"))
    engine.order(0, "shelve", lasting=2 * HOUR)
    engine.order(0, "maintain", "pump1", lasting=2 * HOUR)
    stored = [saved.stage for at in range(HOUR) for saved in engine.tick(at).saved]
    assert {stage: stored.count(stage) for stage in stored} == {"shelves": 59, "maintenance": 59}


def test_a_shelf_outlives_a_change_of_its_rule_but_not_its_end():
    before = SmallEngine(over())
    before.order(0, "shelve", lasting=100)
    changed = restarted(before, rule("above", high=5.0), at=10)
    changed.poll(11, pressure=7.0)
    assert changed.alarms == []
    gone = restarted(before, rule("above", high=5.0, name="other"), at=10)
    assert gone.story() == [("unshelved", 10)]
    assert reasons(gone) == ["pump1.pressure: no longer shelved, the rule is gone"]
    assert gone.saved[SHELVES, "watch"].data == b""


def test_a_shelf_that_cannot_be_read_is_over():
    before = SmallEngine(over())
    before.order(0, "shelve")
    whole = before.saved[SHELVES, "watch"]
    before.saved[SHELVES, "watch"] = type(whole)(whole.stage, whole.name, whole.definition, whole.data[:-2])
    after = restarted(before, over(), at=10)
    assert not after.saved[SHELVES, "watch"].data
    after.poll(11, pressure=7.0)
    assert after.story() == [("unshelved", 10), ("raised", 11)]


def test_an_asset_in_maintenance_has_no_alarms():
    engine = SmallEngine(over(asset="pump1", latch=True), over(asset="pump2", name="other"))
    engine.poll(0, pressure=7.0)
    engine.order(1, "maintain", "pump1")
    engine.polls([7.0] * 5, start=2)
    assert engine.story() == [("raised", 0), ("raised", 0), ("cleared", 1)]
    assert engine.alarms[-1].reason == "pump1.pressure: no longer judged, pump1 is in maintenance"
    engine.order(8, "resume", "pump1")
    engine.poll(9, pressure=7.0)
    assert engine.story()[3:] == [("raised", 9)]


def test_maintenance_ends_when_its_time_is_over():
    engine = SmallEngine(over(asset="pump1", on_delay=2))
    engine.order(0, "maintain", "pump1", lasting=10)
    engine.polls([7.0] * 14)
    assert engine.story() == [("raised", 12)]


def test_silence_in_maintenance_is_nobodys():
    engine = SmallEngine(rule("stale", span=5, asset="pump1"))
    engine.poll(0, pressure=1.0)
    engine.order(1, "maintain", "pump1", lasting=59)
    engine.ticks(1.5, 64.5)
    assert engine.alarms == []
    engine.ticks(64.5, 66)
    assert engine.story() == [("raised", 65)]


def test_what_a_rule_saw_of_its_maintenance_is_not_remembered():
    before = SmallEngine(rule("stale", span=50, asset="pump1"))
    before.poll(0, pressure=1.0)
    before.order(1, "maintain", "pump1")
    before.ticks(1, 40)
    before.stop(40)
    moved = restarted(before, rule("stale", span=50, asset="pump2"), at=41)
    moved.ticks(41, 90)
    assert moved.alarms == []


def test_an_alarm_outlives_that_its_source_gets_another_asset():
    before = SmallEngine(over(asset="pump1"))
    before.poll(0, pressure=7.0)
    after = restarted(before, over(asset="station"), at=1)
    after.poll(2, pressure=7.0)
    assert after.alarms == []


def test_a_power_cut_makes_maintenance_a_minute_longer_at_most():
    before = SmallEngine(over(asset="pump1"))
    before.order(0, "maintain", "pump1", lasting=600)
    before.ticks(0, 590, every=1)
    after = restarted(before, over(asset="pump1"), at=0, boot="boot-2")
    after.polls([7.0] * 80)
    assert after.alarms[0].time <= 70 * SECOND


@pytest.mark.parametrize(("boot", "at", "end"), [("boot-1", 50, 100), ("boot-2", 3, 53)])
def test_maintenance_goes_on_over_a_restart(boot, at, end):
    before = SmallEngine(over(asset="pump1"))
    before.order(0, "maintain", "pump1", lasting=100)
    before.stop(50)
    after = restarted(before, over(asset="pump1"), at=at, boot=boot)
    after.polls([7.0] * (end - at), start=at)
    assert after.alarms == []
    after.poll(end, pressure=7.0)
    assert after.story() == [("raised", end)]


def test_maintenance_without_an_end_lasts_until_it_is_taken_back():
    before = SmallEngine(over(asset="pump1"))
    before.order(0, "maintain", "pump1")
    after = restarted(before, over(asset="pump1"), at=0, boot="boot-2")
    after.poll(1, pressure=7.0)
    assert after.alarms == []
    after.order(2, "resume", "pump1")
    again = restarted(after, over(asset="pump1"), at=3, boot="boot-2")
    again.poll(4, pressure=7.0)
    assert again.story() == [("raised", 4)]


def test_an_order_about_an_unknown_asset_does_nothing():
    engine = SmallEngine(over(asset="pump1"))
    assert engine.order(0, "maintain", "pump7").saved == ()
    engine.poll(1, pressure=7.0)
    assert engine.story() == [("raised", 1)]
