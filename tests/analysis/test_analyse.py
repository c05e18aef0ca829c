"""`gatewayd analyse` as its user sees it: what it says, what is on the page, what it says of mistakes."""

import math
import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from fake_plugins import install

from gatewayd.cli import main

pytestmark = pytest.mark.skipif(find_spec("matplotlib") is None, reason="matplotlib is not installed")

CWRU = Path(__file__).parents[3] / "shared" / "data" / "cwru"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def undrawn(monkeypatch):
    """Pages without their pictures, where these are not what is looked at: to draw takes longest."""
    monkeypatch.setattr("gatewayd.analysis.report.svg", lambda figure: "<svg></svg>")


def analyse(*arguments):
    return CliRunner().invoke(main, ["analyse", *map(str, arguments)])


def said(result):
    """The numbers by their features' names."""
    rows = (re.match(r"  (\S.*?)  +(\S+)(?: |$)", line) for line in result.output.splitlines())
    return {row[1]: float(row[2]) for row in rows if row}


def tone(path, *, frequency=50.0, amplitude=3.0, seconds=3.0, rate=6400.0):
    times = np.arange(round(seconds * rate)) / rate
    np.savez(path, acceleration=amplitude * np.sin(2 * np.pi * frequency * times), rate=rate)
    return path


def impacts(count, order, shaft, *, modulation=0.0, rate=12000):
    """A flaw that is struck `order` times a turn, not quite regularly, each time ringing at 2.2 kHz, in noise."""
    rng = np.random.default_rng(1)
    times = np.cumsum(rng.normal(1, 0.005, int(count / rate * order * shaft))) / (order * shaft)
    struck = np.zeros(count)
    places = (times[times < count / rate] * rate).astype(int)
    struck[places] = 1 + modulation * np.cos(2 * np.pi * shaft * places / rate)
    ring = np.arange(100) / rate
    ringing = np.exp(-ring / 0.0006) * np.sin(2 * np.pi * 2200 * ring)
    return 4 * np.convolve(struck, ringing)[:count] + 0.3 * rng.standard_normal(count)


def test_a_tone_is_measured_rightly(here, undrawn):
    numbers = said(analyse(tone(here / "tone.npz"), "--unit", "m/s2"))
    assert numbers["dominant_frequency"] == pytest.approx(50, rel=1e-4)
    assert numbers["dominant_amplitude"] == pytest.approx(3, rel=1e-4)
    assert numbers["velocity_rms"] == pytest.approx(1000 * 3 / math.sqrt(2) / (2 * math.pi * 50), rel=1e-3)


def test_the_page_has_pictures_a_table_needs_nothing_else_and_is_the_same_each_time(here):
    result = analyse(tone(here / "tone.npz"))
    assert result.exit_code == 0
    assert result.output.endswith("tone.html\n")
    page = (here / "tone.html").read_text()
    assert page.count("<svg") == 3
    assert "<td >dominant_frequency</td>" in page
    assert not re.search(r"<script|src=|@import|<link", page)
    analyse("tone.npz", "-o", "again.html")
    assert (here / "again.html").read_text() == page


def test_with_the_shaft_known_orders_are_measured_and_their_lines_named(here):
    result = analyse(tone(here / "tone.npz"), "--shaft", "1500rpm", "--blades", 6, "--bearing", "6205")
    assert said(result)["order_amplitude(2)"] == pytest.approx(3, rel=1e-4)
    page = (here / "tone.html").read_text()
    assert page.count("<svg") == 4
    assert ">blades 6x</text>" in page
    assert "BPFO" in page


@pytest.mark.parametrize(("order", "modulation", "fault"), [(3.58, 0.0, "outer race"), (5.41, 0.8, "inner race")])
def test_a_flaw_of_a_bearing_is_found_and_said_first(here, undrawn, order, modulation, fault):
    np.savez("flaw.npz", a=impacts(6 * 12000, order, 29.5, modulation=modulation), rate=12000.0)
    result = analyse("flaw.npz", "--shaft", "29.5Hz", "--bearing", "6205")
    assert f"bearing: {fault} in " in result.output
    page = (here / "flaw.html").read_text()
    assert re.search(rf'class="verdict fault">bearing: {fault}', page)


def test_a_healthy_bearing_is_called_so(here, undrawn):
    np.savez("noise.npz", a=np.random.default_rng(2).standard_normal(6 * 12000), rate=12000.0)
    result = analyse("noise.npz", "--shaft", "29.5Hz", "--bearing", "9,7.94,39.04,0")
    assert "bearing: no fault in 5 of 5 windows" in result.output
    assert "verdict fault" not in (here / "noise.html").read_text()


def test_a_recording_too_short_for_a_verdict_says_so(here, undrawn):
    np.savez("short.npz", a=np.random.default_rng(2).standard_normal(1000), rate=12000.0)
    result = analyse("short.npz", "--shaft", "29.5Hz", "--bearing", "6205")
    assert result.exit_code == 0
    assert "bearing: no verdict, the recording is too short" in result.output


def test_each_column_has_a_page_of_its_own(here, undrawn):
    (here / "two.csv").write_text("time,x,y\n" + "".join(f"{n / 100},{n % 7},{n % 5}\n" for n in range(300)))
    assert analyse("two.csv").exit_code == 0
    assert (here / "two-x.html").exists()
    assert (here / "two-y.html").exists()
    analyse("two.csv", "--column", "y", "-o", "only.html")
    assert (here / "only.html").exists()


CONFIG = """
[gateway]
id = "x"
[mqtt]
url = "mqtt://localhost"
[sources.pump1]
plugin = "simulator"
burst = "10s"
[features.acceleration]
channels = ["pump1.acceleration"]
compute = ["rms", "order_rms(2)"]
window = "500ms"
shaft = "25Hz"
[rules.shaking]
channel = "pump1.acceleration.rms"
above = 2.0
"""


def test_a_config_is_tried_on_a_recording(here, undrawn):
    (here / "gatewayd.toml").write_text(CONFIG)
    result = analyse(tone(here / "tone.npz"), "--config", "gatewayd.toml")
    assert set(said(result)) == {"rms", "order_rms(2)"}
    assert said(result)["rms"] == pytest.approx(3 / math.sqrt(2), rel=1e-4)
    page = (here / "tone.html").read_text()
    assert ">shaking</td>" in page
    assert "above 2" in page


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["missing.npz"], "missing.npz: cannot be read"),
        (["pump.mat"], "'pump.mat' is no recording; give one of .csv"),
        (["tone.npz", "--column", "z"], "no column 'z'; it has acceleration"),
        (["tone.npz", "--bearing", "6205"], "give --shaft 1480rpm"),
        (["tone.npz", "--shaft", "fast"], "shaft"),
        (["tone.npz", "--shaft", "0rpm"], 'got text "0rpm"\n'),
        (["tone.npz", "--shaft", "25Hz", "--bearing", "9,7.94"], "write a type, or balls,ball diameter"),
        (["tone.npz", "--shaft", "25Hz", "--bearing", "9,7.94,39.04,0,1"], "write a type, or balls,ball diameter"),
        (["tone.npz", "--shaft", "25Hz", "--bearing", "9,x,39.04"], "write a type, or balls,ball diameter"),
        (["tone.npz", "--rate", "-5"], "-5 is no rate; give the values a second"),
        (["tone.npz", "--rate", "nan"], "nan is no rate"),
        (
            ["tone.npz", "--rate", "1"],
            "a rate of 1 Hz is that of readings, not of a waveform; in the gateway",
        ),
        (["tone.npz", "--blades", "6"], "--blades needs the speed of the shaft"),
        (["tone.npz", "--severity", "ISO 20816-3 group 1 rigid"], "--severity needs an acceleration"),
        (["tone.npz", "--as", "pump1.acceleration"], "give --config, too"),
        (
            ["tone.npz", "--config", "gatewayd.toml", "--bearing", "6205"],
            "--bearing is for an analysis without",
        ),
        (["tone.npz", "--config", "single.toml"], "single.toml: it has no channel of waveforms"),
        (["tone.npz", "--shaft", "25Hz", "--bearing", "62O5"], "6205"),
        (["tone.npz", "--config", "gatewayd.toml", "--as", "pump1.speed"], "give --as with one of pump1.acceleration"),
        (["tone.npz", "-o", "nowhere/page.html"], "cannot be written"),
        (["raw.csv"], "does not say its rate"),
        (["hole.npz"], "value 3 of a is not a finite number"),
    ],
)
def test_mistakes_are_explained_in_a_line(here, undrawn, arguments, what):
    tone(here / "tone.npz")
    (here / "gatewayd.toml").write_text(CONFIG)
    (here / "single.toml").write_text(CONFIG.split("[features", maxsplit=1)[0].replace("burst", "# burst"))
    (here / "raw.csv").write_text("1\n2\n3\n")
    np.savez("hole.npz", a=[1.0, 2.0, np.nan, 4.0], rate=10.0)
    result = analyse(*arguments)
    assert result.exit_code == 1
    assert what in result.output
    assert "Traceback" not in result.output


TWO_BEARINGS = """
[gateway]
id = "x"
[mqtt]
url = "mqtt://localhost"
[sources.pump1]
plugin = "simulator"
burst = "10s"
[bearings.drive_end]
channel = "pump1.acceleration"
shaft = "29.5Hz"
type = "6205"
[bearings.other_end]
channel = "pump1.acceleration"
shaft = "29.5Hz"
type = "6203"
"""


def test_each_bearing_of_a_config_has_its_verdict_and_its_lines(here, undrawn):
    (here / "gatewayd.toml").write_text(TWO_BEARINGS)
    np.savez("flaw.npz", a=impacts(6 * 12000, 3.58, 29.5), rate=12000.0)
    result = analyse("flaw.npz", "--config", "gatewayd.toml")
    assert "drive_end: outer race in " in result.output
    assert "other_end: no fault in " in result.output
    page = (here / "flaw.html").read_text()
    assert 'class="verdict fault">drive_end: outer race' in page
    assert 'class="verdict">other_end: no fault' in page
    assert "Envelope spectrum with the lines of drive_end" in page
    assert "Envelope spectrum with the lines of other_end" in page


def test_what_has_no_number_is_said_with_the_reason(here, undrawn):
    result = analyse(tone(here / "tone.npz"), "--band", 4000, 5000)
    assert re.search(r"without a number: band_power\(4000, 5000\), .*: .+", result.output)


def test_a_recording_too_slow_for_an_envelope_spectrum_has_none(here, undrawn):
    result = analyse(tone(here / "tone.npz", frequency=5, rate=60.0, seconds=100))
    assert result.exit_code == 0
    assert "Envelope" not in (here / "tone.html").read_text()


def test_a_config_that_is_wrong_is_reported_as_always(here):
    tone(here / "tone.npz")
    (here / "gatewayd.toml").write_text("[gateway]\n")
    assert analyse("tone.npz", "--config", "gatewayd.toml").exit_code == 78


@pytest.mark.skipif(not CWRU.exists(), reason="the CWRU recordings are not here")
def test_a_real_recording_is_judged(here, undrawn):
    record = CWRU / "1797_ORat6_7_DE12.npz"
    result = analyse(record, "--unit", "[g]", "--shaft", "1797rpm", "--bearing", "6205")
    assert "bearing: outer race" in result.output


FAILING = """
from gatewayd.plugin import hookimpl


@hookimpl
def register_features(register):
    register("wear", wear)


def wear(window):
    raise ZeroDivisionError("nothing to divide by")
"""


def test_a_feature_of_a_plugin_that_fails_is_shown_with_its_reason(here, undrawn, monkeypatch):
    install(monkeypatch, here, "broken", FAILING)
    (here / "gatewayd.toml").write_text(CONFIG.replace('"rms", ', '"rms", "broken.wear", '))
    result = analyse(tone(here / "tone.npz"), "--config", "gatewayd.toml")
    assert result.exit_code == 0
    assert "nothing to divide by" in result.output
    assert "nothing to divide by" in (here / "tone.html").read_text()
