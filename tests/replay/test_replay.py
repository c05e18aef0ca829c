"""`gatewayd replay` as its user sees it: what it says, what it writes, what it says of mistakes."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from config_files import HEAD, write
from recordings import HIGH, RIG, csv, pressure, replayed, rig

from gatewayd.replay.recording import ROWS

AT_ONCE = HIGH.replace('for = "3s"', "")
STALE = """\
[rules.silent]
channel = "rig.pressure"
stale = "10s"
"""
MODBUS = """\
[sources.{name}]
plugin = "modbus"
url = "tcp://10.0.0.5:502"
unit = {unit}
[sources.{name}.channels]
pressure = {{ register = "holding:100" }}
flow = {{ register = "holding:102" }}
"""
PUMP1, PUMP2 = MODBUS.format(name="pump1", unit=1), MODBUS.format(name="pump2", unit=2)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows(path="rows.csv"):
    heading, *lines = Path(path).read_bytes().decode().split("\n")
    assert heading == "datetime,anomaly,changepoint,score"
    return [line.split(",") for line in lines if line]


def anomalies(path="rows.csv"):
    return [n for n, row in enumerate(rows(path)) if row[1] == "1"]


def test_it_says_which_alarms_would_have_been_raised_when_and_why(here):
    said = replayed(rig(here), csv(here, {"pressure": pressure()})).output
    assert "2026-11-26 10:00:00 to 2026-11-26 10:00:39 (39 s), 40 rows of 1 channel" in said
    assert "2026-11-26 10:00:13  high (warning) for 7 s\n      rig.pressure: 7, above 6 for 3 s" in said
    assert "high: 1 alarm, 7 s in all" in said


def test_an_alarm_may_last_to_the_end(here):
    said = replayed(rig(here), csv(here, {"pressure": pressure(range(30, 40))})).output
    assert "high (warning) for 6 s, still there at the end" in said


def test_no_alarms_are_said_to_be_none(here):
    assert "no alarms" in replayed(rig(here), csv(here, {"pressure": [5, 5]})).output


def test_every_row_has_its_line_with_the_time_as_it_is_written(here):
    times = ["2026-11-26T10:00:00.50", "2026-11-26 10:00:02", "", "2026-11-26 10:00:01", "2026-11-26T10:00:09+00:00"]
    data = csv(here, {"pressure": [5, 7, 5, 5, 5]}, times=times)
    replayed(rig(here, AT_ONCE), data, "--rows", "rows.csv")
    assert rows() == [[time, anomaly, "0", ""] for time, anomaly in zip(times, "01110", strict=True)]


def test_what_the_rows_say_depends_on_the_rows_before_only(here):
    columns = {"pressure": [*pressure(range(30, 70), 100), "", "nan", 7, 7, 7, 7, 7]}
    replayed(rig(here, HIGH + STALE), csv(here, columns), "--rows", "rows.csv")
    whole = rows()
    for length in (1, 33, 34, 71, 101, 105):
        part = csv(here, {"pressure": columns["pressure"][:length]}, "part.csv")
        replayed("gatewayd.toml", part, "--rows", "part-rows.csv")
        assert rows("part-rows.csv") == whole[:length]


def test_it_does_not_matter_where_a_chunk_ends(here, monkeypatch):
    data = csv(here, {"pressure": pressure(range(100, 200), 300)})
    replayed(rig(here), data, "--rows", "rows.csv")
    monkeypatch.setattr("gatewayd.replay.recording.ROWS", 7)
    replayed(rig(here), data, "--rows", "sevens.csv")
    assert ROWS > 300
    assert rows("sevens.csv") == rows()


def test_names_order_and_number_of_columns_do_not_matter(here):
    columns = {"Volume Flow (l/min)": [32] * 40, "%": [1] * 40, "Druck/bar": pressure()}
    rules = HIGH.replace("rig.pressure", "rig.Druck_bar")
    for names in (list(columns), list(columns)[::-1]):
        data = csv(here, {name: columns[name] for name in names})
        replayed(rig(here, rules), data, "--rows", "rows.csv")
        assert anomalies() == list(range(13, 20))


def test_labels_are_never_judged_but_compared(here):
    label = [float(8 <= n < 18 or 30 <= n < 35) for n in range(40)]
    change = [int(n in (8, 18)) for n in range(40)]
    result = replayed(rig(here), csv(here, {"anomaly": label, "pressure": pressure(), "changepoint": change}))
    assert "rows of 1 channel" in result.output
    assert "labels: 1 of 2 labelled spans found, 5 s late" in result.output
    assert "33.3 % of the 15 labelled rows in alarm" in result.output
    assert "8.0 % of the other 25 in alarm; 0 alarms without any labelled row" in result.output
    assert "0 of 2 labelled changes told" in result.output


def test_a_false_alarm_is_one_without_a_labelled_row(here):
    label = [int(n > 30) for n in range(40)]
    said = replayed(rig(here), csv(here, {"pressure": pressure(), "anomaly": label})).output
    assert "0 of 1 labelled span found" in said
    assert "1 alarm without any labelled row" in said


def test_what_no_value_came_for_is_said_to_be_unjudged(here):
    model = '[models.rig]\nchannels = ["*"]\nlearn = 400\n[rules.unwell]\nchannel = "health.rig"\nabove = 1.0\n'
    said = replayed(rig(here, HIGH + model), csv(here, {"pressure": pressure()})).output
    assert 'never judged: "unwell", because no good value of "health.rig" came' in said
    bad = replayed(rig(here, HIGH + STALE), csv(here, {"pressure": ["err"] * 5})).output
    assert 'never judged: "high", because no good value of "rig.pressure" came' in bad


def test_a_recording_is_replayed_where_neither_password_nor_certificates_are(here):
    broker = 'url = "mqtts://h"\npassword_file = "mqtt.password"\nca_file = "ca.pem"'
    write(here, HEAD.replace('url = "mqtt://127.0.0.1"', broker) + RIG + HIGH)
    assert "high: 1 alarm" in replayed("gatewayd.toml", csv(here, {"pressure": pressure()})).output


def test_silence_is_judged_as_the_daemon_judges_it(here):
    times = [*range(10), *range(100, 110)]
    replayed(rig(here, STALE), csv(here, {"pressure": [5] * 20}, times=times, heading="t"), "--rows", "rows.csv")
    assert anomalies() == []
    data = csv(here, {"pressure": [5] + [""] * 19, "flow": [1] * 20}, times=[*range(20)], heading="seconds")
    said = replayed("gatewayd.toml", data, "--rows", "rows.csv").output
    assert anomalies() == list(range(11, 20))
    assert "10.5 s  silent (warning) for 8.5 s" in said
    assert "no good value for 10.5 s" in said


def test_a_gap_of_a_month_raises_the_alarm_once_and_takes_little_time(here):
    times = [0, 1, 2, 30 * 86_400, 30 * 86_400 + 1]
    data = csv(here, {"pressure": [5] * 5}, times=times, heading="time")
    told = json.loads(replayed(rig(here, STALE), data, "--json").output)
    (alarm,) = told["alarms"]
    assert (alarm["raised"], alarm["ended"]) == ("12 s", "2592000 s")
    assert told["seconds"] < 5


def test_rows_out_of_order_are_left_out_counted_and_named(here):
    times = [0, 1, 1, 2, 1, 3]
    data = csv(here, {"pressure": [5, 5, 7, 7, 5, 5]}, times=times, heading="time")
    result = replayed(rig(here, AT_ONCE), data, "--rows", "rows.csv")
    assert "warning: 2 rows left out of judging (first: line 4)" in result.output
    assert "sort" not in result.output
    assert anomalies() == [3, 4]


def test_a_recording_that_begins_with_its_end_should_be_sorted(here):
    data = csv(here, {"pressure": [5] * 5}, times=[5, 4, 3, 2, 1], heading="time")
    assert "4 rows left out of judging (first: line 3)" in (said := replayed(rig(here), data).output)
    assert "sort it by time, the earliest row first" in said


def test_full_names_find_their_channels_and_the_rest_is_named(here):
    config = write(here, HEAD + PUMP1 + PUMP2)
    result = replayed(config, csv(here, {"pump1.pressure": [1], "flow": [2]}))
    assert "rows of 1 channel" not in result.output.replace("1 row of 1 channel", "")
    assert 'warning: no channel has the columns "flow"' in result.output
    assert 'warning: no column is of the sources "pump2"' in result.output


def test_the_only_source_takes_short_names(here):
    result = replayed(write(here, HEAD + PUMP1), csv(here, {"flow": [1], "pressure": [2], "oil": [3]}))
    assert "1 row of 2 channels" in result.output
    assert 'no channel has the columns "oil"' in result.output


def test_as_says_whose_the_columns_are(here):
    config = write(here, HEAD + PUMP1 + PUMP2)
    told = json.loads(replayed(config, csv(here, {"flow": [1]}), "--as", "pump2", "--json").stdout)
    assert told["channels"] == {"flow": "pump2.flow"}
    assert told["unfed"] == ["pump1"]


def test_a_recording_source_takes_what_is_left(here):
    config = write(here, HEAD + PUMP1 + RIG)
    told = json.loads(replayed(config, csv(here, {"flow": [1], "pump1.pressure": [2], "rig.x": [3]}), "--json").output)
    assert told["channels"] == {"flow": "rig.flow", "pump1.pressure": "pump1.pressure", "rig.x": "rig.x"}


def test_channels_of_a_recording_source_have_columns_and_units(here):
    channels = '[sources.rig.channels]\npressure = { column = "P 1", unit = "bar" }\n'
    said = replayed(rig(here, HIGH, RIG + channels), csv(here, {"P 1": pressure(), "P 2": pressure()})).output
    assert "rig.pressure: 7 bar, above 6 bar" in said
    assert 'no channel has the columns "P 2"' in said


@pytest.mark.parametrize(
    ("sources", "columns", "options", "said"),
    [
        (PUMP1, {"oil": [1]}, [], 'none of its columns ("oil") is a channel of gatewayd.toml; name them like channels'),
        (PUMP1 + PUMP2, {"flow": [1]}, ["--as", "pump3"], '"pump3" is no source of it; did you mean "pump'),
        (
            PUMP1,
            {"flow": [1], "pump1.flow": [2]},
            [],
            'its columns "flow" and "pump1.flow" are both channel pump1.flow',
        ),
        (
            RIG + RIG.replace("rig", "rag"),
            {"a": [1]},
            [],
            'the sources "rig", "rag" could take its columns; choose one',
        ),
        (
            RIG,
            {"anomaly": [1]},
            [],
            "it has no columns of values, but times and labels alone; add one for each channel",
        ),
    ],
)
def test_columns_that_find_no_channel_are_an_error(here, sources, columns, options, said):
    write(here, HEAD + sources)
    result = replayed("gatewayd.toml", csv(here, columns), *options)
    assert result.exit_code == 1
    assert said in result.output


def test_rows_at_another_pace_than_the_source_are_warned_of(here):
    data = csv(here, {"pressure": [5] * 5}, times=range(0, 50, 10), heading="time")
    said = replayed(rig(here), data).output
    assert 'rows are 10 s apart, but rig is polled every 1 s: set interval = "10s" in [sources.rig]' in said


def test_several_recordings_are_replayed_each_by_itself(here):
    for folder, name in product(("a", "b"), ("1.csv", "2.csv")):
        csv(here, {"pressure": pressure()}, f"data/{folder}/{name}")
    files = ["data/a/1.csv", "data/a/2.csv", "data/b/1.csv"]
    result = replayed(rig(here), *files, "--rows", "out")
    assert result.output.count("high: 1 alarm") == 3
    for name in ("a/1.csv", "a/2.csv", "b/1.csv"):
        assert anomalies(f"out/{name}") == list(range(13, 20))


def test_parts_of_one_recording_go_on_from_file_to_file(here):
    values = pressure(range(18, 30))
    times = [str(n) for n in range(40)]
    csv(here, {"pressure": values[:20]}, "1.csv", times=times[:20], heading="time")
    write(
        here, "pressure;time\n" + "".join(f"{v};{t}\n" for v, t in zip(values[20:], times[20:], strict=True)), "2.csv"
    )
    result = replayed(rig(here), "1.csv", "2.csv", "--continue", "--rows", "rows.csv")
    assert anomalies() == list(range(21, 30))
    assert "1.csv and 1 more: 0 s to 39 s (39 s), 40 rows" in result.output


def test_a_part_without_a_column_is_refused(here):
    csv(here, {"pressure": [1]}, "1.csv")
    csv(here, {"flow": [1]}, "2.csv")
    result = replayed(rig(here), "1.csv", "2.csv", "--continue")
    assert 'it has no column "pressure", which the recording before it has' in result.output


def test_a_wrong_config_is_told_as_ever(here):
    result = replayed(rig(here, HIGH.replace("above", "abov")), csv(here, {"pressure": [1]}))
    assert result.exit_code == 78
    assert 'unknown key "abov"' in result.output


def test_a_rule_of_a_column_that_is_not_there_is_an_error_of_the_config(here):
    result = replayed(rig(here), csv(here, {"presure": [1]}))
    assert 'unknown channel "rig.pressure"; did you mean "rig.presure"?' in result.output


def test_rows_that_cannot_be_written_are_an_error(here):
    write(here, "", "file")
    result = replayed(rig(here), csv(here, {"pressure": [1]}), "--rows", "file/rows.csv")
    assert result.exit_code == 1
    assert "file/rows.csv: it cannot be written" in result.output


def test_a_recording_is_never_written_over(here):
    data = csv(here, {"pressure": [1]}, "data/1.csv")
    csv(here, {"pressure": [1]}, "data/2.csv")
    before = data.read_bytes()
    for files, option in ((["data/1.csv"], "data/1.csv"), (["data/1.csv", "data/2.csv"], "data")):
        result = replayed(rig(here), *files, "--rows", option)
        assert "data/1.csv: it is a recording itself, and would be written over; name another one" in result.output
    assert data.read_bytes() == before


def test_a_model_gives_its_score_and_its_changes_to_the_rows(here):
    rng = np.random.default_rng(3)
    values = rng.normal((5, 10, 20), size=(300, 3))
    values[200:] += 8
    columns = {name: values[:, n].tolist() for n, name in enumerate("abc")}
    model = '[models.rig]\nchannels = ["*"]\nlearn = 100\n[rules.unwell]\nchannel = "health.rig"\nabove = 1.0\n'
    replayed(rig(here, model), csv(here, columns), "--rows", "rows.csv")
    lines = rows()
    assert {row[3] for row in lines[:90]} == {""}
    scores = [float(row[3]) for row in lines[110:]]
    assert max(scores[:80]) < 2 < max(scores[100:])
    assert any(row[2] == "1" for row in lines[200:230])
    assert any(row[1] == "1" for row in lines[200:230])
    alarm = json.loads(replayed("gatewayd.toml", "data.csv", "--json").output)["alarms"][0]
    assert alarm["causes"][0]["since"].startswith("2026-11-26 10:03:2")
    part = csv(here, {name: cells[:220] for name, cells in columns.items()}, "part.csv")
    replayed("gatewayd.toml", part, "--rows", "part-rows.csv")
    assert rows("part-rows.csv") == lines[:220]
