"""What waits to be written: how the event loop hands inputs to the recorder's thread without ever waiting for it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from gatewayd.model import Input
from gatewayd.recorder.entries import Heading, Missed, Note, size_of

LINGER = 5.0
"""Seconds that an input waits for company before it is written."""
GROUP = 64 << 10
"""Bytes that are written without waiting for more."""
MOST = 8 << 20
"""Bytes that may wait while the disk is busy; further inputs are missed."""
SLOW = "the disk was too slow for them"


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be written next; `closing`: it is the last."""

    items: list[Note | Input]
    closing: bool


class Waiting:
    """Bounded in bytes: what finds no room is counted, and where it is missing is noted."""

    def __init__(self) -> None:
        self.missed = 0
        """All that found no room."""
        self._changed = threading.Condition(threading.Lock())
        self._items: list[Note | Input] = []
        self._size = 0
        self._due = 0.0
        self._unnoted = 0
        self._closing = False

    def put(self, item: Note | Input) -> None:
        """Have something written."""
        size = size_of(item)
        with self._changed:
            if self._items and self._size + size > MOST and not isinstance(item, Heading):
                self.missed += 1
                self._unnoted += 1
                return
            self._note_missed()
            if not self._items:
                self._due = time.monotonic() + LINGER
            self._items.append(item)
            self._size += size
            if self._size >= GROUP or len(self._items) == 1:
                self._changed.notify()

    def close(self) -> None:
        """There will be nothing more."""
        with self._changed:
            self._note_missed()
            self._closing = True
            self._changed.notify()

    def take(self) -> Batch:
        """Wait until there is enough to be written, or it has waited long enough."""
        with self._changed:
            while not (self._closing or self._size >= GROUP):
                left = self._due - time.monotonic() if self._items else None
                if left is not None and left <= 0:
                    break
                self._changed.wait(left)
            batch = Batch(self._items, self._closing)
            self._items, self._size = [], 0
            return batch

    def _note_missed(self) -> None:
        if self._unnoted:
            self._items.append(Missed(self._unnoted, SLOW))
            self._unnoted = 0
