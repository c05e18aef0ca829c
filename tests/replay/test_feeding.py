"""Feeding: the polls and ticks that a recording stands for."""

import json

import numpy as np
import pytest
from recordings import HIGH, csv, replayed, rig

from gatewayd.model import Quality
from gatewayd.replay.feeding import SELDOM, TICK, Feeding, patience
from gatewayd.replay.matching import match
from gatewayd.replay.recording import CsvRecording

SECOND = 1_000_000_000
SILENT = """\
[rules.silent]
channel = "rig.pressure"
stale = "2h"
for = "1h"
"""
TWO = """\
[sources.rig]
plugin = "recording"
interval = "1s"
[sources.rig.channels]
pressure = {}
[sources.tank]
plugin = "recording"
[sources.tank.channels]
level = {}
depth = {}
"""


def polls(folder, columns, sources):
    data = csv(folder, columns)
    with CsvRecording(data) as recording:
        matched = match(rig(folder, "", sources), data, recording.heading)
        feeding = Feeding(matched.config.plan, list(matched.channels.values()))
        places = [recording.heading.columns[name] for name in matched.channels]
        return [row for chunk in recording.chunks(places) for row in feeding.rows(chunk)]


def test_each_group_with_a_cell_in_the_row_is_polled(tmp_path):
    rows = polls(tmp_path, {"pressure": [1, "", ""], "level": [2, 3, ""]}, TWO)
    assert [[poll.group for poll in row] for row in rows] == [[0, 1], [1], []]
    (poll,) = rows[1]
    assert poll.values[0] == 3
    assert poll.qualities.tolist() == [Quality.GOOD, Quality.ABSENT]


def test_a_cell_that_is_no_number_is_bad_and_says_why(tmp_path):
    ((poll, _),) = polls(tmp_path, {"pressure": ["off"], "level": [2]}, TWO)
    assert poll.qualities.tolist() == [Quality.BAD]
    assert poll.reasons == {"pressure": "'off' in the recording"}


@pytest.fixture
def feeding(tmp_path):
    data = csv(tmp_path, {"pressure": [1]})
    with CsvRecording(data) as recording:
        plan = match(rig(tmp_path, HIGH + SILENT), data, recording.heading).config.plan
    return Feeding(plan, [0]), patience(plan)


def times(feeding, last, time):
    return [tick.time for tick in feeding.ticks(last, time)]


def test_ticks_between_rows_are_those_of_the_daemon(feeding):
    assert times(feeding[0], 10 * SECOND, 12 * SECOND) == [TICK * n for n in (21, 22, 23)]
    assert times(feeding[0], 10 * SECOND + 1, 10 * SECOND + 2) == []


def test_a_long_silence_has_all_ticks_as_long_as_anything_waits_for_it(feeding):
    feeding, longest = feeding
    assert longest > 3 * 3600 * SECOND
    ticks = times(feeding, 0, longest)
    assert ticks == list(range(TICK, longest, TICK))


def test_a_month_without_rows_has_few_ticks(feeding):
    ticks = times(feeding[0], 0, 30 * 86_400 * SECOND)
    assert len(ticks) < 40_000
    assert ticks[-1] - ticks[-2] == SELDOM


EVERYTHING_ELSE = """\
[sensors.all]
channels = ["rig.*"]
[assets.pump]
sources = ["rig"]
running = "rig.pressure"
above = 1.0
starting = "5s"
[calculated.double]
formula = "2 * rig.pressure"
[models.rig]
channels = ["rig.pressure", "calculated.double"]
learn = 60
[rules.high]
channel = "rig.pressure"
above = 6.0
for = "3s"
off_delay = "4s"
while = "rig.running"
[rules.flat]
channel = "rig.pressure"
flat = "5s"
[rules.unwell]
channel = "health.rig"
above = 1.0
for = "2s"
"""


def test_where_no_silence_is_judged_nothing_comes_of_ticks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(5)
    values = np.round(5 + 0.5 * rng.standard_normal(300), 2)
    values[150:180], values[200:230] = 7, 0
    cells = ["" if n % 7 == 0 or 240 < n < 260 else value for n, value in enumerate(values.tolist())]
    running = ["" if 100 < n < 170 else 1 for n in range(300)]
    times = np.cumsum(np.where(np.arange(300) == 270, 500, 1)).tolist()
    data = csv(tmp_path, {"pressure": cells, "running": running}, times=times, heading="time")
    config = rig(tmp_path, EVERYTHING_ELSE)
    told = []
    for ticking in (False, True):
        monkeypatch.setattr("gatewayd.replay.feeding.ticks_matter", lambda plan, ticking=ticking: ticking)
        result = replayed(config, data, "--rows", "rows.csv", "--json")
        said = json.loads(result.stdout)
        told.append((said["alarms"], said["news"], (tmp_path / "rows.csv").read_text()))
    assert told[0] == told[1]
    assert len(told[0][0]) > 1
