"""Problems: what an integrator reads about a wrong config, word for word; these are of tables, alarms and texts."""

import fake_plugins
import pytest
from config_files import BASE, HEAD, loaded, problems

from gatewayd.errors import ConfigError
from gatewayd.state.places import SOCKET

RULE = '[rules.r]\nchannel = "pump1.pressure"\n'
BUS = """[sources.{}]
plugin = "modbus"
url = "rtu:/dev/ttyS0?baudrate={}"
channels.p = {{ register = "holding:0" }}
"""

WRONG = {
    "two sources that want one line differently": (
        HEAD + BUS.format("a", 9600) + BUS.format("b", 19200),
        (
            ":9:1: line '/dev/ttyS0' is 'baudrate=19200&parity=N&stopbits=1' for b, but "
            "'baudrate=9600&parity=N&stopbits=1' for a; set it alike for both"
        ),
    ),
    # --- tables ---------------------------------------------------------------------------------------------------
    "nothing at all": (
        "# only a comment\n",
        (
            ': there is nothing in the file; add [gateway] with id = "..."; add [mqtt] with url = "mqtt://..."; '
            'add [sources.NAME] with plugin = "..."'
        ),
    ),
    "no gateway": (
        BASE.replace("[gateway]\n", "").replace('id = "test"\n', ""),
        ': [gateway] is missing; add [gateway] with id = "..."',
    ),
    "no mqtt": (
        BASE.replace('[mqtt]\nurl = "mqtt://127.0.0.1"\n', ""),
        ': [mqtt] is missing; add [mqtt] with url = "mqtt://..."',
    ),
    "no sources": (HEAD, ': [sources] is missing; add [sources.NAME] with plugin = "..."'),
    "sources without one": (
        HEAD + "[sources]\n",
        ':5:1: no source is there that could be polled; add [sources.NAME] with plugin = "..."',
    ),
    "a misspelt table": (BASE + "[rule.r]\n", ":7:1: unknown table [rule]; did you mean [rules]?"),
    "an unknown table": (
        BASE + "[xyzzy]\n",
        (
            ":7:1: unknown table [xyzzy]; known tables: [alarms], [assets], [bearings], [calculated], [evidence], "
            "[features], [forecasts], [gateway], [metrics], [models], [mqtt], [outbox], ..."
        ),
    ),
    "models": (
        BASE + "[models.m]\nlearn = 1\n",
        ':7:1: "channels" is missing in [models.m]; add it: a list [...] of one element or more',
        ':8:1: learn: expected a duration from "1m" to "365d", or a number of rows from 50 on, got 1',
    ),
    "a key without a table": (
        'state_dir = "x"\n' + BASE,
        ':1:1: the key "state_dir" is in no table; write it below [gateway]',
    ),
    "an unknown key without a table": (
        'x = "x"\n' + BASE,
        ':1:1: the key "x" is in no table; keys belong below a table',
    ),
    "a value instead of a table": (
        'summary = "60s"\n' + BASE,
        ':1:1: summary: expected a table, got text "60s"; write [summary]',
    ),
    "a list of tables": (
        HEAD + '[[sources]]\nplugin = "simulator"\n' + RULE + "above = 1\n",
        ":5:1: sources: expected a table, got a list of tables [[sources]]; write [sources.NAME]",
    ),
    "a key instead of a named table": (
        BASE + "[rules]\nabove = 3\n",
        (
            ':8:1: expected a table [rules.NAME], got the key "above"; '
            "keys belong below a table with a name of your own: [rules.my_name]"
        ),
    ),
    "a source that is no table": (
        HEAD + '[sources]\npump1 = "modbus"\n' + RULE + "above = 1\n",
        (
            ':6:1: expected a table [sources.NAME], got the key "pump1"; '
            "keys belong below a table with a name of your own: [sources.my_name]"
        ),
    ),
    "a bad name": (
        BASE + '[rules."too hot!"]\nchannel = "pump1.body_temp"\nabove = 1\n',
        ':7:1: "too hot!" cannot be a name; expected a name of letters, digits, _ and -',
    ),
    # --- alarms ---------------------------------------------------------------------------------------------------
    "a flood of none": (BASE + "[alarms]\nflood = 0\n", ":8:1: flood: expected a whole number from 1 to 10000, got 0"),
    "a flood within no time": (
        BASE + '[alarms]\nwithin = "0s"\n',
        ':8:1: within: expected a duration from "1s" to "1d", got text "0s"',
    ),
    # --- escapes --------------------------------------------------------------------------------------------------
    "a path with backslashes": (
        BASE + '[sources.tank]\nplugin = "tank"\nhost = "C:\\new"\n',
        (
            ':9:1: \\n in double quotes is a control character: the text reads "C:\\new"; '
            "write it in single quotes: 'C:\\new'"
        ),
    ),
}


@pytest.fixture(autouse=True)
def tank(monkeypatch, tmp_path):
    fake_plugins.install(monkeypatch, tmp_path)


@pytest.mark.parametrize(("text", "said"), [(text, said) for text, *said in WRONG.values()], ids=WRONG)
def test_what_is_wrong_and_what_would_be_right_is_said(tmp_path, text, said):
    assert problems(tmp_path, text) == [f"gatewayd.toml{each}" for each in said]


def test_ten_mistakes_in_one_file_are_all_found_at_once(tmp_path):
    text = """\
[gateway]
id = "a b"
[mqtt]
url = "mqtt//h"
[sources.pump1]
plugin = "simulator"
interval = 1
sede = 3
[features.f]
channels = ["pump1.flo"]
window = "1s"
compute = ["rsm"]
[features.g]
channels = ["pump1.power"]
window = "1s"
compute = ["rms"]
[rules.r]
chanel = "pump1.flow"
above = "x"
deadband = -1
[summary]
evry = "60s"
[outbox]
max_size = "1 B"
"""
    lines = [int(line.split(":")[1]) for line in problems(tmp_path, text + "[models.m]\n")]
    assert lines == [2, 4, 7, 8, 12, 18, 19, 20, 22, 24, 25, 25]


def test_faults_of_a_source_do_not_become_unknown_channels_elsewhere(tmp_path):
    text = BASE + "seed = -1\n" + RULE + 'above = 1\n[readings]\nchannels = ["pump1.*"]\n'
    assert problems(tmp_path, text) == ["gatewayd.toml:7:1: seed: expected a whole number of at least 0, got -1"]


def test_a_text_of_a_rule_may_have_line_breaks(tmp_path):
    rule = loaded(tmp_path, BASE + RULE + 'above = 1\ntext = "first\\nsecond"\n').settings.rules["r"]
    assert rule.text == "first\nsecond"


def test_a_long_text_may_have_line_breaks(tmp_path):
    long = '[sources.tank]\nplugin = "tank"\nhost = """\nfirst\nsecond"""\n'
    assert loaded(tmp_path, BASE + long).settings.sources["tank"].options["host"] == "first\nsecond"


def test_of_thousands_of_problems_the_first_are_told(tmp_path):
    rules = "".join(f'[rules.r{number}]\nchannel = "pump1.flow"\n' for number in range(3000))
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, BASE + rules)
    assert len(caught.value.problems) == 3000
    lines = str(caught.value).split("\n")
    assert len(lines) == 101
    assert lines[-1] == "and 2900 more problems"


def test_the_longest_state_folder_has_room_for_its_socket(tmp_path):
    folder = f"/{'a' * 93}"
    assert loaded(tmp_path, BASE.replace('"test"\n', f'"test"\nstate_dir = "{folder}"\n'))
    assert len(f"{folder}/{SOCKET}") == 107
