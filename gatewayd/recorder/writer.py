"""The writer: the one thread that touches the record's files. Where they cannot be written, recording rests.

So it does where our own code fails: what cannot be recorded must not end the thread, nor be blamed on the disk.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from itertools import pairwise

import msgspec
import structlog

from gatewayd import clock
from gatewayd.model import Input
from gatewayd.recorder.entries import Clock, Heading, Missed, Note, form_of
from gatewayd.recorder.frames import frame_of
from gatewayd.recorder.segments import Segments, TooLargeError
from gatewayd.recorder.waiting import Waiting

MOVED = 10_000_000
"""Nanoseconds that the wall clock must have moved by to be noted."""

log = structlog.get_logger()


class Writer(threading.Thread):
    """Writes what waits until there will be nothing more. While it fails each batch is an attempt of its own."""

    def __init__(self, waiting: Waiting, segments: Segments) -> None:
        super().__init__(name="record", daemon=True)
        self.inputs = 0
        """How many were written."""
        self.missed = 0
        """How many were not."""
        self.failing = ""
        """Why it cannot write."""
        self._why = ""
        """The same, of the last that was not written."""
        self._too_large = False
        self._waiting = waiting
        self._segments = segments
        self._unnoted = 0

    def run(self) -> None:
        """Work until the end."""
        closing = False
        while not closing:
            batch = self._waiting.take()
            closing = batch.closing
            self._take(batch.items)
        with suppress(OSError):
            self._segments.close()
        if self.missed or self._waiting.missed:
            log.warning("record_incomplete", missed=self.missed + self._waiting.missed, recorded=self.inputs)

    def _take(self, items: list[Note | Input]) -> None:
        """Write them; each heading among them begins a segment of its own."""
        places = [place for place, item in enumerate(items) if isinstance(item, Heading)]
        for begin, end in pairwise([-1, *places, len(items)]):
            if begin >= 0 and isinstance(heading := items[begin], Heading):
                with suppress(OSError):
                    self._segments.turn_to(heading)
            if part := items[begin + 1 : end]:
                self._write(part)

    def _write(self, items: list[Note | Input]) -> None:
        try:
            entries = [*self._missing(), *map(form_of, items), *self._clock()]
            self._segments.write(frame_of(entries))
        except TooLargeError as error:
            self._part(items, error)
            return
        except Exception as error:  # noqa: BLE001 - a bug of ours, too, must be told and be survived
            self._miss(items, error)
            self._trouble(error)
            return
        if self.failing:
            log.info("recording_goes_on", missed=self._unnoted)
        self.failing, self._unnoted = "", 0
        self.inputs += sum(not isinstance(item, Note) for item in items)

    def _part(self, items: list[Note | Input], error: OSError) -> None:
        """What is too large must not cost what came with it."""
        if len(items) > 1:
            half = len(items) // 2
            self._write(items[:half])
            self._write(items[half:])
            return
        self._miss(items, error)
        if not self._too_large:
            log.warning("input_too_large_to_record", reason=str(error))
        self._too_large = True

    def _miss(self, items: list[Note | Input], error: Exception) -> None:
        count = sum(not isinstance(item, Note) for item in items)
        self.missed += count
        self._unnoted += count + sum(item.count or 0 for item in items if isinstance(item, Missed))
        self._why = str(error)

    def _trouble(self, error: Exception) -> None:
        bug = None if isinstance(error, OSError) else error
        reason = f"a bug of gatewayd: {bug!r}" if bug else str(error)
        if not self.failing:
            log.error("recording_rests", reason=reason, exc_info=bug)
        self.failing = reason

    def _missing(self) -> list[Note]:
        return [Missed(self._unnoted, self._why)] if self._unnoted else []

    def _clock(self) -> list[Note]:
        """What the wall clock shows, when it was set since."""
        before, offset = self._segments.heading.offset, clock.wall_offset()
        same = offset is before or (offset is not None and before is not None and abs(offset - before) < MOVED)
        if same:
            return []
        self._segments.heading = msgspec.structs.replace(self._segments.heading, offset=offset)
        return [Clock(offset)]
