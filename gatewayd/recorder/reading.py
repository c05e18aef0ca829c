"""Reading: the segments of a record as one stream of entries, whatever happened to the files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gatewayd.errors import GatewaydError
from gatewayd.recorder.entries import FORM, Begun, Entry, Heading, Missed, entry_of
from gatewayd.recorder.frames import TornError, begin_segment, next_frame
from gatewayd.recorder.segments import segments


class RecordError(GatewaydError):
    """There is no record that could be read."""

    def __init__(self, path: Path, what: str, fix: str) -> None:
        super().__init__(f"{path}: {what}; {fix}")


def read(path: Path) -> Iterator[Entry]:
    """All entries of a record, a folder of segments or one segment, the oldest first.

    A segment ends at the last frame that is whole. Where that, or a segment that is not there, leaves a gap within a
    run, a `Missed` says so. Raises RecordError when there is nothing to be read.
    """
    paths = [path] if path.is_file() else segments(path)
    if not paths:
        raise RecordError(path, "there is no record", "is [record] max_size set, and has the gateway run since?")
    reading = _Reading()
    for each in paths:
        yield from reading.segment(each)
    if reading.last is None:
        raise RecordError(path, f"it is no record ({reading.torn})", "give the folder `record`, or a segment of it")


class _Reading:
    """What is known of the segments before: the number of the last one, and what is missing since (empty: nothing)."""

    def __init__(self) -> None:
        self.last: int | None = None
        self.torn = ""

    def segment(self, path: Path) -> Iterator[Entry]:
        """The entries of a segment, after what is missing before it."""
        torn, self.torn = self.torn, ""
        entries = self._entries(path)
        heading, first = next(entries, None), next(entries, None)
        if not isinstance(heading, Heading):
            self.torn = torn or self.torn or f"{path.name}: it has no heading"
            return
        if heading.form != FORM:
            form = f"in form {heading.form}, this one reads {FORM}"
            self.torn = f"{path.name}: gatewayd {heading.version} wrote it {form}"
            return
        if self.last is not None and heading.number != self.last + 1:
            torn = torn or f"between segments {self.last} and {heading.number} there is one missing"
        self.last = heading.number
        yield heading
        if torn and not isinstance(first, Begun):
            yield Missed(None, torn)
        if first is not None:
            yield first
        yield from entries

    def _entries(self, path: Path) -> Iterator[Entry]:
        try:
            with path.open("rb") as file:
                begin_segment(file)
                while (frame := next_frame(file)) is not None:
                    yield from map(entry_of, frame)
        except (TornError, OSError, ValueError) as error:
            self.torn = f"{path.name}: {error}"
