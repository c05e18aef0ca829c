"""The page of a replay: one file with what was raised, why, and pictures."""

import re
from importlib.util import find_spec

import pytest
from config_files import HEAD, write
from recordings import csv, pressure, replayed, rig

pytestmark = pytest.mark.skipif(find_spec("matplotlib") is None, reason="matplotlib is not installed")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def page(folder, columns, **options):
    assert replayed(rig(folder), csv(folder, columns, **options), "--page", "page.html").exit_code == 0
    return (folder / "page.html").read_text()


def test_it_shows_alarms_channels_and_labels_and_needs_nothing_else(here):
    html = page(here, {"pressure": pressure(), "flow": [1] * 40, "anomaly": [int(n > 9) for n in range(40)]})
    assert html.count("<svg") == 1
    assert {"rig.pressure", "rig.flow"} <= set(re.findall(r"<text[^>]*>(.*?)</text>", html))
    assert "rig.pressure: 7, above 6 for 3 s" in html
    assert '<td class="whole">2026-11-26 10:00:13</td>' in html
    assert "labels: 1 of 1 labelled span found" in html
    assert "Grey: labelled" in html
    assert not re.search(r"<script|src=|@import|<link", html)


def test_the_same_recording_gives_the_same_page(here):
    columns = {"pressure": pressure()}
    assert page(here, columns) == page(here, columns)


def test_a_recording_of_one_row_has_a_page(here):
    assert "no alarms" in page(here, {"pressure": [5]})


def test_a_recording_in_seconds_without_numbers_has_a_page(here):
    assert "no alarms" in page(here, {"pressure": ["", "nan"]}, times=[0, 1], heading="time")


def test_names_in_it_are_text(here):
    html = page(here, {"pressure": [5, 5], "<b>": [1, 2]}, name="<i>.csv")
    assert "<b>" not in html
    assert "<i>" not in html


def test_features_that_are_judged_are_shown_with_their_limits(here):
    rules = """\
[features.slow]
channels = ["rig.pressure"]
window = "5s"
every = "1s"
compute = ["mean"]
[rules.high]
channel = "rig.pressure.mean"
above = 6.0
"""
    data = csv(here, {"pressure": pressure()})
    assert replayed(rig(here, rules), data, "--page", "page.html").exit_code == 0
    html = (here / "page.html").read_text()
    assert "Scores and what else is judged" in html
    assert "rig.pressure.mean" in html


def test_a_waveform_is_replayed_as_bursts(here):
    import numpy as np

    rate = 1000.0
    level = np.repeat([1.0, 1.0, 5.0, 5.0, 1.0], int(rate))
    np.savez("tone.npz", acceleration=level * np.sin(np.arange(len(level))), rate=rate)
    config = write(
        here,
        HEAD
        + """\
[sources.pump]
plugin = "file"
path = "somewhere.npz"
[sources.pump.channels]
acceleration = { unit = "m/s2" }
[features.vibration]
channels = ["pump.acceleration"]
compute = ["rms"]
[rules.rough]
channel = "pump.acceleration.rms"
above = 2.0
""",
    )
    result = replayed(config, "tone.npz", "--as", "pump.acceleration", "--page", "page.html")
    assert "rough (warning) for 2 s" in result.output
    assert "5 bursts of 1 channel" in result.output
    assert (here / "page.html").read_text().count("<svg") == 2
    refused = replayed(config, "tone.npz", "--as", "pump.acceleration", "--rows", "rows.csv")
    assert "a waveform has no rows to write; leave out --rows" in refused.output
