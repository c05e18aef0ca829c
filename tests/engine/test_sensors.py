"""Sensors before machines: a fault of a sensor raises its own alarm, and none of the machine's."""

import numpy as np
import pytest
from small_engine import SmallEngine, ns, rule

from gatewayd.model import Polled, Quality
from gatewayd.records import AlarmKind, AlarmState, SensorFault

FAULT = rule(
    "above", "pressure.fault", name="pump1.pressure.fault", high=0.0, on_delay=2, off_delay=10, kind=AlarmKind.SENSOR
)
OF_WAVES = rule("above", "acceleration.fault", name="loose", high=0.0, on_delay=2, off_delay=10, kind=AlarmKind.SENSOR)
MACHINE = (
    rule("outside", name="pressure", low=2.0, high=4.0),
    rule("above", "pressure.std", name="restless", high=0.5),
    rule("rate_above", name="fast", high=0.1, span=10),
)
HEALTHY = 300


def noise(n, seed=1, size=0.01, level=3.0):
    return (level + np.random.default_rng(seed).normal(0.0, size, n)).tolist()


def watched(*rules, names=("pressure", "flow", "running"), **sensor):
    """A pump whose pressure is checked, after some minutes in which all was well."""
    engine = SmallEngine(
        *rules, FAULT, *MACHINE, names=names, sensors=[("pressure", sensor)], window=20, features=("std",), hop=5
    )
    engine.polls(noise(HEALTHY), flow=120.0, running=1.0)
    assert engine.alarms == []
    return engine


def raised(engine):
    """The names of the rules whose alarm was raised."""
    return {alarm.rule for alarm in engine.alarms if alarm.state is AlarmState.RAISED}


def faults(engine, name="pressure.fault"):
    return {SensorFault(int(value)) for value in engine.values(name)}


STORIES = {
    "stuck": ({}, [3.01] * 80, "pump1.pressure: stuck at 3.01 bar for 62 s"),
    "stuck at a few values": ({}, [3.01, 3.02, 2.99] * 40, "pump1.pressure: stuck at the same few values for 62 s"),
    "flat": (
        {},
        noise(100, size=0.00005, level=3.001),
        "pump1.pressure: flat line at 3.001 bar for 62 s, without its usual noise",
    ),
    "clipped": ({"low": 0.0, "high": 10.0}, [10.0] * 10, "pump1.pressure: clipped at 10 bar, an end of its range"),
    "out of range": ({"low": 0.0, "high": 10.0}, [-1.2] * 10, "pump1.pressure: out of range at -1.2 bar, below 0 bar"),
    "jumps": (
        {},
        ([9.0, *noise(7, seed=3)]) * 5,
        "pump1.pressure: jumps that come back at once, the last one to 9 bar",
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_the_sensor_is_blamed_and_not_the_machine(story):
    sensor, values, words = STORIES[story]
    engine = watched(**sensor)
    engine.polls(values, start=float(HEALTHY), flow=120.0, running=1.0)
    assert raised(engine) == {"pump1.pressure.fault"}
    alarm = engine.alarms[0]
    assert alarm.about is AlarmKind.SENSOR
    assert alarm.reason == words
    assert alarm.causes[0].channel == "pump1.pressure"
    assert f"pump1.pressure: {alarm.causes[0].part}" == words


def test_dropouts_are_the_sensors_fault_and_make_what_remains_uncertain():
    engine = SmallEngine(FAULT, *MACHINE, sensors=[("pressure", {})], window=20, features=("std",), readings=1000)
    for n, value in enumerate(noise(200, seed=2)):
        engine.poll(n, pressure=None if n % 2 else value, flow=120.0, running=1.0)
    assert raised(engine) == {"pump1.pressure.fault"}
    assert engine.alarms[0].reason == "pump1.pressure: dropouts, 20 % of the last polls gave no good value"
    engine.stop(200.0)
    qualities = np.frombuffer(engine.readings[-1].qualities, np.uint8).reshape(-1, 3)
    assert qualities[-2:].tolist() == [[Quality.UNCERTAIN, 0, 0], [Quality.BAD, 0, 0]]


def test_an_alarm_clears_when_the_sensor_is_well_again():
    engine = watched()
    engine.polls([3.01] * 80 + noise(30, seed=5), start=float(HEALTHY), flow=120.0, running=1.0)
    assert [alarm.state for alarm in engine.alarms] == [AlarmState.RAISED, AlarmState.CLEARED]
    assert engine.alarms[-1].reason == "pressure.fault: no fault"


def test_a_single_spike_trips_no_rule_and_raises_nothing():
    engine = watched()
    engine.polls([9.0, *noise(60, seed=4)], start=float(HEALTHY), flow=120.0, running=1.0)
    assert engine.alarms == []


def test_a_summary_tells_why_values_were_bad():
    engine = watched()
    engine.polls([9.0, *noise(5, seed=4)], start=float(HEALTHY), flow=120.0, running=1.0)
    engine.stop(400.0)
    pressure = next(channel for channel in engine.summaries[-1].channels if channel.name == "pressure")
    assert (pressure.bad, pressure.reason) == (1, "too far from the last value to be believed at once")
    assert pressure.max < 4.0


def test_a_machine_that_really_jumps_raises_its_own_alarm_two_polls_later():
    engine = watched()
    engine.polls(noise(80, seed=6, level=5.0), start=float(HEALTHY), flow=120.0, running=1.0)
    assert raised(engine) == {"pressure", "restless", "fast"}
    assert engine.alarms[0].time == ns(HEALTHY + 2)


def test_a_machine_that_stops_raises_no_alarm_of_its_sensor():
    engine = watched()
    engine.polls([2.0, 1.0, 0.3, 0.0] + [0.0] * 500, start=float(HEALTHY), flow=0.0, running=0.0)
    assert "pump1.pressure.fault" not in raised(engine)


def test_while_the_gate_is_0_the_sensor_may_rest():
    engine = watched(gate="running", rest=ns(20))
    engine.polls([3.01] * 100, start=float(HEALTHY), flow=0.0, running=0.0)
    assert engine.alarms == []
    engine.polls([3.01] * 30, start=HEALTHY + 100.0, flow=0.0, running=1.0)
    assert raised(engine) == {"pump1.pressure.fault"}


def test_a_gate_may_be_turned_round():
    sensors = [("pressure", {"gate": "flow", "inverted": True, "rest": ns(5)})]
    engine = SmallEngine(FAULT, sensors=sensors)
    engine.polls([3.01] * 50, flow=1.0)
    assert engine.alarms == []
    engine.polls([3.01] * 10, start=50.0, flow=0.0)
    assert raised(engine) == {"pump1.pressure.fault"}


def test_a_gate_that_is_not_known_counts_as_0():
    engine = SmallEngine(FAULT, sensors=[("pressure", {"gate": "running", "rest": ns(5)})])
    engine.polls([3.01] * 50, flow=0.0, running=None)
    assert engine.alarms == []


def test_a_gate_that_is_bad_counts_as_it_was_last_known():
    engine = SmallEngine(FAULT, sensors=[("pressure", {"gate": "running", "rest": ns(5)})])
    engine.poll(0.0, pressure=3.0, running=1.0)
    engine.polls([3.01] * 50, start=1.0, flow=0.0, running=None)
    assert raised(engine) == {"pump1.pressure.fault"}


def test_what_came_in_is_not_written_to():
    engine = SmallEngine(FAULT, sensors=[("pressure", {"high": 4.0})])
    engine.poll(0.0, pressure=9.0)
    assert engine.values("pressure.fault") == [SensorFault.OUT_OF_RANGE]


def test_only_the_channels_that_are_named_are_checked():
    engine = SmallEngine(sensors=[("flow", {"high": 100.0})])
    engine.poll(0.0, pressure=9.0, flow=200.0)
    engine.stop(1.0)
    assert {channel.name: channel.bad for channel in engine.summaries[-1].channels} == {
        "pressure": 0,
        "flow": 1,
        "flow.fault": 0,
    }


@pytest.mark.parametrize("stopped", [True, False])
@pytest.mark.parametrize("boot", ["boot-1", "boot-2"])
def test_a_stuck_sensor_is_still_stuck_after_a_stop_or_a_crash_in_whatever_boot(stopped, boot):
    engine = watched(gate="running")
    engine.polls([3.01] * 80, start=float(HEALTHY), flow=120.0, running=1.0)
    if stopped:
        engine.stop(HEALTHY + 80.0)
    begin = HEALTHY + 90.0 if boot == "boot-1" else 15.0
    again = SmallEngine(
        *(FAULT, *MACHINE),
        sensors=[("pressure", {"gate": "running"})],
        saved=engine.saved,
        restored_at=begin,
        boot=boot,
        window=20,
        features=("std",),
    )
    again.polls([3.01] * 30, start=begin, flow=120.0, running=1.0)
    assert again.alarms == []
    assert set(again.values("pressure.fault")) == {SensorFault.STUCK}
    again.polls(noise(30, seed=3), start=begin + 30, flow=120.0, running=1.0)
    assert [alarm.state for alarm in again.alarms] == [AlarmState.CLEARED]


def test_a_fault_that_comes_and_goes_is_saved_once_a_minute_at_most():
    engine = SmallEngine(FAULT, sensors=[("pressure", {"high": 4.0})])
    saved = []
    for n in range(240):
        output = engine.poll(n, pressure=3.0 + n % 2 * 9.0, flow=1.0, running=1.0)
        saved += [n for item in output.saved if item.stage == "sensors"]
    assert saved == [1, 61, 121, 181]


# --- waveforms ----------------------------------------------------------------------------------------------------

RATE, N = 6400.0, 1024


def firm(seed, *, broad=1.0, shaft=1.4, mean=9.81):
    """The acceleration of a pump, as its simulator has it: tones of the shaft and the blades, and noise."""
    times = np.arange(N) / RATE
    rng = np.random.default_rng(seed)
    tones = shaft * np.sin(2 * np.pi * 48.5 * times + seed) + 1.3 * np.sin(2 * np.pi * 291.0 * times + seed)
    return mean + tones + broad * rng.standard_normal(N)


def loose(seed, *, mean=9.81, rattle=5.0):
    """What a sensor says that hangs by its cable: little of the high frequencies, and slow rattling."""
    times = np.arange(N) / RATE
    rng = np.random.default_rng(seed)
    return mean + rattle * np.sin(2 * np.pi * 17.0 * times + seed) + 0.1 * rng.standard_normal(N)


def listening(**sensor):
    engine = SmallEngine(OF_WAVES, bursts=("rms", "kurtosis"), sensors=[("acceleration", sensor)])
    for n in range(20):
        engine.burst(float(n), firm(n), RATE)
    assert faults(engine, "acceleration.fault") == {SensorFault.NONE}
    return engine


@pytest.mark.parametrize("how", [{"rattle": 5.0}, {"rattle": 0.2, "mean": 3.0}])
def test_a_sensor_that_has_lost_the_high_frequencies_and_rattles_or_tilts_is_loose(how):
    engine = listening()
    for n in range(20, 25):
        engine.burst(float(n), loose(n, **how), RATE)
    assert raised(engine) == {"loose"}
    assert engine.alarms[0].reason.startswith("pump1.acceleration: loose mount, with 1")
    assert engine.told("acceleration.rms")[-1][1] == Quality.UNCERTAIN
    assert engine.told("acceleration.rms")[19][1] == Quality.GOOD


@pytest.mark.parametrize(
    "machine",
    [
        {"shaft": 8.0},
        {"broad": 4.0},
        {"broad": 1.9, "shaft": 2.5},
        {"broad": 0.1, "shaft": 0.1},
        {"broad": 0.0, "shaft": 0.0},
    ],
    ids=["imbalance", "cavitation", "dry run", "a stop", "silence"],
)
def test_what_machines_do_is_no_loose_mount(machine):
    engine = listening()
    for n in range(20, 40):
        engine.burst(float(n), firm(n, **machine), RATE)
    assert faults(engine, "acceleration.fault") == {SensorFault.NONE}


def test_a_waveform_that_does_not_move_at_all_is_bad():
    engine = listening()
    for n in range(20, 25):
        engine.burst(float(n), np.full(N, 9.81), RATE)
    assert raised(engine) == {"loose"}
    assert engine.alarms[0].reason == "pump1.acceleration: stuck at 9.81 m/s2 for a whole waveform"
    assert engine.told("acceleration.rms")[-1][1:] == (Quality.BAD, "stuck at 9.81 m/s2 for a whole waveform")


def test_a_waveform_at_an_end_of_its_range_is_clipped():
    engine = listening(low=-16.0, high=16.0)
    for n in range(20, 25):
        engine.burst(float(n), np.clip(firm(n, broad=5.0), -16.0, 16.0), RATE)
    assert engine.alarms[0].reason == "pump1.acceleration: clipped at an end of its range"
    assert engine.told("acceleration.rms")[-1][1] == Quality.UNCERTAIN


def test_many_bad_waveforms_are_dropouts():
    engine = listening()
    for n in range(20, 60):
        engine.burst(float(n), firm(n), RATE, *((Quality.BAD, "no answer") if n % 2 else ()))
    assert engine.alarms[0].reason.startswith("pump1.acceleration: dropouts, 25 % of")


def test_waveforms_that_do_not_come_are_dropouts():
    engine = listening()
    (group,) = [n for n, group in enumerate(engine.plan.groups) if n > 0]
    for n in range(20, 26):
        engine.feed(Polled(group, ns(n), np.array([np.nan]), np.array([Quality.BAD], np.uint8), failed=True))
    assert raised(engine) == {"loose"}
    assert engine.alarms[0].reason == "pump1.acceleration: dropouts, 32 % of the last waveforms were bad"


def test_while_its_machine_rests_no_mount_is_judged():
    engine = SmallEngine(OF_WAVES, bursts=("rms",), sensors=[("acceleration", {"gate": "running"})])
    engine.poll(0.0, running=1.0)
    for n in range(20):
        engine.burst(float(n), firm(n), RATE)
    engine.poll(20.0, running=0.0)
    for n in range(20, 40):
        engine.burst(float(n), loose(n), RATE)
    assert engine.alarms == []
    engine.poll(40.0, running=1.0)
    for n in range(40, 44):
        engine.burst(float(n), loose(n), RATE)
    assert raised(engine) == {"loose"}


def test_what_is_usual_of_a_mount_is_known_after_a_restart():
    engine = listening()
    engine.stop(20.0)
    again = SmallEngine(OF_WAVES, bursts=("rms",), sensors=[("acceleration", {})], saved=engine.saved, restored_at=21.0)
    again.burst(21.0, loose(21), RATE)
    assert again.values("acceleration.fault") == [SensorFault.LOOSE]


def test_an_empty_waveform_and_one_of_nan_are_survived():
    engine = SmallEngine(OF_WAVES, bursts=("rms",), sensors=[("acceleration", {"low": -1.0, "high": 1.0})])
    engine.burst(0.0, [], RATE)
    engine.burst(1.0, [np.nan, 1.0], RATE)
    assert set(engine.values("acceleration.fault")) <= {SensorFault.NONE, SensorFault.DROPOUTS}
