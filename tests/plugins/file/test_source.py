"""The `file` source as a gateway sees it."""

from types import SimpleNamespace

import msgspec
import numpy as np
import pytest

from gatewayd.plugin import Kind, OptionError, SourceError
from gatewayd.testing import made as configured
from gatewayd_plugins.file import player, source
from gatewayd_plugins.file.source import File

POLL = None


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=1_000_000_000)
    monkeypatch.setattr(player.time, "clock_gettime_ns", lambda _: clock.now)
    return clock


@pytest.fixture
def ramp(tmp_path):
    path = tmp_path / "ramp.npz"
    np.savez(path, x=np.arange(25.0), y=-np.arange(25.0), rate=10.0)
    return str(path)


def test_without_a_table_every_column_is_a_channel(ramp):
    channels = configured(File, path=ramp).declare()
    assert [(channel.name, channel.kind) for channel in channels] == [("x", Kind.WAVEFORM), ("y", Kind.WAVEFORM)]


def test_headings_become_names_that_a_channel_may_have(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("Motor Current [A],b,b?,Öldruck m³/h\n1,2,3,4\n")
    channels = configured(File, path=str(path), rate=1.0).declare()
    assert [channel.name for channel in channels] == ["Motor_Current_A", "b", "b_2", "Oldruck_m3_h"]


async def test_in_real_time_pieces_come_when_they_have_been_played_and_follow_each_other(ramp, clock):
    played = configured(File, path=ramp, channels={"x": {}})
    await played.open()
    start = clock.now
    assert await played.poll(POLL) == []
    clock.now = start + 999_000_000
    assert await played.poll(POLL) == []
    clock.now = start + 2_100_000_000
    first, second = await played.poll(POLL)
    assert first.values.tolist() == list(range(10))
    assert (first.rate, first.time, second.time) == (10.0, start, start + 1_000_000_000)
    clock.now = start + 2_500_000_000
    (last,) = await played.poll(POLL)
    assert last.values.tolist() == [20, 21, 22, 23, 24]


async def test_after_the_end_it_begins_again_a_row_later(ramp, clock):
    played = configured(File, path=ramp, channels={"x": {}})
    await played.open()
    start = clock.now
    await played.poll(POLL)
    clock.now = start + 3_600_000_000
    *_, again = await played.poll(POLL)
    assert again.values.tolist() == list(range(10))
    assert again.time == start + 2_600_000_000


async def test_told_not_to_repeat_it_falls_silent(ramp, clock):
    played = configured(File, path=ramp, channels={"x": {}}, repeat=False)
    await played.open()
    await played.poll(POLL)
    clock.now += 100_000_000_000
    assert len(await played.poll(POLL)) == 3
    clock.now += 100_000_000_000
    assert await played.poll(POLL) == []


async def test_after_a_long_sleep_only_the_latest_pieces_are_given(ramp, clock):
    played = configured(File, path=ramp, channels={"x": {}}, values="single")
    await played.open()
    await played.poll(POLL)
    clock.now += 1_000_000_000_000
    assert len(await played.poll(POLL)) == player.MOST


async def test_single_values_are_blocks_with_their_times(ramp, clock):
    played = configured(File, path=ramp, values="single")
    assert {channel.kind for channel in played.declare()} == {Kind.SCALAR}
    await played.open()
    start = clock.now
    await played.poll(POLL)
    clock.now += 250_000_000
    first, second = await played.poll(POLL)
    assert (first.channels, first.values, first.time) == (("x", "y"), [0.0, 0.0], start)
    assert (second.values, second.time) == ([1.0, -1.0], start + 100_000_000)


async def test_at_the_pace_of_polls_each_poll_gives_the_next_piece_as_of_now(ramp):
    played = configured(File, path=ramp, channels={"x": {"unit": "[g]", "scale": 2.0}}, pace="poll")
    await played.open()
    pieces = [(await played.poll(POLL))[0] for _ in range(4)]
    assert [len(piece.values) for piece in pieces] == [10, 10, 5, 10]
    assert pieces[1].values[0] == 20.0
    assert pieces[0].time is None


async def test_a_burst_of_no_length_is_all_of_it(ramp):
    played = configured(File, path=ramp, channels={"x": {}}, burst="0s", pace="poll")
    await played.open()
    assert len((await played.poll(POLL))[0].values) == 25


async def test_a_waveform_in_which_rows_are_missing_has_a_gap(tmp_path):
    path = tmp_path / "x.csv"
    times = [n / 10 + (n >= 13) for n in range(30)]
    path.write_text("time,x\n" + "".join(f"{time},1\n" for time in times))
    played = configured(File, path=str(path), pace="poll")
    await played.open()
    assert [(await played.poll(POLL))[0].gap for _ in range(3)] == [False, True, False]


async def test_the_rate_of_the_config_overrules_that_of_the_file(ramp):
    played = configured(File, path=ramp, rate=20.0, channels={"x": {}}, pace="poll")
    await played.open()
    piece = (await played.poll(POLL))[0]
    assert (piece.rate, len(piece.values)) == (20.0, 20)


async def test_a_file_that_is_not_there_yet_can_be_configured_but_not_read(tmp_path):
    late = configured(File, path=str(tmp_path / "late.wav"), channels={"x": {"column": "1"}})
    with pytest.raises(SourceError, match=r"late.wav cannot be read \(No such file"):
        await late.open()


@pytest.mark.parametrize(
    ("options", "option", "what"),
    [
        ({"path": "pump.mat"}, ("path",), "'pump.mat' is no recording"),
        ({"path": "missing.csv"}, ("path",), "cannot be read"),
        ({"path": "x.csv", "channels": {"x": {"unit": "m/s²"}}}, ("channels", "x", "unit"), "is not a UCUM code"),
        ({"path": "x.csv", "channels": {"x": {"range": [16, -16]}}}, ("channels", "x", "range"), "wrong way round"),
    ],
)
def test_options_that_cannot_be_right_are_refused(options, option, what):
    with pytest.raises(msgspec.ValidationError, match=what) as raised:
        configured(File, **options)
    assert isinstance(raised.value.__cause__, OptionError)
    assert raised.value.__cause__.option == option


@pytest.mark.parametrize(
    ("table", "what"),
    [({"x": {"column": "z"}}, "no column 'z' in the file; it has x, y"), ({"z": {}}, "no column 'z'")],
)
async def test_a_column_that_is_not_in_the_file_is_named(ramp, table, what):
    with pytest.raises(SourceError, match=what):
        await configured(File, path=ramp, channels=table).open()


async def test_a_file_without_a_rate_asks_for_it(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("x\n1\n2\n")
    with pytest.raises(SourceError, match="give rate = 12000"):
        await configured(File, path=str(path), channels={"x": {}}).open()
    with pytest.raises(msgspec.ValidationError, match="give rate = 12000"):
        configured(File, path=str(path))


def test_a_huge_file_is_refused(ramp, monkeypatch):
    monkeypatch.setattr(source, "LARGEST", 10)
    with pytest.raises(msgspec.ValidationError, match="larger than"):
        configured(File, path=ramp)
