"""Problems with sources: what an integrator reads, word for word."""

import fake_plugins
import pytest
from config_files import BASE, HEAD, problems

RULE = '[rules.r]\nchannel = "pump1.pressure"\n'
TANK = '[sources.tank]\nplugin = "tank"\nhost = "h"\n'
TEN_SECONDS = 'a duration such as "10s"'
MODBUS = """\
[sources.m]
plugin = "modbus"
url = "tcp://h"
channels.p = { register = "holding:0" }
"""

WRONG = {
    "no plugin": (
        HEAD + "[sources.pump1]\nseed = 1\n" + RULE + "above = 1\n",
        ':5:1: "plugin" is missing in [sources.pump1]; add it: the type of the source, such as "modbus"',
    ),
    "a misspelt option": (BASE + "sede = 1\n", ':7:1: unknown key "sede" in [sources.pump1]; did you mean "seed"?'),
    "a misspelt key of ours": (
        BASE + 'intervall = "1s"\n',
        ':7:1: unknown key "intervall" in [sources.pump1]; did you mean "interval"?',
    ),
    "an option of a wrong type": (
        BASE + 'seed = "1"\n',
        ':7:1: seed: expected a whole number of at least 0, got text "1"; write it without quotes',
    ),
    "an option that its plugin refuses": (
        BASE + TANK.replace('"h"', '"nowhere"'),
        ":9:1: there is no such host; name another",
    ),
    "an option out of range": (
        BASE + TANK + "port = 70000\n",
        ":10:1: port: expected a whole number from 1 to 65535, got 70000",
    ),
    "a duration among the options": (
        BASE + TANK + "timeout = 5\n",
        f':10:1: timeout: expected {TEN_SECONDS}, got 5; write it with its unit: "5s"',
    ),
    "a misspelt key in a table of an option": (
        BASE + TANK + "[sources.tank.probes]\na = { dept = 1.5 }\n",
        ':11:7: unknown key "dept" in [sources.tank.probes.a]; did you mean "depth"?',
    ),
    "a misspelt option that must be given": (
        BASE + TANK.replace("host", "hots"),
        ':9:1: unknown key "hots" in [sources.tank]; did you mean "host"?',
    ),
    "a misspelt register": (
        BASE + MODBUS.replace("register", "regster"),
        ':10:16: unknown key "regster" in [sources.m.channels.p]; did you mean "register"?',
    ),
    "no register": (
        BASE + MODBUS.replace('register = "holding:0"', 'unit = "bar"'),
        ':10:10: "register" is missing in [sources.m.channels.p]; add it: text such as "holding:100"',
    ),
    "units that are not UCUM codes": (
        BASE + MODBUS.replace("}", ', unit = "°C" }') + 'channels.q = { register = "input:0", unit = "m/s²" }\n',
        ":10:41: '°C' is not a UCUM code; did you mean \"Cel\"?",
        ":11:38: 'm/s²' is not a UCUM code; did you mean \"m/s2\"?",
    ),
    "a value in a table of an option": (
        BASE + TANK + '[sources.tank.probes]\na = { depth = 1 }\nb = { depth = "deep", label = "x" }\n',
        ':12:7: depth: expected a number, got text "deep"',
    ),
    "a table of an option that its plugin refuses": (
        BASE + TANK + "probes.a.depth = 1\nprobes.b.depth = 101\n",
        ":11:10: no probe is that long; 100 is the most",
    ),
    "a channel that cannot be one": (
        BASE + TANK + 'names = ["a b"]\n',
        ':7:1: "a b" cannot be the name of a channel; expected a name of letters, digits, _ and -',
    ),
}


@pytest.fixture(autouse=True)
def tank(monkeypatch, tmp_path):
    fake_plugins.install(monkeypatch, tmp_path)


@pytest.mark.parametrize(("text", "said"), [(text, said) for text, *said in WRONG.values()], ids=WRONG)
def test_what_is_wrong_and_what_would_be_right_is_said(tmp_path, text, said):
    assert problems(tmp_path, text) == [f"gatewayd.toml{each}" for each in said]
