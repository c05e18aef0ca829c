"""Advertisements: what a device said to everybody, and the inbox in which it waits for the source that wants it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

INBOX_SIZE = 256
"""Advertisements that wait for a poll at most: a beacon says something once to ten times a second."""


@dataclass(frozen=True, slots=True)
class Advertisement:
    """One advertisement: `time` is when it was heard (ns of the boot-time clock), `rssi` in dBm.

    `manufacturer` holds data by the number of a company, `services` by the 128-bit UUID of a service, in small letters.
    """

    address: str
    time: int
    rssi: int
    name: str = ""
    manufacturer: Mapping[int, bytes] = field(default_factory=dict)
    services: Mapping[str, bytes] = field(default_factory=dict)


class Inbox:
    """The advertisements of one device since they were last taken; of too many the oldest are lost and counted."""

    __slots__ = ("_waiting", "lost")

    def __init__(self, size: int = INBOX_SIZE) -> None:
        self._waiting: deque[Advertisement] = deque(maxlen=size)
        self.lost = 0
        """How many advertisements were thrown away, since the start."""

    def put(self, advertisement: Advertisement) -> None:
        """Add one."""
        if len(self._waiting) == self._waiting.maxlen:
            self.lost += 1
        self._waiting.append(advertisement)

    def take(self) -> list[Advertisement]:
        """All that wait, the oldest first; afterwards none does."""
        taken = list(self._waiting)
        self._waiting.clear()
        return taken
