"""Models: what an integrator reads about a wrong table, word for word, and what becomes of a right one."""

import re
from pathlib import Path

import pytest
from config_files import BASE, HEAD, SOURCE, loaded, problems

from gatewayd.engine.plan import PlannedModel

PAGE = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
MODEL = '[models.m]\nchannels = ["pump1.*"]\nlearn = "24h"\n'
ASSET = '[assets.pump1]\nrunning = "pump1.running"\n'
CHANNELS = '"pump1.body_temp", "pump1.flow", "pump1.power", "pump1.pressure", "pump1.running", "pump1.vibration"'
LEARNING = 'a duration from "1m" to "365d", or a number of rows from 50 on'
EDGES = "1 to 7 ascending edges, such as [1000, 2000]"

WRONG = {
    "no channels": (
        BASE + '[models.m]\nlearn = "24h"\n',
        ':7:1: "channels" is missing in [models.m]; add it: a list [...] of one element or more',
    ),
    "an empty list": (
        BASE + '[models.m]\nchannels = []\nlearn = "24h"\n',
        ":8:1: channels: expected a list [...] of one element or more, got an empty list",
    ),
    "no time to learn": (
        BASE + '[models.m]\nchannels = ["*"]\n',
        f':7:1: "learn" is missing in [models.m]; add it: {LEARNING}',
    ),
    "too short a time": (
        BASE + MODEL.replace("24h", "30s"),
        f':9:1: learn: expected {LEARNING}, got text "30s"',
    ),
    "too few rows": (
        BASE + MODEL.replace('"24h"', "49"),
        f":9:1: learn: expected {LEARNING}, got 49",
    ),
    "a time that holds too few rows": (
        BASE + 'interval = "10s"\n' + MODEL.replace("24h", "5m"),
        (
            ":10:1: learn = 300s is too short: pump1.body_temp has a value every 10s; "
            '50 rows are needed at least: write learn = "500s" or more'
        ),
    ),
    "a channel that is not there": (
        BASE + MODEL.replace('"pump1.*"', '"pump1.presure"'),
        ':8:13: unknown channel "pump1.presure"; did you mean "pump1.pressure"?',
    ),
    "a pattern that matches nothing": (
        BASE + MODEL.replace('"pump1.*"', '"pump2.*"'),
        f':8:13: no channel of a source matches "pump2.*"; sources yield: {CHANNELS}',
    ),
    "an unknown gate": (
        BASE + MODEL + 'while = "pump1.runing"\n',
        ':10:1: unknown channel "pump1.runing"; did you mean "pump1.running"?',
    ),
    "a gate that is to be judged": (
        BASE + '[models.m]\nchannels = ["pump1.flow", "pump1.running"]\nlearn = 400\nwhile = "pump1.running"\n',
        ':8:27: "pump1.running" guides the model, it cannot be judged; it is its while; take it out',
    ),
    "a verdict that is to be judged": (
        BASE + ASSET + '[models.m]\nchannels = ["pump1.flow", "asset.pump1.state"]\nlearn = 400\n',
        ':10:27: "asset.pump1.state" is a verdict on the machine, it cannot be judged; take it out',
    ),
    "a model of a model": (
        BASE + MODEL + '[models.n]\nchannels = ["pump1.flow", "health.m"]\nlearn = 400\n',
        ':11:27: "health.m" is a verdict on the machine, it cannot be judged; take it out',
    ),
    "a point without edges": (
        BASE + MODEL + 'by = "pump1.power"\n',
        ":10:1: by needs the edges of its operating points; add bins = [...], such as [1000, 2000]",
    ),
    "edges without a point": (
        BASE + MODEL + "bins = [1000]\n",
        ':10:1: bins has no meaning without by; add by = "...", the channel whose values they divide',
    ),
    "edges that do not ascend": (
        BASE + MODEL + 'by = "pump1.power"\nbins = [2000, 1000]\n',
        f":11:1: bins: expected {EDGES}, got a list",
    ),
    "a number of bins": (
        BASE + MODEL + 'by = "pump1.power"\nbins = 3\n',
        f":11:1: bins: expected {EDGES}, got 3; write it in brackets: [...]",
    ),
    "an unknown sensitivity": (
        BASE + MODEL + 'sensitivity = "high"\n',
        ':10:1: sensitivity: expected one of "default", "sensitive", got text "high"',
    ),
    "a misspelt key": (
        BASE + MODEL + "adapts = true\n",
        ':10:1: unknown key "adapts" in [models.m]; did you mean "adapt"?',
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_and_what_would_be_right(tmp_path, case):
    text, *expected = WRONG[case]
    assert problems(tmp_path, text) == [f"gatewayd.toml{each}" for each in expected]


def model(folder, text):
    config = loaded(folder, text)
    assert config.problems == ()
    (planned,) = (each for each in config.plan.derivers if isinstance(each, PlannedModel))
    return config.plan, planned


def judged(plan, planned):
    return [plan.channels[number].name for number in planned.inputs[: planned.judged]]


def test_a_star_is_all_single_values_that_sources_yield_by_their_names(tmp_path):
    plan, planned = model(tmp_path, BASE + MODEL.replace("pump1.*", "*"))
    assert judged(plan, planned) == [
        f"pump1.{name}" for name in ("body_temp", "flow", "power", "pressure", "running", "vibration")
    ]
    assert [plan.channels[number].name for number in planned.outputs] == ["health.m", "health.m.change"]
    assert (planned.span, planned.rows, planned.asset) == (86_400_000_000_000, 0, "pump1")
    assert (planned.sensitive, planned.adapt) == (False, True)


def test_its_guides_are_never_judged(tmp_path):
    text = BASE + MODEL + 'while = "pump1.running"\nby = "pump1.power"\nbins = [1, 2.5]\n'
    plan, planned = model(tmp_path, text)
    assert judged(plan, planned) == [f"pump1.{name}" for name in ("body_temp", "flow", "pressure", "vibration")]
    assert [plan.channels[planned.inputs[place]].name for place in (planned.gate, planned.point)] == [
        "pump1.running",
        "pump1.power",
    ]
    assert planned.edges == (1.0, 2.5)


def test_a_gate_may_be_turned_round(tmp_path):
    plan, planned = model(tmp_path, BASE + MODEL + 'while = "not pump1.running"\n')
    assert plan.channels[planned.inputs[planned.gate]].name == "pump1.running"
    assert planned.inverted


def test_one_channel_can_guide_it_in_two_ways(tmp_path):
    text = BASE + MODEL + 'while = "pump1.power"\nby = "pump1.power"\nbins = [1]\n'
    _, planned = model(tmp_path, text)
    assert planned.gate == planned.point == len(planned.inputs) - 1


def test_a_machine_that_tells_whether_it_is_steady_guides_it(tmp_path):
    plan, planned = model(tmp_path, BASE + ASSET + MODEL)
    assert plan.channels[planned.inputs[planned.steady]].name == "asset.pump1.steady"
    plan, planned = model(tmp_path, BASE + ASSET + MODEL + 'while = "pump1.running"\n')
    assert planned.steady is None


def test_derived_channels_can_be_named_and_matched(tmp_path):
    feature = '[features.f]\nchannels = ["pump1.vibration"]\nwindow = "10s"\ncompute = ["rms", "kurtosis"]\n'
    formula = '[calculated.head]\nformula = "pump1.pressure * 10.2"\n'
    text = BASE + feature + formula + MODEL.replace('"pump1.*"', '"pump1.vibration.*", "calculated.head", "pump1.flow"')
    plan, planned = model(tmp_path, text)
    assert judged(plan, planned) == [
        *("calculated.head", "pump1.flow", "pump1.vibration.kurtosis", "pump1.vibration.rms"),
    ]


def test_faults_of_sensors_are_not_judged(tmp_path):
    sensors = '[sensors.s]\nchannels = ["pump1.pressure"]\n'
    plan, planned = model(tmp_path, BASE + sensors + MODEL.replace('"pump1.*"', '"pump1.pressure*"'))
    assert judged(plan, planned) == ["pump1.pressure"]


def test_a_rule_can_judge_the_score(tmp_path):
    text = BASE + MODEL + '[rules.unwell]\nchannel = "health.m"\nabove = 1\n'
    plan, _ = model(tmp_path, text)
    assert plan.channels[plan.rules[-1].channel].name == "health.m"


def test_settings_are_planned(tmp_path):
    text = BASE + MODEL.replace('"24h"', "400") + 'sensitivity = "sensitive"\nadapt = false\n'
    _, planned = model(tmp_path, text)
    assert (planned.rows, planned.span, planned.sensitive, planned.adapt) == (400, 0, True, False)


def test_a_model_of_too_many_channels_is_refused(tmp_path):
    channels = "\n".join(f'c{n} = {{ register = "holding:{n}" }}' for n in range(33))
    source = f'[sources.m]\nplugin = "modbus"\nurl = "tcp://h"\n[sources.m.channels]\n{channels}\n'
    text = HEAD + source + '[models.m]\nchannels = ["*"]\nlearn = 400\n'
    (problem,) = problems(tmp_path, text)
    assert problem.endswith("33 channels match, a model can have 32; make models of channels that belong together")


def test_a_model_whose_source_is_lost_is_left_out_and_so_is_its_rule(tmp_path):
    lost = '[sources.tank]\nplugin = "no_such_plugin"\n'
    text = BASE + lost + '[models.m]\nchannels = ["pump1.flow", "tank.level"]\nlearn = 400\n'
    text += '[rules.r]\nchannel = "health.m"\nabove = 1\n'
    config = loaded(tmp_path, text)
    assert config.plan.derivers == ()
    assert config.plan.rules == ()
    said = [problem.what for problem in config.problems]
    assert any("[models.m] is left out" in each for each in said)
    assert any('rule "r" is left out' in each for each in said)


def test_a_wrong_model_does_not_make_its_rule_wrong_too(tmp_path):
    text = BASE + MODEL.replace("24h", "1s") + '[rules.r]\nchannel = "health.m"\nabove = 1\n'
    assert len(problems(tmp_path, text)) == 1


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL), ids=lambda block: block[:15])
def test_the_tables_in_the_docs_are_right(tmp_path, block):
    sources = SOURCE + SOURCE.replace("pump1", "pump2")
    assert loaded(tmp_path, HEAD + sources + block).problems == ()
