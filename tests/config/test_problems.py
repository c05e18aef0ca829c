"""Problems: what an integrator reads about a wrong config, word for word."""

from pathlib import Path

import fake_plugins
import pytest
from config_files import BASE, HEAD, loaded, problems

from gatewayd.errors import ConfigError
from gatewayd.state.places import SOCKET

RULE = '[rules.r]\nchannel = "pump1.pressure"\n'
FEATURE = '[features.f]\nchannels = ["pump1.flow"]\nwindow = "10s"\n'
TANK = '[sources.tank]\nplugin = "tank"\nhost = "h"\n'
TEN_SECONDS = 'a duration such as "10s"'
DAY = 'a duration from "10ms" to "1d"'
MONTH = 'a duration from "0s" to "30d"'
CONDITIONS = '"above", "below", "outside", "rate_above", "stale", "flat"'
CHANNELS = '"pump1.body_temp", "pump1.flow", "pump1.power", "pump1.pressure", "pump1.running", "pump1.vibration"'
BROKERS = 'write "mqtt://broker.example.com" or "mqtts://broker.example.com:8883"'


def with_mqtt(line):
    return BASE.replace('url = "mqtt://127.0.0.1"\n', line + "\n")


MODBUS = """\
[sources.m]
plugin = "modbus"
url = "tcp://h"
channels.p = { register = "holding:0" }
"""
GROUPS = {"a]": "suction", "b]": "suction", "c]": "sucton"}
NUMBER_TYPES = (
    'one of "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", '
    '"float64", "bcd16", "bcd32", "bcd64", "mod10k32", "mod10k48", "mod10k64", "signmag16", "signmag32", "string"'
)
FLOATS = 'one of "float16", "float32", "float64"'
NO_CHANNEL = ':7:1: "channel" is missing in [rules.r]; add it: the name of a channel, such as "pump1.pressure"'
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
    # --- keys and values ------------------------------------------------------------------------------------------
    # --- what is missing or wrong hides nothing --------------------------------------------------------------------
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
    # --- mqtt -----------------------------------------------------------------------------------------------------
    "the key of another table": (
        with_mqtt('url = "mqtt://h"\nid = "hafen-01"'),
        ':5:1: unknown key "id" in [mqtt]; it belongs to [gateway]',
    ),
    "the key of two other tables": (
        BASE + '[outbox]\nevery = "1s"\n',
        ':8:1: unknown key "every" in [outbox]; it belongs to [summary] or [readings]',
    ),
    "no address": (
        with_mqtt(""),
        ':3:1: "url" is missing in [mqtt]; add it: an address such as "mqtt://broker.example.com"',
    ),
    "another scheme": (with_mqtt('url = "http://h"'), f':4:1: "http://h" is not the address of a broker; {BROKERS}'),
    "no scheme": (with_mqtt('url = "broker:1883"'), f':4:1: "broker:1883" is not the address of a broker; {BROKERS}'),
    "no such port": (
        with_mqtt('url = "mqtt://h:99999"'),
        f":4:1: url is not an address (Port out of range 0-65535); {BROKERS}",
    ),
    "port 0": (with_mqtt('url = "mqtt://h:0"'), f':4:1: "mqtt://h:0" is not the address of a broker; {BROKERS}'),
    "a path": (with_mqtt('url = "mqtt://h/t"'), f':4:1: "mqtt://h/t" has more than a host and a port; {BROKERS}'),
    "a password in the address": (
        with_mqtt('url = "mqtt://me:geheim@h"'),
        ":4:1: the user name and the password do not belong in the address; write username and password_file below it",
    ),
    "a password in the file": (
        with_mqtt('url = "mqtt://h"\npassword = "geheim"'),
        (
            ":5:1: the password does not belong in the config; write it into a file that only gatewayd can read, "
            'and name that: password_file = "mqtt.password"'
        ),
    ),
    "a topic with a wildcard": (
        with_mqtt('url = "mqtt://h"\nprefix = "plant/#"'),
        ':5:1: prefix: expected the first part of a topic, such as "gatewayd" or "plant/gatewayd", got text "plant/#"',
    ),
    "a key without TLS": (
        with_mqtt('url = "mqtt://h"\ncert_file = "gatewayd.toml"'),
        ':5:1: cert_file has no use without TLS; let url begin with "mqtts://"',
    ),
    "a key without a certificate": (
        with_mqtt('url = "mqtts://h"\nkey_file = "gatewayd.toml"'),
        ":5:1: key_file has no use without cert_file; add cert_file",
    ),
    # --- sources --------------------------------------------------------------------------------------------------
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
    # --- features -------------------------------------------------------------------------------------------------
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
    # --- rules ----------------------------------------------------------------------------------------------------
    "no condition": (BASE + RULE, f":7:1: the rule has no condition; give one of {CONDITIONS}"),
    "two limits": (
        BASE + RULE + "above = 3\nbelow = 1\n",
        ":10:1: a rule has one condition, not two; write outside = [low, high]",
    ),
    "two conditions": (
        BASE + RULE + 'flat = "60s"\nabove = 3\n',
        (
            ':10:1: a rule has one condition, not "flat", "above"; '
            "keep one of them, and make rules of their own for the others"
        ),
    ),
    "no channel": (BASE + "[rules.r]\nabove = 3\n", NO_CHANNEL),
    "a misspelt channel": (
        BASE + '[rules.r]\nchanel = "pump1.flow"\nabove = 3\n',
        ':8:1: unknown key "chanel" in [rules.r]; did you mean "channel"?',
    ),
    "an unknown channel": (
        BASE + RULE.replace("pressure", "presure") + "above = 3\n",
        ':8:1: unknown channel "pump1.presure"; did you mean "pump1.pressure"?',
    ),
    "an unknown gate": (
        BASE + RULE + 'above = 3\nwhile = "pump1.runing"\n',
        ':10:1: unknown channel "pump1.runing"; did you mean "pump1.running"?',
    ),
    "a channel of waveforms": (
        BASE + 'burst = "1m"\n' + RULE.replace("pressure", "acceleration") + "above = 3\n",
        (
            ':9:1: channel "pump1.acceleration" carries waveforms, not single values; '
            'compute features of it: [features.NAME] with channels = ["pump1.acceleration"]'
        ),
    ),
    "limits the wrong way round": (
        BASE + RULE + "outside = [6, 1.5]\n",
        ":9:1: the first limit must be below the second; write outside = [1.5, 6]",
    ),
    "three limits": (
        BASE + RULE + "outside = [1, 2, 3]\n",
        ":9:1: outside: expected a list of 2 elements, got 3; write [a finite number, a finite number]",
    ),
    "a limit that is no number": (
        BASE + RULE + "outside = [1, true]\n",
        ":9:15: outside: expected a finite number, got true",
    ),
    "a negative deadband": (
        BASE + RULE + "above = 3\ndeadband = -0.1\n",
        ":10:1: deadband: expected a number of 0 or more, got -0.1",
    ),
    "a deadband that leaves nothing": (
        BASE + RULE + "outside = [1, 2]\ndeadband = 0.5\n",
        (
            ":10:1: with this deadband the alarm could never clear: nothing is left between the limits; "
            "make it less than 0.5"
        ),
    ),
    "a deadband as large as a rate": (
        BASE + RULE + "rate_above = 1\ndeadband = 1\n",
        ":10:1: with this deadband the alarm could never clear; make it less than 1",
    ),
    "a deadband of silence": (
        BASE + RULE + 'stale = "30s"\ndeadband = 1\n',
        ":10:1: deadband has no meaning with stale; remove it",
    ),
    "a span without a rate": (
        BASE + RULE + 'above = 3\nover = "10s"\n',
        ":10:1: over has no meaning with above; it belongs to rate_above; remove it",
    ),
    "a rate that is not positive": (
        BASE + RULE + "rate_above = 0\n",
        ":9:1: rate_above: expected a number above 0, got 0",
    ),
    "a rate over too short a span": (
        BASE + RULE + 'rate_above = 1\nover = "1s"\n',
        ':10:1: over = 1s is shorter than two intervals of pump1.pressure (1s each); write over = "2s" or more',
    ),
    "silence that is too short": (
        BASE + RULE + 'stale = "500ms"\n',
        ':9:1: stale = 500ms is shorter than two intervals of pump1.pressure (1s each); write stale = "2s" or more',
    ),
    "a delay that is too long": (
        BASE + RULE + 'above = 1\nfor = "60d"\n',
        f':10:1: for: expected {MONTH}, got text "60d"',
    ),
    "an unknown inverted gate": (
        BASE + RULE + 'above = 3\nwhile = "not pump1.runing"\n',
        ':10:1: unknown channel "pump1.runing"; did you mean "pump1.running"?',
    ),
    "an inverted gate as other languages write it": (
        BASE + RULE + 'above = 3\nwhile = "!pump1.running"\n',
        ':10:1: unknown channel "!pump1.running"; write "not pump1.running"',
    ),
    "a latch that is no choice": (
        BASE + RULE + 'above = 1\nlatch = "yes"\n',
        ':10:1: latch: expected true or false, got text "yes"',
    ),
    "a group of one": (
        BASE + RULE + 'above = 1\ngroup = "suction"\n',
        (
            ':10:1: no other rule is in the group "suction"; '
            "give it to the rules that tell of the same trouble, or remove it"
        ),
    ),
    "a misspelt group": (
        BASE + "".join(f"{RULE.replace('r]', name)}above = 1\ngroup = '{group}'\n" for name, group in GROUPS.items()),
        ':18:1: no other rule is in the group "sucton"; did you mean "suction"?',
    ),
    "a group with a space": (
        BASE + RULE + 'above = 1\ngroup = "dry run"\n',
        ':10:1: group: expected a name of letters, digits, _ and -, got text "dry run"',
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
