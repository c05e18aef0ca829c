"""A record that was cut short or damaged is read up to the last whole frame, and what is missing is said."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import record
from small_engine import ns, small_plan

from gatewayd.model import Command, Order, Tick
from gatewayd.recorder import Begun, Heading, Missed, RecordError, read
from gatewayd.recorder.entries import Ordered, Second
from gatewayd.recorder.frames import LARGEST, frame_of
from gatewayd.recorder.segments import Segments, segments

PLAN = small_plan()
HEADING = Heading.of(PLAN, version="1", boot="b", digest="d")


def ticks(folder):
    return [entry.time for entry in read(folder) if isinstance(entry, Tick)]


def written(folder, count=20, frames=4, budget=10**6):
    """Frames of ticks, numbered through."""
    writing = Segments(folder, budget, HEADING)
    each = count // frames
    for n in range(frames):
        writing.write(frame_of([Second(n * each + m) for m in range(each)]))
    writing.close()
    return segments(folder)[-1]


def test_a_torn_tail_is_cut_at_the_last_whole_frame(tmp_path):
    path = written(tmp_path)
    whole = path.read_bytes()
    found = set()
    for end in range(1, len(whole)):
        path.write_bytes(whole[:end])
        try:
            there = ticks(tmp_path)
        except RecordError:
            there = []
        assert there == list(range(len(there)))
        found.add(len(there))
    assert found == {0, 5, 10, 15}


@given(st.data())
def test_a_changed_byte_never_changes_what_is_read(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("record")
    path = written(folder)
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        there = ticks(folder)
    except RecordError:
        return
    assert there == list(range(len(there)))


async def test_a_tail_torn_by_a_kill_is_no_gap_when_a_run_begins_after_it(tmp_path):
    await record(tmp_path, PLAN, [Tick(ns(1))])
    (path,) = segments(tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    await record(tmp_path, PLAN, [Tick(ns(2))])
    assert not [entry for entry in read(tmp_path) if isinstance(entry, Missed)]
    assert sum(isinstance(entry, Begun) for entry in read(tmp_path)) == 1


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:-1])])
def test_a_gap_within_a_run_is_said(tmp_path, spoil):
    writing = Segments(tmp_path, 10**6, HEADING)
    for n in range(30):  # of what cannot be compressed, so that a few frames fill a segment
        writing.write(frame_of([Ordered(Command(n, Order.SHELVE, random.Random(n).randbytes(20_000).hex()))]))
    writing.close()
    paths = segments(tmp_path)
    assert len(paths) > 3
    spoil(paths[1])
    entries = list(read(tmp_path))
    (gap,) = (n for n, entry in enumerate(entries) if isinstance(entry, Missed))
    assert entries[gap].count is None
    assert isinstance(entries[gap - 1], Heading)


def test_a_frame_that_claims_to_be_huge_is_not_believed(tmp_path):
    path = written(tmp_path)
    with path.open("ab") as file:
        file.write((LARGEST + 1).to_bytes(4, "little") * 3)
    assert ticks(tmp_path) == list(range(20))
