"""Assets: when a machine runs, when it is steady, and maintenance."""

import math

import pytest
from small_engine import SmallEngine, ns, rule

from gatewayd.engine.deriving.assets import State
from gatewayd.engine.deriving.maintenance import MAINTENANCE, Maintenance
from gatewayd.engine.plan import PlannedAsset
from gatewayd.model import Command, Order, Quality
from gatewayd.records import Saved

OFF, STARTING, STEADY, STOPPING = State
GOOD, UNCERTAIN, BAD = Quality.GOOD, Quality.UNCERTAIN, Quality.BAD
CHANNELS = ("state", "running", "steady", "maintenance")


def asset(running="running", *, speed=None, starting=3, stopping=2, above=None, deadband=0.0):
    """The asset `pump`, by names of channels and seconds."""

    def planned(numbers, derive):
        outputs = tuple(derive(f"asset.pump.{each}") for each in CHANNELS)
        inputs = tuple(numbers[each] for each in (running, speed) if each is not None)
        return PlannedAsset("pump", inputs, outputs, above, deadband, ns(starting), ns(stopping))

    return planned


def states(engine):
    return [None if math.isnan(value) else State(value) for value in engine.values("asset.pump.state")]


def order(engine, at, kind, lasting=0, subject="pump"):
    return engine.feed(Command(ns(at), Order(kind), subject, ns(lasting)))


def test_a_machine_starts_is_steady_stops_and_is_off():
    engine = SmallEngine(derivers=[asset()])
    engine.polls([0, 1, 1, 1, 1, 0, 0, 0, 0], "running")
    assert states(engine) == [OFF, STARTING, STARTING, STARTING, STEADY, STOPPING, STOPPING, OFF, OFF]
    assert engine.values("asset.pump.running") == [0, 1, 1, 1, 1, 0, 0, 0, 0]
    assert engine.values("asset.pump.steady") == [0, 0, 0, 0, 1, 0, 0, 0, 0]


def test_without_delays_it_is_steady_or_off():
    engine = SmallEngine(derivers=[asset(starting=0, stopping=0)])
    engine.polls([0, 1, 0, 1], "running")
    assert states(engine) == [OFF, STEADY, OFF, STEADY]


def test_one_that_is_first_seen_running_is_starting():
    engine = SmallEngine(derivers=[asset()])
    engine.polls([1, 1, 1, 1], "running")
    assert states(engine) == [STARTING, STARTING, STARTING, STEADY]


def test_what_flickers_is_never_steady():
    engine = SmallEngine(derivers=[asset()])
    engine.polls([1, 1, 1, 0] * 10, "running")
    assert set(engine.values("asset.pump.steady")) == {0.0}
    assert STEADY not in states(engine)


def test_a_steady_machine_that_blinks_once_starts_anew():
    engine = SmallEngine(derivers=[asset()])
    engine.polls([1, 1, 1, 1, 0, 1, 1, 1, 1], "running")
    assert states(engine)[3:] == [STEADY, STOPPING, STARTING, STARTING, STARTING, STEADY]


def test_it_runs_by_a_limit_with_a_deadband():
    engine = SmallEngine(derivers=[asset("flow", above=0.5, deadband=0.2, starting=0, stopping=0)])
    engine.polls([0.4, 0.6, 0.4, 0.3, 0.4, 0.6], "flow")
    assert engine.values("asset.pump.running") == [0, 1, 1, 0, 0, 1]


def test_without_a_limit_it_runs_backwards_too():
    engine = SmallEngine(derivers=[asset("flow", starting=0)])
    engine.polls([-5.0, 0.0], "flow")
    assert engine.values("asset.pump.running") == [1, 0]


def test_a_bad_channel_makes_its_state_bad_but_not_its_maintenance():
    engine = SmallEngine(derivers=[asset()])
    engine.poll(0, running=1)
    engine.poll(1, running=None)
    for name in CHANNELS[:3]:
        value, quality, why = engine.told(f"asset.pump.{name}")[-1]
        assert (math.isnan(value), quality, why) == (True, BAD, "pump1.running is bad")
    assert engine.told("asset.pump.maintenance")[-1] == (0.0, GOOD, "")


def test_a_channel_that_is_uncertain_makes_its_state_uncertain():
    engine = SmallEngine(derivers=[asset()])
    engine.poll(0, running=(1, UNCERTAIN))
    assert engine.told("asset.pump.state") == [(1.0, UNCERTAIN, "")]


def test_a_short_silence_is_bridged_and_a_longer_one_begins_the_start_anew():
    short, long = SmallEngine(derivers=[asset()]), SmallEngine(derivers=[asset()])
    for engine, silence in ((short, 2), (long, 5)):
        engine.polls([1] * 5, "running")
        for n in range(silence):
            engine.poll(5 + n, running=None)
        engine.poll(5 + silence, running=1)
    assert states(short)[-1] is STEADY
    assert states(long)[-1] is STARTING


def test_one_that_stood_still_is_still_off_after_a_silence():
    engine = SmallEngine(derivers=[asset()])
    engine.polls([1, 0, 0, 0], "running")
    engine.poll(100, running=0)
    assert states(engine)[-2:] == [OFF, OFF]


def test_a_gate_that_is_bad_suspends_judgement():
    engine = SmallEngine(rule("above", high=5.0, gate="asset.pump.steady"), derivers=[asset(starting=0)])
    engine.poll(0, pressure=9.0, running=0)
    engine.poll(1, pressure=9.0, running=None)
    assert engine.story() == []
    engine.poll(2, pressure=9.0, running=1)
    engine.poll(3, pressure=9.0, running=1)
    assert [state for state, _ in engine.story()] == ["raised"]


# --- the speed ----------------------------------------------------------------------------------------------------


def test_it_is_steady_at_a_steady_speed_only():
    engine = SmallEngine(derivers=[asset(speed="flow", starting=4)])
    for at in range(30):
        speed = 1000 if at < 10 else 1000 + 60 * min(at - 10, 5)
        engine.poll(at, running=1, flow=speed)
    steady = engine.values("asset.pump.steady")
    assert steady[3:11] == [0, 1, 1, 1, 1, 1, 1, 1]
    assert set(steady[11:18]) == {0.0}
    assert set(steady[18:]) == {1.0}


def test_a_speed_that_drifts_slowly_is_steady():
    engine = SmallEngine(derivers=[asset(speed="flow", starting=4)])
    for at in range(100):
        engine.poll(at, running=1, flow=1000 + 5 * at)
    assert set(engine.values("asset.pump.steady")[5:]) == {1.0}


def test_without_its_speed_it_is_known_to_run_but_not_how():
    engine = SmallEngine(derivers=[asset(speed="flow")])
    engine.poll(0, running=1, flow=None)
    assert engine.told("asset.pump.running") == [(1.0, GOOD, "")]
    value, quality, why = engine.told("asset.pump.steady")[0]
    assert (math.isnan(value), quality, why) == (True, BAD, "pump1.flow is bad")


# --- maintenance --------------------------------------------------------------------------------------------------


def maintained(engine):
    return engine.values("asset.pump.maintenance")


def test_maintenance_lasts_until_it_is_ended():
    engine = SmallEngine(derivers=[asset()])
    engine.poll(0, running=1)
    order(engine, 1, "maintain")
    engine.poll(2, running=1)
    order(engine, 3, "resume")
    engine.poll(4, running=1)
    assert maintained(engine) == [0, 1, 1, 0, 0]


def test_maintenance_with_an_end_ends_by_itself():
    engine = SmallEngine(derivers=[asset()])
    order(engine, 0, "maintain", lasting=5)
    engine.polls([1] * 3, "running", start=3)
    assert maintained(engine) == [1, 1, 1, 0]


def test_an_order_tells_no_state_that_was_not_seen():
    engine = SmallEngine(derivers=[asset()])
    order(engine, 0, "maintain")
    assert engine.told("asset.pump.state")[0][1] == Quality.ABSENT


def test_orders_for_others_are_not_heard():
    engine = SmallEngine(derivers=[asset()])
    for kind, subject in (("maintain", "other"), ("shelve", "pump"), ("freeze", "pump")):
        output = order(engine, 0, kind, subject=subject)
        assert output.saved == ()
    assert maintained(engine) == []


def test_maintenance_outlives_a_kill():
    engine = SmallEngine(derivers=[asset()])
    order(engine, 10, "maintain", lasting=100)
    for at, now in ((50, 1), (120, 0)):
        again = SmallEngine(derivers=[asset()], saved=engine.saved, restored_at=at)
        again.poll(at, running=1)
        assert maintained(again) == [now]


def test_after_a_reboot_it_lasts_as_long_as_was_left_a_minute_before_at_most():
    engine = SmallEngine(derivers=[asset()])
    order(engine, 0, "maintain", lasting=1000)
    engine.polls([1] * 400, "running")
    again = SmallEngine(derivers=[asset()], saved=engine.saved, restored_at=5, boot="boot-2")
    for at, now in ((600, 1), (646, 0)):
        again.poll(at, running=1)
        assert maintained(again)[-1] == now


def test_what_was_ended_is_forgotten():
    engine = SmallEngine(derivers=[asset()])
    order(engine, 0, "maintain")
    order(engine, 1, "resume")
    again = SmallEngine(derivers=[asset()], saved=engine.saved)
    again.poll(2, running=1)
    assert maintained(again) == [0]


def test_maintenance_that_cannot_be_read_is_none():
    maintenance = Maintenance("pump", "boot")
    kept = maintenance.ordered(Command(0, Order.MAINTAIN, "pump"))
    again = Maintenance("pump", "boot")
    again.restore({(MAINTENANCE, "pump"): Saved(MAINTENANCE, "pump", kept.definition, b"\x00")}, 0)
    assert not again.active(0)


# --- a stop of the gateway ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "boot", "silence", "state"),
    [
        ({}, "boot-1", 1.0, STEADY),
        ({}, "boot-1", 60.0, STARTING),
        ({}, "boot-2", 1.0, STARTING),
        ({"starting": 2}, "boot-1", 1.0, STARTING),
    ],
    ids=["a short one", "a long one", "a reboot", "another definition"],
)
def test_a_steady_machine_is_steady_after_a_short_stop_only(how, boot, silence, state):
    engine = SmallEngine(derivers=[asset()])
    engine.polls([1] * 5, "running")
    engine.stop(4.5)
    again = SmallEngine(derivers=[asset(**how)], saved=engine.saved, restored_at=5, boot=boot)
    again.poll(4 + silence, running=1)
    assert states(again) == [state]


def test_where_the_speed_counts_it_is_seen_anew_after_a_stop():
    engine = SmallEngine(derivers=[asset(speed="flow")])
    engine.polls([1] * 5, "running", flow=1000.0)
    engine.stop(4.5)
    again = SmallEngine(derivers=[asset(speed="flow")], saved=engine.saved, restored_at=5)
    again.polls([1] * 4, "running", start=5, flow=1000.0)
    assert states(again) == [STARTING, STARTING, STARTING, STEADY]
