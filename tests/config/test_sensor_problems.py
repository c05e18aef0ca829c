"""Sensors: what their tables become, and what an integrator reads about wrong ones, word for word."""

import pytest
from config_files import BASE, HEAD, loaded, problems

from gatewayd.model import Kind
from gatewayd.records import AlarmKind, Severity

SECOND = 1_000_000_000
MODBUS = (
    HEAD
    + """\
[sources.m]
plugin = "modbus"
url = "tcp://h"
channels.p = { register = "holding:0", range = [0.0, 10.0] }
channels.q = { register = "holding:1" }
"""
)
SENSORS = '[sensors.s]\nchannels = ["pump1.pressure"]\n'
FEATURE = '[features.f]\nchannels = ["pump1.flow"]\nwindow = "10s"\ncompute = ["rms"]\n'
CHECKS = '"range", "stuck", "jumps", "dropouts", "mount"'


def planned(folder, text):
    """The sensors of a config by the channel, and their rules by their names."""
    plan = loaded(folder, text).plan
    sensors = {plan.channels[sensor.channel].name: sensor for sensor in plan.sensors}
    return plan, sensors, {rule.name: rule for rule in plan.rules}


def test_channels_alone_are_enough(tmp_path):
    text = BASE + 'burst = "10s"\n[sensors.all]\nchannels = ["pump1.*"]\n'
    plan, sensors, rules = planned(tmp_path, text)
    assert len(sensors) == 7
    pressure, rule = sensors["pump1.pressure"], rules["pump1.pressure.fault"]
    assert (pressure.low, pressure.high, pressure.rest) == (float("-inf"), float("inf"), -1)
    assert (pressure.jump, pressure.dropouts, pressure.mount, pressure.gate) == (0.0, 0.2, True, None)
    assert (rule.channel, rule.kind, rule.high) == (pressure.outputs[0], AlarmKind.SENSOR, 0.0)
    assert (rule.on_delay, rule.off_delay, rule.severity, rule.asset) == (
        2 * SECOND,
        10 * SECOND,
        Severity.WARNING,
        "pump1",
    )
    fault = plan.channels[rule.channel]
    assert (fault.name, fault.source, fault.kind, fault.derived) == ("pump1.pressure.fault", "pump1", Kind.SCALAR, True)


def test_faults_of_one_poll_come_together_and_those_of_waveforms_alone(tmp_path):
    plan, sensors, _ = planned(tmp_path, BASE + 'burst = "10s"\n[sensors.all]\nchannels = ["pump1.*"]\n')
    assert plan.derivations() == (
        tuple(
            sensors[f"pump1.{name}"].outputs[0]
            for name in ("pressure", "flow", "vibration", "body_temp", "power", "running")
        ),
        sensors["pump1.acceleration"].outputs,
    )


def test_every_key_has_its_effect(tmp_path):
    keys = 'range = [0, 16]\nflat = "10m"\njump = 5.0\ndropouts = 0.5\nwhile = "pump1.running"\n'
    keys += 'for = "1m"\nseverity = "info"\ntext = "look"\n'
    plan, sensors, rules = planned(tmp_path, BASE + SENSORS + keys)
    sensor, rule = sensors["pump1.pressure"], rules["pump1.pressure.fault"]
    assert (sensor.low, sensor.high, sensor.rest, sensor.jump, sensor.dropouts) == (0.0, 16.0, 600 * SECOND, 5.0, 0.5)
    assert plan.channels[sensor.gate].name == "pump1.running"
    assert (rule.on_delay, rule.severity, rule.text) == (60 * SECOND, Severity.INFO, "look")


def test_what_is_not_to_be_checked_is_not(tmp_path):
    _, sensors, _ = planned(tmp_path, BASE + SENSORS + 'check = ["dropouts"]\n')
    sensor = sensors["pump1.pressure"]
    assert (sensor.rest, sensor.jump, sensor.dropouts, sensor.mount) == (0, float("inf"), 0.2, False)


def test_the_range_is_what_the_source_says(tmp_path):
    _, sensors, _ = planned(tmp_path, MODBUS + '[sensors.s]\nchannels = ["m.*"]\n')
    assert (sensors["m.p"].low, sensors["m.p"].high) == (0.0, 10.0)
    assert (sensors["m.q"].low, sensors["m.q"].high) == (float("-inf"), float("inf"))


def test_the_range_of_the_table_goes_before(tmp_path):
    _, sensors, _ = planned(tmp_path, MODBUS + '[sensors.s]\nchannels = ["m.*"]\nrange = [1, 5]\n')
    assert {(sensor.low, sensor.high) for sensor in sensors.values()} == {(1.0, 5.0)}


def test_the_running_state_of_the_asset_is_the_gate(tmp_path):
    asset = '[assets.pump1]\nrunning = "pump1.running"\n'
    plan, sensors, rules = planned(tmp_path, BASE + SENSORS + asset)
    assert plan.channels[sensors["pump1.pressure"].gate].name == "asset.pump1.running"
    assert rules["pump1.pressure.fault"].asset == "pump1"


def test_a_gate_may_be_turned_round(tmp_path):
    plan, sensors, _ = planned(tmp_path, BASE + SENSORS + 'while = "not pump1.running"\n')
    sensor = sensors["pump1.pressure"]
    assert (plan.channels[sensor.gate].name, sensor.inverted) == ("pump1.running", True)


def test_a_rule_may_use_a_fault(tmp_path):
    rule = '[rules.r]\nchannel = "pump1.pressure.fault"\nabove = 2.5\n'
    _, sensors, rules = planned(tmp_path, BASE + SENSORS + rule)
    assert rules["r"].channel == sensors["pump1.pressure"].outputs[0]


def test_without_its_gate_nothing_is_checked_that_depends_on_it(tmp_path):
    lost = '[sources.lost]\nplugin = "nobody_has_it"\n'
    text = BASE + lost + '[sensors.s]\nchannels = ["pump1.pressure"]\nwhile = "lost.running"\n'
    config = loaded(tmp_path, text)
    (sensor,) = config.plan.sensors
    assert (sensor.rest, sensor.mount, sensor.gate, sensor.dropouts) == (0, False, None, 0.2)
    assert any("the gate of [sensors.s] is left out" in str(problem) for problem in config.problems)


WRONG = {
    "no channels": (
        BASE + "[sensors.s]\n",
        ':7:1: "channels" is missing in [sensors.s]; add it: a list [...] of one element or more',
    ),
    "an unknown channel": (
        BASE + '[sensors.s]\nchannels = ["pump1.presure"]\n',
        ':8:13: no channel of a source matches "pump1.presure"; did you mean "pump1.pressure"?',
    ),
    "a derived channel": (
        BASE + FEATURE + '[sensors.s]\nchannels = ["pump1.flow.rms"]\n',
        ':12:13: "pump1.flow.rms" matches derived channels only; name channels that sources yield',
    ),
    "two tables for one channel": (
        BASE + SENSORS + '[sensors.t]\nchannels = ["pump1.*"]\n',
        ':10:1: [sensors.s] checks "pump1.pressure" already; one table checks a channel; change a pattern',
    ),
    "a range the wrong way round": (
        BASE + SENSORS + "range = [10, 0]\n",
        ":9:1: the first end of the range must be below the second; write range = [0, 10]",
    ),
    "an empty range": (
        BASE + SENSORS + "range = [10, 10]\n",
        ":9:1: the first end of the range must be below the second; write range = [low, high]",
    ),
    "a rest that is too short": (
        BASE + SENSORS + 'flat = "1s"\n',
        ':9:1: flat = 1s is shorter than two intervals of pump1.pressure (1s each); write flat = "2s" or more',
    ),
    "a jump of nothing": (BASE + SENSORS + "jump = 0\n", ":9:1: jump: expected a number above 0, got 0"),
    "a share of more than all": (
        BASE + SENSORS + "dropouts = 20\n",
        ":9:1: dropouts: expected a share from above 0 to 1, such as 0.2, got 20",
    ),
    "a check that there is not": (
        BASE + SENSORS + 'check = ["flat"]\n',
        f':9:10: check: expected one of {CHECKS}, got text "flat"',
    ),
    "nothing to check": (
        BASE + SENSORS + "check = []\n",
        f":9:1: nothing is checked; name some of {CHECKS}, or leave the key out for all",
    ),
    "a key of a check that is not made": (
        BASE + SENSORS + 'check = ["range"]\njump = 5.0\n',
        ':10:1: jump has no meaning without "jumps" in check; add "jumps" to check, or remove jump',
    ),
    "an unknown gate": (
        BASE + SENSORS + 'while = "pump1.runing"\n',
        ':9:1: unknown channel "pump1.runing"; did you mean "pump1.running"?',
    ),
    "a misspelt key": (
        BASE + SENSORS + 'flatt = "10m"\n',
        ':9:1: unknown key "flatt" in [sensors.s]; did you mean "flat"?',
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_and_what_would_be_right_is_said(tmp_path, case):
    text, said = WRONG[case]
    assert problems(tmp_path, text) == [f"gatewayd.toml{said}"]


def test_the_fault_of_a_faulty_table_is_no_unknown_channel(tmp_path):
    text = BASE + SENSORS + 'jump = 0\n[rules.r]\nchannel = "pump1.pressure.fault"\nabove = 0\n'
    assert problems(tmp_path, text) == ["gatewayd.toml:9:1: jump: expected a number above 0, got 0"]
