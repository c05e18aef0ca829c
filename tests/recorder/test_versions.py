"""A record of another version of gatewayd: what this one cannot read, it says so of, and it records beside it."""

import msgspec
import pytest
from small_engine import small_plan

from gatewayd.model import Tick
from gatewayd.recorder import Heading, Missed, RecordError, read
from gatewayd.recorder.entries import FORM, Second
from gatewayd.recorder.frames import MAGIC, frame_of
from gatewayd.recorder.segments import Segments, segments

OURS = Heading.of(small_plan(), version="1.0", boot="b", digest="d")
NEWER = msgspec.structs.replace(OURS, version="2.0", form=FORM + 1)


def record(folder, heading, time):
    writing = Segments(folder, 10**6, heading)
    writing.write(frame_of([Second(time)]))
    writing.close()
    return segments(folder)[-1]


def test_a_record_in_a_newer_form_is_refused_by_name(tmp_path):
    record(tmp_path, NEWER, 1)
    with pytest.raises(RecordError, match=r"00000001.record: gatewayd 2.0 wrote it in form 2, this one reads 1"):
        list(read(tmp_path))


def test_segments_of_an_unknown_version_are_refused_by_name(tmp_path):
    path = record(tmp_path, OURS, 1)
    path.write_bytes(MAGIC.replace(b"\1", b"\2") + path.read_bytes()[len(MAGIC) :])
    with pytest.raises(RecordError, match="another version of gatewayd wrote it"):
        list(read(tmp_path))


def test_after_a_downgrade_recording_goes_on_and_what_cannot_be_read_is_missed(tmp_path):
    for time, heading in enumerate((OURS, NEWER, OURS)):
        record(tmp_path, heading, time)
    entries = list(read(tmp_path))
    assert [entry.time for entry in entries if isinstance(entry, Tick)] == [0, 2]
    (missed,) = (entry for entry in entries if isinstance(entry, Missed))
    assert "gatewayd 2.0 wrote it" in missed.why
