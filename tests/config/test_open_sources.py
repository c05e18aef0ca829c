"""Open-ended sources: without a recording their channels are not known, and nobody is blamed for it."""

import pytest
from config_files import HEAD, SOURCE, problems, write

from gatewayd.config import load
from gatewayd.engine.engine import Engine
from gatewayd.errors import ConfigError

RIG = '[sources.rig]\nplugin = "recording"\n'
REFERRING = """\
[features.slow]
channels = ["rig.a", "*.b"]
window = "10s"
compute = ["mean"]
[models.rig]
channels = ["*"]
learn = 400
[readings]
channels = ["rig.*"]
[rules.high]
channel = "rig.a"
above = 1
[rules.slow]
channel = "rig.a.mean"
above = 1
while = "rig.running"
[rules.unwell]
channel = "health.rig"
above = 1
"""


def test_what_may_be_a_channel_of_it_is_left_out_quietly(tmp_path):
    config = load(write(tmp_path, HEAD + RIG + REFERRING))
    assert config.problems == ()
    assert config.plan.channels == config.plan.rules == config.plan.groups == ()
    assert list(config.sources) == ["rig"]
    Engine(config.plan, "boot")


def test_the_columns_of_a_recording_are_its_channels(tmp_path):
    config = load(write(tmp_path, HEAD + RIG + REFERRING), {"rig": ["a", "b", "running"]})
    assert [rule.name for rule in config.plan.rules if rule.name in ("high", "slow", "unwell")] == [
        "high",
        "slow",
        "unwell",
    ]
    assert [each.name for each in config.plan.channels][:3] == ["rig.a", "rig.b", "rig.running"]


def test_with_a_recording_what_is_missing_is_an_error(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, HEAD + RIG + REFERRING), {"rig": ["a", "b"]})
    assert 'unknown channel "rig.running"' in str(caught.value)


def test_what_cannot_be_a_channel_of_it_is_an_error_as_ever(tmp_path):
    rule = '[rules.high]\nchannel = "pump1.presure"\nabove = 1\n'
    (problem,) = problems(tmp_path, HEAD + SOURCE + RIG + rule)
    assert 'unknown channel "pump1.presure"; did you mean "pump1.pressure"?' in problem


def test_a_table_of_channels_makes_it_as_known_as_any(tmp_path):
    channels = "[sources.rig.channels]\na = {}\n"
    (problem,) = problems(tmp_path, HEAD + RIG + channels + '[rules.high]\nchannel = "rig.b"\nabove = 1\n')
    assert 'unknown channel "rig.b"; did you mean "rig.a"?' in problem


def test_a_wrong_option_of_it_is_an_error(tmp_path):
    (problem,) = problems(tmp_path, HEAD + RIG + 'pathh = "x.csv"\n')
    assert 'unknown key "pathh" in [sources.rig]' in problem
