"""Problems with features: what an integrator reads, word for word."""

import fake_plugins
import pytest
from config_files import BASE, problems

RULE = '[rules.r]\nchannel = "pump1.pressure"\n'
FEATURE = '[features.f]\nchannels = ["pump1.flow"]\nwindow = "10s"\n'
TANK = '[sources.tank]\nplugin = "tank"\nhost = "h"\n'
CHANNELS = '"pump1.body_temp", "pump1.flow", "pump1.power", "pump1.pressure", "pump1.running", "pump1.vibration"'

WRONG = {
    "an unknown feature": (
        BASE + FEATURE + 'compute = ["rms", "kurtosi"]\n' + RULE.replace("pressure", "flow.rms") + "above = 1\n",
        ':10:19: unknown feature "kurtosi"; did you mean "kurtosis"?',
    ),
    "a feature twice": (
        BASE + FEATURE + 'compute = ["rms", "rms"]\n',
        ':10:19: "rms" is there twice; keep one of them',
    ),
    "no feature": (
        BASE + FEATURE + "compute = []\n",
        ":10:1: compute: expected a list [...] of one element or more, got an empty list",
    ),
    "a window that is too short": (
        BASE + FEATURE.replace("10s", "1500ms") + 'compute = ["rms"]\n',
        ':9:1: the window is shorter than two intervals of pump1.flow, which is read every 1s; make it "2s" at least',
    ),
    "a window of one value": (
        BASE + FEATURE.replace('"10s"', "1") + 'compute = ["rms"]\n',
        ':9:1: window: expected a duration up to "30d", or a number of values from 2 on, got 1',
    ),
    "a window that is too large": (
        BASE + 'interval = "10ms"\n' + FEATURE.replace("10s", "1d") + 'compute = ["rms"]\n',
        (
            ":10:1: the windows up to this one hold 9720002 values (155 MB); shorten it, or match fewer channels: "
            "at most 2000000 values (32 MB) are possible"
        ),
    ),
    "windows that are too large together": (
        BASE
        + 'interval = "100ms"\n'
        + FEATURE.replace("10s", "1d").replace("flow", "f*")
        + 'compute = ["rms"]\n'
        + FEATURE.replace(".f]", ".g]").replace("10s", "1d").replace("flow", "pressure")
        + 'compute = ["rms"]\n'
        + FEATURE.replace(".f]", ".h]").replace("10s", "6h").replace("flow", "power")
        + 'compute = ["rms"]\n',
        (
            ":18:1: the windows up to this one hold 2187006 values (34 MB); shorten it, or match fewer channels: "
            "at most 2000000 values (32 MB) are possible"
        ),
    ),
    "a window of very many values": (
        BASE + FEATURE.replace('"10s"', "3_000_000") + 'compute = ["rms"]\n',
        (
            ":9:1: the windows up to this one hold 3000000 values (48 MB); shorten it, or match fewer channels: "
            "at most 2000000 values (32 MB) are possible"
        ),
    ),
    "a window in quotes without a unit": (
        BASE + FEATURE.replace("10s", "10") + 'compute = ["rms"]\n',
        (
            ':9:1: window: expected a duration up to "30d", or a number of values from 2 on, got text "10"; '
            'write "10s", or 10 for so many values'
        ),
    ),
    "a pattern that begins several": (
        BASE + '[readings]\nchannels = ["pump1.p"]\n',
        ':8:13: no channel of a source matches "pump1.p"; did you mean one of "pump1.power", "pump1.pressure"?',
    ),
    "a pattern that matches nothing": (
        BASE + FEATURE.replace("pump1.flow", "pump1.flwo") + 'compute = ["rms"]\n',
        ':8:13: no channel of a source matches "pump1.flwo"; did you mean "pump1.flow"?',
    ),
    "a pattern of another source": (
        BASE + '[readings]\nchannels = ["fan.*"]\n',
        f':8:13: no channel of a source matches "fan.*"; sources yield: {CHANNELS}',
    ),
    "a pattern of derived channels": (
        BASE + FEATURE + 'compute = ["rms"]\n[readings]\nchannels = ["pump1.flow.rms"]\n',
        ':12:13: "pump1.flow.rms" matches derived channels only; name channels that sources yield',
    ),
    "two tables that derive one channel": (
        BASE + FEATURE + 'compute = ["rms"]\n' + FEATURE.replace(".f]", ".g]") + 'compute = ["std", "rms"]\n',
        ":14:19: [features.f] derives pump1.flow.rms already; a channel can come from one place only",
    ),
    "a channel that its source yields": (
        BASE + TANK + 'names = ["a", "a.rms"]\n[features.f]\nchannels = ["tank.a"]\nwindow = 5\ncompute = ["rms"]\n',
        ':14:12: source "tank" yields tank.a.rms already; a channel can come from one place only',
    ),
}


@pytest.fixture(autouse=True)
def tank(monkeypatch, tmp_path):
    fake_plugins.install(monkeypatch, tmp_path)


@pytest.mark.parametrize(("text", "said"), [(text, said) for text, *said in WRONG.values()], ids=WRONG)
def test_what_is_wrong_and_what_would_be_right_is_said(tmp_path, text, said):
    assert problems(tmp_path, text) == [f"gatewayd.toml{each}" for each in said]
