"""Storage: what the state folder may take at most, what it takes, and how much is written to its disk."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

BLOCK = 512
"""Bytes in which a file system counts what a file takes."""
SPARE = 32 << 20
"""Bytes of the disk that are to stay free beside all that the state folder may take."""
HOUR, DAY = 3_600.0, 86_400.0
LOOK = 60.0
"""Seconds between looks at the disk."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class StorageStatus:
    """In bytes: `budget` is what each part may take at most, `taken` what all takes; `free` is left on the disk.

    `written` counts since the start, `written_per_day` goes on at that pace (None in the first hour). Neither has the
    file system's journal in it. `problem` says what is wrong.
    """

    budget: Mapping[str, int]
    taken: int
    free: int | None
    written: int
    written_per_day: int | None
    problem: str


class Storage:
    """The state folder on its disk."""

    def __init__(self, folder: Path) -> None:
        self.budget: Mapping[str, int] = {}
        """What each part may take at most."""
        self._folder = folder
        self._taken = 0
        self._free: int | None = None
        self._problem = ""

    async def watch(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(LOOK)

    def look(self) -> None:
        """See what is there; takes as long as the disk does, so not for the event loop. Never raises."""
        try:
            disk = os.statvfs(self._folder)
            self._free = disk.f_bavail * disk.f_frsize
            self._taken = sum(_sizes(self._folder))
        except OSError:  # whoever needs the disk tells of its trouble
            return
        self._judge()

    def status(self, written: int, seconds: float) -> StorageStatus:
        """How it is; `written` bytes were written in so many seconds."""
        per_day = int(written * DAY / seconds) if seconds >= HOUR else None
        return StorageStatus(self.budget, self._taken, self._free, written, per_day, self._problem)

    def _judge(self) -> None:
        """Tell once when the disk has too little room for all that the folder may take, and once when it has enough."""
        most = sum(self.budget.values())
        there = self._taken + (self._free or 0)
        before = self._problem
        self._problem = _too_little(most, there) if there < most + SPARE else ""
        if self._problem and not before:
            log.warning("disk_room_short", path=str(self._folder), needed=most + SPARE, there=there, hint=self._problem)
        elif before and not self._problem:
            log.info("disk_room_short_ended", path=str(self._folder))


def _too_little(most: int, there: int) -> str:
    return (
        f"the state folder may take up to {most / 1e6:.0f} MB and its disk has {there / 1e6:.0f} MB for it: "
        "free some room, or reduce [outbox], [record] or [evidence] max_size"
    )


def _sizes(folder: Path) -> Iterator[int]:
    """The bytes of the disk that each file takes. Raises OSError."""
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                yield Path(place, name).lstat().st_blocks * BLOCK
            except FileNotFoundError:  # dropped meanwhile
                continue


def written_by(thread: int | None) -> int:
    """Bytes that a thread of this process has written since it began; 0 where the kernel does not count them."""
    try:
        counts = Path(f"/proc/self/task/{thread}/io").read_text(encoding="ascii")
    except OSError:
        return 0
    return int(next(line for line in counts.splitlines() if line.startswith("wchar:")).split()[1])
