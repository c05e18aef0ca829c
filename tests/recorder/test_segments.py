"""The record stays within its budget, whatever is written, and has always the newest."""

import errno
import os
import random
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_engine import small_plan

from gatewayd.model import Command, Order
from gatewayd.recorder import Heading, Missed, read
from gatewayd.recorder.entries import Ordered, Second
from gatewayd.recorder.frames import frame_of
from gatewayd.recorder.segments import NoRoomError, Segments, segments

pytestmark = pytest.mark.usefixtures("closed")
HEADING = Heading.of(small_plan(), version="1", boot="b", digest="d")
BUDGET = 1_000_000


@pytest.fixture
def closed(monkeypatch):
    """No segment stays open."""
    opened, begin = [], Segments._begin
    monkeypatch.setattr(Segments, "_begin", lambda self, expected: (opened.append(self), begin(self, expected)))
    yield
    for each in opened:
        each.close()


def taken(folder):
    """Bytes of the disk."""
    return sum(-(-path.stat().st_size // 4096) * 4096 for path in folder.iterdir())


def noise(size, seed):
    """A frame of about so many bytes that cannot be compressed."""
    text = random.Random(seed).randbytes(size // 2).hex()
    return frame_of([Ordered(Command(seed, Order.SHELVE, text))])


@given(sizes=st.lists(st.integers(100, 120_000), min_size=1, max_size=60), restart=st.integers(1, 60))
def test_the_budget_is_never_exceeded_and_the_newest_is_there(tmp_path_factory, sizes, restart):
    folder = tmp_path_factory.mktemp("record")
    writing = Segments(folder, BUDGET, HEADING)
    for n, size in enumerate(sizes):
        if n % restart == 0:
            writing.close()
            writing = Segments(folder, BUDGET, HEADING)
        writing.write(noise(size, n))
        assert taken(folder) <= BUDGET
        assert writing.used == taken(folder)
    times = [entry.time for entry in read(folder) if isinstance(entry, Command)]
    assert times == list(range(len(sizes)))[-len(times) :]


def test_a_smaller_budget_makes_the_record_smaller(tmp_path):
    writing = Segments(tmp_path, BUDGET, HEADING)
    for n in range(40):
        writing.write(noise(20_000, n))
    writing.close()
    Segments(tmp_path, BUDGET // 4, HEADING).write(noise(100, 99))
    assert taken(tmp_path) <= BUDGET // 4


def test_what_is_larger_than_the_budget_is_refused_and_the_next_one_is_written(tmp_path):
    writing = Segments(tmp_path, 100_000, HEADING)
    with pytest.raises(NoRoomError):
        writing.write(noise(400_000, 1))
    writing.write(noise(100, 2))
    assert [entry.time for entry in read(tmp_path) if isinstance(entry, Command)] == [2]


def test_what_is_larger_than_the_budget_costs_nothing_that_is_there(tmp_path):
    writing = Segments(tmp_path, 100_000, HEADING)
    writing.write(noise(100, 1))
    with pytest.raises(NoRoomError):
        writing.write(noise(400_000, 2))
    writing.write(noise(100, 3))
    assert [entry.time for entry in read(tmp_path) if isinstance(entry, Command)] == [1, 3]


def test_the_last_of_the_disk_is_left_to_others(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "statvfs", lambda _: type("Disk", (), {"f_bavail": 100, "f_frsize": 4096}))
    with pytest.raises(NoRoomError, match="32 MB"):
        Segments(tmp_path, BUDGET, HEADING).write(noise(100, 2))


def test_after_a_write_that_failed_a_new_segment_begins(tmp_path):
    class Full:
        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

        def fileno(self):
            return file.fileno()

        def close(self):
            pass

    writing = Segments(tmp_path, BUDGET, HEADING)
    writing.write(frame_of([Second(1)]))
    file, writing._file = writing._file, Full()
    with pytest.raises(OSError, match="No space"):
        writing.write(frame_of([Second(2)]))
    file.close()
    writing.write(frame_of([Second(3)]))
    assert len(segments(tmp_path)) == 2
    assert [entry.number for entry in read(tmp_path) if isinstance(entry, Heading)] == [1, 2]
    assert not [entry for entry in read(tmp_path) if isinstance(entry, Missed)]


def test_a_folder_with_the_name_of_a_segment_is_left_alone(tmp_path):
    (tmp_path / "00000007.record").mkdir()
    writing = Segments(tmp_path, 10**6, HEADING)
    writing.write(frame_of([Second(1)]))
    writing.close()
    assert [path.name for path in segments(tmp_path)] == ["00000008.record"]


@pytest.mark.parametrize("make", [None, lambda path: path.touch(), lambda path: path.symlink_to("nowhere")])
def test_a_folder_that_was_removed_while_it_is_written_is_made_again(tmp_path, make):
    folder = tmp_path / "state" / "record"
    writing = Segments(folder, BUDGET, HEADING)
    writing.write(noise(100, 1))
    shutil.rmtree(folder.parent)
    if make is not None:
        folder.parent.mkdir()
        make(folder)
    writing.write(noise(100, 2))
    assert [entry.time for entry in read(folder) if isinstance(entry, Command)] == [2]
    assert writing.used == taken(folder)
