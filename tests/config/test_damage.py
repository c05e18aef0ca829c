"""Damage: whatever happens to a config file, it is refused in words and with places that exist."""

import tempfile
from pathlib import Path

from config_files import write
from hypothesis import example, given
from hypothesis import strategies as st
from texts import texts

from gatewayd.config import load
from gatewayd.errors import ConfigError

RIGHT = b"""\
# A config with a bit of everything. \xc3\x84\xc3\xb6\xc3\xbc
[gateway]
id = "hafen-01"
state_dir = '/tmp/state'

[mqtt]
url = "mqtt://broker.example.com:1883"
username = "me"
protocol = "5"

[sources.pump1]
plugin = "simulator"
interval = "500ms"
seed = 17
burst = "10s"
fault = "cavitation"

[sources."pump2"]
plugin = 'simulator'

[features.vibration]
channels = [
    "pump1.vibration",   # one
    "*.acceleration",
]
window = "10s"
every = "5s"
compute = ["rms", "kurtosis", "crest_factor"]

[features]
by_number = { channels = ["pump2.*"], window = 100, compute = ["mean"] }

[features.spectrum]
channels = ["pump1.acceleration"]
compute = ["band_rms(10, 1_000)", "order_rms(1)", "severity", 'blade_pass_rms( 0.2 )', "simulator.sludge(2)"]
shaft = { estimate = ["20Hz", "1800rpm"] }
blades = 6
severity = "ISO 10816-7 category 1 up to 200 kW"

[bearings.drive_end]
channel = "pump1.acceleration"
shaft = "48.5Hz"
type = "6205"
window = "250ms"

[bearings.other_end]
channel = "pump1.acceleration"
shaft = "2910rpm"
orders = { bpfo = 3.58, bpfi = 5.42, bsf = 2.36, ftf = 0.398 }

[rules.bearing]
channel = "bearing.drive_end.outer_race"
above = 3

[rules.overpressure]
channel = "pump1.pressure"
above = 6.0
deadband = 0.3
for = "10s"
while = "pump1.running"
severity = "critical"
text = \"\"\"
Close the valve.
\"\"\"

[rules.rough]
channel = "pump1.vibration.rms"
outside = [0.1, 4]

[rules]
silent.channel = "pump2.flow"
silent.stale = "30s"

[outbox]
max_size = "64MB"

[summary]
every = "60s"

[readings]
channels = ["pump1.*"]
every = "1s"
"""
SPLICES = [
    b"[",
    b"]",
    b"{",
    b"}",
    b'"',
    b"'",
    b"=",
    b",",
    b"#",
    b"\n",
    b"\\",
    b"\0",
    b"\xff",
    b"nan",
    b"[[x]]\n",
    b'"""',
]

change = st.tuples(st.integers(0, len(RIGHT)), st.integers(0, 40), st.sampled_from(SPLICES) | st.binary(max_size=3))


def refused(content):
    """The problems that a content has; none when it is a config after all. Whatever else is raised fails the test."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), content)
        try:
            load(path)
        except ConfigError as error:
            return error.problems
    return ()


def places_exist(content, problems):
    lines = content.decode("utf-8", errors="replace").split("\n")
    return all(
        problem.line == 0 == problem.column
        or (1 <= problem.line <= len(lines) and 1 <= problem.column <= len(lines[problem.line - 1]) + 1)
        for problem in problems
    )


def test_undamaged_it_is_right():
    assert refused(RIGHT) == ()


@given(st.integers(0, len(RIGHT)))
def test_a_half_written_file_is_refused_or_right(length):
    content = RIGHT[:length]
    assert places_exist(content, refused(content))


@given(st.lists(change, min_size=1, max_size=4))
@example([(RIGHT.index(b"[rules.rough]"), 0, b"[[rules.rough]]\nx = 1\n")])
def test_a_file_with_bytes_changed_is_refused_or_right(changes):
    content = RIGHT
    for start, length, splice in changes:
        content = content[:start] + splice + content[start + length :]
    assert places_exist(content, refused(content))


NESTED = st.recursive(
    st.none().map(lambda _: True) | st.integers(-5, 5) | st.floats() | texts(max_size=3) | st.just("10s"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=5,
)
LINES = [line for line in RIGHT.decode().split("\n") if " = " in line and not line.startswith("text")]


def as_toml(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return "".join(["'", value.translate(dict.fromkeys([*range(32), 39, 127])), "'"])
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key} = {as_toml(each)}' for key, each in value.items())}}}"
    return repr(value)


@given(st.sampled_from(LINES), NESTED)
def test_any_value_in_place_of_another_is_refused_or_right(line, value):
    if line.endswith("["):
        return
    changed = f"{line.partition(' = ')[0]} = {as_toml(value)}"
    content = RIGHT.decode().replace(f"\n{line}\n", f"\n{changed}\n").encode()
    assert places_exist(content, refused(content))
