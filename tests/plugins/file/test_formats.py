"""What each format of a recording is read as."""

import struct
import wave

import numpy as np
import pytest

from gatewayd_plugins.file.csv_file import read_csv
from gatewayd_plugins.file.npz_file import read_npz
from gatewayd_plugins.file.recording import RecordingError
from gatewayd_plugins.file.wav_file import read_wav


def text(tmp_path, content):
    path = tmp_path / "recording.csv"
    path.write_text(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        "x,y\n1,2\n3,4.5\n",
        "x;y\n1,0;2,0\n3;4,5\n",
        "\ufeffx\ty\n1\t2\n3\t4.5\n",
        "# made by a logger\n\nx,y\n1,2\n3,4.5",
        '"x","y"\n"1","2"\n"3","4.5"\n',
    ],
)
def test_columns_have_the_names_of_their_headings(tmp_path, content):
    recording = read_csv(text(tmp_path, content))
    assert {name: column.tolist() for name, column in recording.columns.items()} == {"x": [1, 3], "y": [2, 4.5]}
    assert recording.rate is None


@pytest.mark.parametrize("content", ["1,2\n3,4.5\n", "1 2\n3 4.5\n", "1.0\t2\n3\t4.5\n"])
def test_without_headings_columns_are_numbered(tmp_path, content):
    recording = read_csv(text(tmp_path, content))
    assert {name: column.tolist() for name, column in recording.columns.items()} == {"1": [1, 3], "2": [2, 4.5]}


def test_a_single_column_is_a_recording(tmp_path):
    assert read_csv(text(tmp_path, "0.5\n-1\n2e-3\n")).columns["1"].tolist() == [0.5, -1, 0.002]


def test_times_give_the_rate_and_the_gaps(tmp_path):
    times = [0, 0.01, 0.02, 0.05, 0.06, 0.07, 0.08]
    recording = read_csv(text(tmp_path, "time,x\n" + "".join(f"{time},{time}\n" for time in times)))
    assert recording.rate == pytest.approx(100)
    assert recording.gaps == (3,)
    assert list(recording.columns) == ["x"]


def test_dates_are_times(tmp_path):
    rows = "".join(f"2020-02-08 13:30:{second:02};1.5\n" for second in range(10))
    recording = read_csv(text(tmp_path, "datetime;flow\n" + rows))
    assert recording.rate == pytest.approx(1.0)
    assert recording.length == 10


def test_an_empty_cell_is_not_a_number(tmp_path):
    assert np.isnan(read_csv(text(tmp_path, "x,y\n1,2\n,4\n")).columns["x"][1])


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "it is empty"),
        ("x,y\n", "no rows"),
        ("x,y\n1,2\n3\n", "row 3 has 1 cells, those before it have 2"),
        ("x,y\n1,two\n", "column 'y': 'two' is not a number"),
        ("x,x\n1,2\n", "two columns are called 'x'"),
        ("time,x\n0,2\n1,2\n1,2\n", "do not rise from row to row: time 3 is not after time 2"),
        ("time,x\n0,2\nnan,2\n1,2\n", "do not rise"),
        ("time,x\n0,2\n", "one row does not tell the rate"),
        ("timestamp,x\n1700000000000,2\n1700000000001,2\n", "are they milliseconds"),
        ("time,x\nyesterday,2\ntoday,2\n", "neither seconds nor dates"),
        ("time\n1\n2\n", "no column of numbers"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(tmp_path, content, what):
    with pytest.raises(RecordingError, match=what):
        read_csv(text(tmp_path, content))


def test_a_binary_file_is_no_text(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(RecordingError, match="not a text"):
        read_csv(path)


@pytest.mark.parametrize(
    ("width", "frames", "expected"),
    [
        (1, bytes([0, 128, 255, 192]), [-1, 127 / 128, 0, 0.5]),
        (2, struct.pack("<4h", -32768, 32767, 0, 16384), [-1, 32767 / 32768, 0, 0.5]),
        (3, b"\x00\x00\x80" + b"\xff\xff\x7f" + b"\x00\x00\x00" + b"\x00\x00\x40", [-1, 1 - 2**-23, 0, 0.5]),
        (4, struct.pack("<4i", -(2**31), 2**31 - 1, 0, 2**30), [-1, 1 - 2**-31, 0, 0.5]),
    ],
)
def test_pcm_of_every_width_is_read(tmp_path, width, frames, expected):
    path = tmp_path / "x.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(width)
        file.setframerate(44100)
        file.writeframes(frames)
    recording = read_wav(path)
    assert recording.rate == 44100
    first, second = recording.columns["1"], recording.columns["2"]
    if width == 1:
        assert first.tolist() == [-1, 127 / 128]
        assert second.tolist() == [0, 0.5]
    else:
        assert [*first, *second] == [expected[0], expected[2], expected[1], expected[3]]


def riff(code, bits, data, extra=b""):
    layout = struct.pack("<HHIIHH", code, 1, 8000, 8000 * bits // 8, bits // 8, bits) + extra
    chunks = b"fmt " + struct.pack("<I", len(layout)) + layout
    chunks += b"LIST" + struct.pack("<I", 3) + b"abc\0"
    chunks += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


@pytest.mark.parametrize(("code", "extra"), [(3, b""), (0xFFFE, struct.pack("<HHIH14s", 22, 32, 0, 3, b"\0" * 14))])
def test_floats_and_the_extensible_format_are_read(tmp_path, code, extra):
    path = tmp_path / "x.wav"
    path.write_bytes(riff(code, 32, struct.pack("<3f", 0.25, -2.5, 0.0), extra))
    column = read_wav(path).columns["1"]
    assert column.dtype == np.float32
    assert column.tolist() == [0.25, -2.5, 0.0]


def test_a_wav_file_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path):
    path = tmp_path / "x.wav"
    path.write_bytes(riff(1, 16, struct.pack("<4h", 1, 2, 3, 4))[:-3])
    assert len(read_wav(path).columns["1"]) == 2


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"RIFX" + bytes(40), "not a WAV file"),
        (riff(1, 16, b"")[:12], "no format"),
        (riff(6, 8, b"abc"), "format 6 with 8 bits"),
        (riff(1, 16, b""), "is empty"),
    ],
)
def test_what_is_wrong_with_a_wav_file_is_said(tmp_path, data, what):
    path = tmp_path / "x.wav"
    path.write_bytes(data)
    with pytest.raises(RecordingError, match=what):
        read_wav(path)


def test_arrays_are_columns_and_a_number_says_the_rate(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, DE=np.arange(4, dtype=np.float32), n=np.arange(4)[:, np.newaxis], rate=12000.0, rpm=1797, note="x")
    recording = read_npz(path)
    assert recording.rate == 12000
    assert list(recording.columns) == ["DE", "n"]
    assert recording.columns["DE"].dtype == np.float32
    assert recording.columns["n"].tolist() == [0, 1, 2, 3]


def test_a_bare_array_is_called_like_its_file(tmp_path):
    np.save(tmp_path / "pump.npy", np.arange(3.0))
    assert list(read_npz(tmp_path / "pump.npy").columns) == ["pump"]


def test_what_is_wrong_with_arrays_is_said(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, a=np.arange(3), b=np.arange(4))
    with pytest.raises(RecordingError, match="a 3, b 4"):
        read_npz(path)
    np.savez(path, rate=1.0)
    with pytest.raises(RecordingError, match="no one-dimensional array"):
        read_npz(path)
    path.write_bytes(b"no zip")
    with pytest.raises(RecordingError, match="cannot read"):
        read_npz(path)
    np.savez(path, a=np.array([object()] * 3), allow_pickle=True)
    with pytest.raises(RecordingError, match="cannot read"):
        read_npz(path)
