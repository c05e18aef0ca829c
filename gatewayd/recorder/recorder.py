"""The recorder: takes what the engine is fed, for a thread that writes it, and never waits for the disk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import structlog

from gatewayd.model import Input
from gatewayd.recorder.entries import Begun, Heading, Stopped
from gatewayd.recorder.segments import Segments
from gatewayd.recorder.waiting import Waiting
from gatewayd.recorder.writer import Writer
from gatewayd.records import Saved
from gatewayd.state.storage import has_ended, written_by

CLOSE = 10.0
"""Seconds that closing may take."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RecordStatus:
    """How recording is doing: the bytes that the record takes, how many inputs were written in this run, how many not.

    It wrote `written` bytes since it began. `failing` says why it rests, if it does.
    """

    on: bool
    bytes: int
    inputs: int
    missed: int
    written: int
    failing: str


class Recorder:
    """The record in `folder`, which never takes more than `max_size` bytes (0: nothing is recorded).

    For the event loop's thread, or one that it waits for. Where the disk is full or slow, inputs are missed and
    counted, which is told once, and everything else goes on.
    """

    def __init__(self, folder: Path, max_size: int, heading: Heading) -> None:
        self._on = max_size > 0
        self._started = False
        self._gap = False
        """Whether nothing was recorded of the engine that another one takes over from."""
        self._waiting = Waiting()
        self._segments = Segments(folder, max_size, heading)
        self._writer = Writer(self._waiting, self._segments)

    def begin(self, saved: Iterable[Saved], time: int, going_on: Iterable[str] | None = None) -> None:
        """An engine begins with what was saved; `going_on` are the summaries that it takes over, if it takes over."""
        if self._on:
            if not self._started:
                self._writer.start()
            self._started = True
            self._waiting.put(Begun(time, tuple(saved), None if going_on is None or self._gap else tuple(going_on)))

    def turn_to(self, heading: Heading, max_size: int) -> None:
        """What comes from now on, after `begin`, belongs to another plan; the record may take so much from now on."""
        self._gap = not self._on
        self._on = max_size > 0
        self.resize(max_size)
        if self._on:
            self._waiting.put(heading)

    def resize(self, max_size: int) -> None:
        """From now on it may take so many bytes; whether there is a record is another matter."""
        self._segments.resize(max_size)

    def put(self, item: Input) -> None:
        """Record what the engine is fed."""
        if self._on:
            self._waiting.put(item)

    def stop(self, time: int) -> None:
        """The engine was stopped."""
        if self._on:
            self._waiting.put(Stopped(time))

    async def close(self) -> None:
        """Write what waits, unless the disk takes too long."""
        if not self._writer.is_alive():
            return
        self._waiting.close()
        if not await has_ended(self._writer, CLOSE):
            log.warning("record_closed_incomplete", reason=f"the disk takes longer than {CLOSE:g} s")

    def status(self) -> RecordStatus:
        """How it is doing."""
        writer = self._writer
        missed = writer.missed + self._waiting.missed
        written = written_by(writer.native_id)
        return RecordStatus(self._on, self._segments.used, writer.inputs, missed, written, writer.failing)
