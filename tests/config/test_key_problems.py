"""Problems with keys and their values, and that one problem hides no other: what an integrator reads, word for word."""

from pathlib import Path

import fake_plugins
import pytest
from config_files import BASE, HEAD, problems

RULE = '[rules.r]\nchannel = "pump1.pressure"\n'
TANK = '[sources.tank]\nplugin = "tank"\nhost = "h"\n'
TEN_SECONDS = 'a duration such as "10s"'
DAY = 'a duration from "10ms" to "1d"'
MODBUS = """\
[sources.m]
plugin = "modbus"
url = "tcp://h"
channels.p = { register = "holding:0" }
"""
NUMBER_TYPES = (
    'one of "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", '
    '"float64", "bcd16", "bcd32", "bcd64", "mod10k32", "mod10k48", "mod10k64", "signmag16", "signmag32", "string"'
)
FLOATS = 'one of "float16", "float32", "float64"'
NO_CHANNEL = ':7:1: "channel" is missing in [rules.r]; add it: the name of a channel, such as "pump1.pressure"'


def with_mqtt(line):
    return BASE.replace('url = "mqtt://127.0.0.1"\n', line + "\n")


WRONG = {
    "a feature of no list of channels": (
        BASE + '[features.f]\nchannels = "pump1.flow"\ncompute = ["rsm"]\nwindow = "10s"\n',
        (
            ":8:1: channels: expected a list [...] of one element or more, got text "
            '"pump1.flow"; write it in brackets: ["pump1.flow"]'
        ),
        ':9:12: unknown feature "rsm"; did you mean "rms"?',
    ),
    "a rule without a channel": (
        BASE + "[rules.r]\noutside = [6, 1]\ndeadband = -1\n",
        NO_CHANNEL,
        ":8:1: the first limit must be below the second; write outside = [1, 6]",
        ":9:1: deadband: expected a number of 0 or more, got -1",
    ),
    "a model without anything": (
        BASE + '[models.m]\nby = "pump1.flwo"\n',
        ':7:1: "channels" is missing in [models.m]; add it: a list [...] of one element or more',
        (
            ':7:1: "learn" is missing in [models.m]; '
            'add it: a duration from "1m" to "365d", or a number of rows from 50 on'
        ),
        ":8:1: by needs the edges of its operating points; add bins = [...], such as [1000, 2000]",
        ':8:1: unknown channel "pump1.flwo"; did you mean "pump1.flow"?',
    ),
    "a forecast without a limit": (
        BASE + '[forecasts.f]\nchannel = "pump1.flwo"\n',
        ':7:1: "limit" is missing in [forecasts.f]; add it: a finite number',
        ':8:1: unknown channel "pump1.flwo"; did you mean "pump1.flow"?',
    ),
    "a sensor without channels": (
        BASE + '[sensors.s]\ncheck = ["jumps"]\ndropouts = 0.5\n',
        ':7:1: "channels" is missing in [sensors.s]; add it: a list [...] of one element or more',
        ':9:1: dropouts has no meaning without "dropouts" in check; add "dropouts" to check, or remove dropouts',
    ),
    "a broker without an address": (
        with_mqtt('password_file = "nowhere"'),
        ':3:1: "url" is missing in [mqtt]; add it: an address such as "mqtt://broker.example.com"',
        (
            ':4:1: the password file cannot be read (No such file or directory): "nowhere"; '
            "write the password into it, readable for the user that gatewayd runs as"
        ),
    ),
    "a misspelt not": (
        BASE + RULE + 'above = 6\nwhile = "nott pump1.running"\n',
        ':10:1: unknown channel "nott pump1.running"; write "not pump1.running"',
    ),
    "a misspelt key": (
        BASE + '[summary]\nevrey = "60s"\n',
        ':8:1: unknown key "evrey" in [summary]; did you mean "every"?',
    ),
    "an unknown key": (BASE + "[outbox]\nxyzzy = 1\n", ':8:1: unknown key "xyzzy" in [outbox]; known keys: "max_size"'),
    "a missing key": (
        BASE.replace('id = "test"\n', ""),
        (
            ':1:1: "id" is missing in [gateway]; '
            "add it: a name that begins with a letter or digit, without spaces, /, + and #"
        ),
    ),
    **{
        f"a text with the character {ord(character):x}": (
            BASE + RULE + f'above = 1\ntext = "hot {written}!"\n',
            f":10:1: text: expected text without control characters, got text {shown}",
        )
        for character, written, shown in (
            ("\1", "\\u0001", '"hot \\u0001!"'),
            ("\x7f", "\\u007f", '"hot \\u007f!"'),
            ("\u202e", "\\u202e", '"hot \\u202e!"'),
        )
    },
    "a gateway with a long name": (
        BASE.replace('"test"', f'"{"a" * 300}"'),
        f':2:1: id: expected 64 characters at most, got text "{"a" * 60}..." of 300 characters',
    ),
    "a long name": (
        BASE + f'[rules.{"a" * 65}]\nchannel = "pump1.flow"\nabove = 1\n',
        f':7:1: "{"a" * 60}..." has 65 characters; a name has 64 at most',
    ),
    "a home as in a shell": (
        BASE.replace('"test"\n', '"test"\nstate_dir = "~/x"\n'),
        f':3:1: state_dir: expected a path, got text "~/x"; write the whole path: "{Path.home()}/x"',
    ),
    "a home of a plugin's file": (
        HEAD + '[sources.f]\nplugin = "file"\npath = "~nobody-of-us/x.csv"\n',
        (':7:1: path: expected a path, got text "~nobody-of-us/x.csv"; write the whole path: "./~nobody-of-us/x.csv"'),
    ),
    "a state folder below a file": (
        BASE.replace('"test"\n', '"test"\nstate_dir = "gatewayd.toml/state"\n'),
        ':3:1: "gatewayd.toml" is a file, not a folder; choose another path, or move the file away',
    ),
    "a state folder that is a file": (
        BASE.replace('"test"\n', '"test"\nstate_dir = "gatewayd.toml"\n'),
        ':3:1: "gatewayd.toml" is a file, not a folder; choose another path, or move the file away',
    ),
    "a state folder of the kernel": (
        BASE.replace('"test"\n', '"test"\nstate_dir = "/sys/gatewayd"\n'),
        ":3:1: nothing can be kept below /sys; choose a folder on a disk",
    ),
    "a state folder with a long path": (
        BASE.replace('"test"\n', f'"test"\nstate_dir = "/{"a" * 95}"\n'),
        (
            ":3:1: the path of the state folder has 96 bytes, too many for its control socket; "
            "94 are possible: choose a shorter one"
        ),
    ),
    "a gateway with a slash": (
        BASE.replace('"test"', '"hafen/1"'),
        ':2:1: id: expected a name that begins with a letter or digit, without spaces, /, + and #, got text "hafen/1"',
    ),
    "a number instead of a duration": (
        BASE + "[summary]\nevery = 60\n",
        ':8:1: every: expected a duration from "1s" to "1d", got 60; write it with its unit: "60s"',
    ),
    "too short a duration": (
        BASE + '[summary]\nevery = "10ms"\n',
        ':8:1: every: expected a duration from "1s" to "1d", got text "10ms"',
    ),
    "too long an interval": (BASE + 'interval = "8d"\n', f':7:1: interval: expected {DAY}, got text "8d"'),
    "too small an outbox": (
        BASE + '[outbox]\nmax_size = "64kB"\n',
        ':8:1: max_size: expected a size from "1MiB" to "1000GB", got text "64kB"',
    ),
    "an outbox that is a little too small": (
        BASE + '[outbox]\nmax_size = "1MB"\n',
        ':8:1: max_size: expected a size from "1MiB" to "1000GB", got text "1MB"',
    ),
    "a size without its B": (
        BASE + '[outbox]\nmax_size = "64 M"\n',
        ':8:1: max_size: expected a size from "1MiB" to "1000GB", got text "64 M"; write "64MB"',
    ),
    "a size in lower case": (
        BASE + '[outbox]\nmax_size = "64mib"\n',
        ':8:1: max_size: expected a size from "1MiB" to "1000GB", got text "64mib"; write "64MiB"',
    ),
    "a size that nobody understands": (
        BASE + '[outbox]\nmax_size = "plenty"\n',
        ':8:1: max_size: expected a size from "1MiB" to "1000GB", got text "plenty"; write it like "64MB"',
    ),
    "a duration with a word as its unit": (
        BASE + 'interval = "10 sec"\n',
        f':7:1: interval: expected {DAY}, got text "10 sec"; write "10s"',
    ),
    "a duration in minutes": (
        BASE + 'interval = "1min"\n',
        f':7:1: interval: expected {DAY}, got text "1min"; write "1m"',
    ),
    "a duration with a space": (
        BASE + 'interval = "1 s"\n',
        f':7:1: interval: expected {DAY}, got text "1 s"; write "1s"',
    ),
    "a duration with a comma": (
        BASE + 'interval = "0,5s"\n',
        f':7:1: interval: expected {DAY}, got text "0,5s"; write "0.5s"',
    ),
    "a duration without its unit": (
        BASE + 'interval = "10"\n',
        f':7:1: interval: expected {DAY}, got text "10"; write it with its unit: "10s"',
    ),
    "a duration that nobody understands": (
        BASE + 'interval = "1h30m"\n',
        f':7:1: interval: expected {DAY}, got text "1h30m"; write it like "10s"',
    ),
    "a duration whose unit would make it too long": (
        BASE + "interval = 100_000\n",
        f':7:1: interval: expected {DAY}, got 100000; write it like "10s"',
    ),
    "a number instead of a size": (
        BASE + "[outbox]\nmax_size = 64\n",
        ':8:1: max_size: expected a size from "1MiB" to "1000GB", got 64; write it with its unit: "64MB"',
    ),
    "a text instead of a number": (
        BASE + RULE + 'above = "3.5"\n',
        ':9:1: above: expected a finite number, got text "3.5"; write it without quotes',
    ),
    "not a number": (BASE + RULE + "above = nan\n", ":9:1: above: expected a finite number, got nan"),
    "too large a number": (
        BASE + f"[summary]\nevery = 0x{'f' * 5000}\n",
        ':8:1: every: expected a duration from "1s" to "1d", got too large a number',
    ),
    "too large a number for any plugin": (
        BASE + f"seed = 0x{'f' * 17}\n",
        ":7:1: the number is too large; a whole number has 64 bits at most",
    ),
    "a number beyond all floats": (
        BASE + RULE + f"above = {'9' * 400}\n",
        ":9:1: above: expected a finite number, got too large a number",
    ),
    "an endless duration": (
        BASE + TANK + f'timeout = "{"9" * 400}s"\n',
        f':10:1: timeout: expected {TEN_SECONDS}, got text "{"9" * 60}..." of 401 characters',
    ),
    "a gateway that would leave its folder": (
        BASE.replace('"test"', '".."'),
        ':2:1: id: expected a name that begins with a letter or digit, without spaces, /, + and #, got text ".."',
    ),
    "a date": (
        BASE + RULE + "above = 1979-05-27\n",
        ":9:1: above: expected a finite number, got the date or time 1979-05-27",
    ),
    "a table instead of a text": (
        BASE + RULE + "above = 1\ntext = { a = 1 }\n",
        ":10:1: text: expected text without control characters, got a table",
    ),
    "a misspelt choice": (
        BASE + RULE + 'above = 1\nseverity = "critcal"\n',
        ':10:1: severity: expected one of "info", "warning", "critical", got text "critcal"; did you mean "critical"?',
    ),
    "the beginning of several choices": (
        BASE + MODBUS.replace("}", ', type = "float" }'),
        f':10:41: type: expected {NUMBER_TYPES}, got text "float"; did you mean {FLOATS}?',
    ),
    "a choice in upper case": (
        BASE + MODBUS.replace("}", ', type = "FLOAT32" }'),
        f':10:41: type: expected {NUMBER_TYPES}, got text "FLOAT32"; did you mean "float32"?',
    ),
    "a number instead of a choice": (
        with_mqtt('url = "mqtt://h"\nprotocol = 5'),
        ':5:1: protocol: expected one of "5", "3.1.1", got 5; write it in quotes',
    ),
    "a text instead of a list": (
        BASE + '[readings]\nchannels = "pump1.*"\n',
        (
            ':8:1: channels: expected a list [...] of one element or more, got text "pump1.*"; '
            'write it in brackets: ["pump1.*"]'
        ),
    ),
    "an element of a list": (
        BASE + '[readings]\nchannels = [\n  "pump1.*",\n  17,\n]\n',
        ":10:3: channels: expected text, got 17; write it in quotes",
    ),
}


@pytest.fixture(autouse=True)
def tank(monkeypatch, tmp_path):
    fake_plugins.install(monkeypatch, tmp_path)


@pytest.mark.parametrize(("text", "said"), [(text, said) for text, *said in WRONG.values()], ids=WRONG)
def test_what_is_wrong_and_what_would_be_right_is_said(tmp_path, text, said):
    assert problems(tmp_path, text) == [f"gatewayd.toml{each}" for each in said]
