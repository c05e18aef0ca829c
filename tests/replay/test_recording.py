"""Recordings as files: what is read of them, whatever they look like, and what is said of those that are none."""

import numpy as np
import pytest
from config_files import write

from gatewayd.errors import ReplayError
from gatewayd.model import Quality
from gatewayd.replay.recording import ROWS, CsvRecording

GOOD, BAD, ABSENT = Quality.GOOD, Quality.BAD, Quality.ABSENT


def read(folder, text):
    with CsvRecording(write(folder, text, "data.csv")) as recording:
        columns = recording.heading.columns
        return recording, list(columns), list(recording.chunks(list(columns.values())))


@pytest.mark.parametrize(
    "text",
    [
        "time,a,b\n0,1,2.5\n1,3,4\n",
        "\ufefftime;a;b\n0;1;2,5\n1;3;4\n",
        "a\ttime\tb\n1\t0\t2.5\n\n3\t1\t4\n",
        "# of the rig\ntime a b\n0 1 2.5\n# paused\n1 3 4",
        '"time","a","b"\r\n"0","1","2.5"\r\n"1","3","4"\r\n',
        "time,a,b\n0,1,2.5\n1,3,4\n".encode("utf-16"),
    ],
)
def test_a_csv_is_read_however_it_was_written(tmp_path, text):
    _, names, (chunk,) = read(tmp_path, text)
    assert names == ["a", "b"]
    assert chunk.times.tolist() == [0, 1_000_000_000]
    assert chunk.values.tolist() == [[1, 2.5], [3, 4]]
    assert (chunk.qualities == GOOD).all()


def test_an_empty_cell_is_no_new_value_and_a_word_is_a_bad_one(tmp_path):
    _, _, (chunk,) = read(tmp_path, "time,a,b\n0,,nan\n1,1,broken\n2,inf,3\n")
    assert chunk.qualities.tolist() == [[ABSENT, BAD], [GOOD, BAD], [BAD, GOOD]]
    assert chunk.texts == {0: {1: "nan"}, 1: {1: "broken"}, 2: {0: "inf"}}


def test_labels_are_no_columns_of_values(tmp_path):
    _, names, (chunk,) = read(tmp_path, "time,Anomaly,a,CHANGEPOINT,Label\n0,0.0,1,1,x\n1,1.0,1,0,y\n")
    assert names == ["a"]
    assert chunk.labels.tolist() == [False, True]
    assert chunk.changes.tolist() == [True, False]


@pytest.mark.parametrize(
    ("cell", "labelled"), [("normal", False), ("", False), ("nan", False), ("leak", True), ("2", True)]
)
def test_a_label_may_be_a_word(tmp_path, cell, labelled):
    _, _, (chunk,) = read(tmp_path, f"time,a,label\n0,1,{cell}\n")
    assert chunk.labels.tolist() == [labelled]


def test_a_row_that_was_cut_off_ends_with_empty_cells(tmp_path):
    _, _, (chunk,) = read(tmp_path, "time,a,b\n0,1,2\n1,3")
    assert chunk.qualities.tolist() == [[GOOD, GOOD], [GOOD, ABSENT]]
    assert chunk.short == 1


def test_a_long_recording_comes_in_chunks_and_knows_its_lines(tmp_path):
    rows = "".join(f"{n},{n}\n" for n in range(ROWS + 5))
    _, _, (first, second) = read(tmp_path, f"# a comment\ntime,a\n{rows}")
    assert (first.lines[0], second.lines[-1]) == (3, ROWS + 7)
    assert np.array_equal(second.values[:, 0], range(ROWS, ROWS + 5))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty; expected a heading and rows of values, one column of which has times"),
        ("time,a\n", "there are no rows below its heading"),
        ("0,1\n1,2\n", "it has no heading, but begins with '0', '1'; name its columns in a first row: datetime, ..."),
        ("a,b\n1,2\n", "it has no column of times, but 'a', 'b'; call one of them datetime, timestamp,"),
        ("time,a\nx,2\n", ":2: 'x' in column 'time' is no time; write seconds, or dates such as 2026-11-26 17:00:00"),
        ("time,a\n1583748873000,2\n", ":2: '1583748873000' in column 'time' is no time"),
        ("time,a,a\n0,1,2\n", ":1: two columns are called 'a'; give each a name of its own"),
        ("time,a\n0,1\n1,2,5\n", ":3: it has 3 cells, the heading has 2; is the comma"),
        (b"RIFF\0\0\0\0WAVE", "it is not a text"),
    ],
)
def test_a_file_that_is_no_recording_is_told_where_and_why(tmp_path, text, said):
    with pytest.raises(ReplayError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "data.csv"))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ReplayError, match=r"gone\.csv: it cannot be read \(No such file or directory\)"):
        CsvRecording(tmp_path / "gone.csv")
