"""Storage: what the state folder may take at most, what it takes, and how much is written to its disk."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from gatewayd.beside import beside

BLOCK = 512
"""Bytes in which a file system counts what a file takes."""
SPARE = 32 << 20
"""Bytes of the disk that are to stay free beside all that the state folder may take."""
HOUR, DAY = 3_600.0, 86_400.0
LOOK = 60.0
"""Seconds between looks at the disk."""
LOOK_AT_TROUBLE = 1.0
"""Seconds between looks at whether there is trouble with it."""
LOOK_AT_THREAD = 0.01
"""Seconds between looks at whether a thread has ended."""

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

    async def watch(self, trouble: Callable[[], str] = str) -> None:
        """Look again and again, and whenever the trouble that a writer has with the disk begins or ends."""
        while True:
            before, until = bool(trouble()), time.monotonic() + LOOK
            await beside(self.look)
            while time.monotonic() < until and bool(trouble()) is before:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(LOOK_AT_TROUBLE)

    def look(self) -> None:
        """See what is there; takes as long as the disk does, so not for the event loop. Never raises."""
        try:
            disk = os.statvfs(self._folder)
            self._free = disk.f_bavail * disk.f_frsize
            self._taken = taken(self._folder)
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


def taken(folder: Path) -> int:
    """Bytes of the disk that a folder takes; what may not be looked at counts as nothing. Raises OSError."""
    return sum(_sizes(folder))


def _sizes(folder: Path) -> Iterator[int]:
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                yield Path(place, name).lstat().st_blocks * BLOCK
            except FileNotFoundError:  # dropped meanwhile
                continue


async def has_ended(writer: threading.Thread, seconds: float) -> bool:
    """Wait for what writes there to end, for so long at most; whether it has.

    No other thread is needed for that: plugins that hang may hold all those that an event loop has.
    """
    time = asyncio.get_running_loop().time
    until = time() + seconds
    while writer.is_alive() and time() < until:  # noqa: ASYNC110 - a thread sets no event when it is gone
        await asyncio.sleep(LOOK_AT_THREAD)
    return not writer.is_alive()


def waits_for_disk(thread: int | None) -> bool:
    """Whether a thread of this process waits in the kernel so that nothing can break it off, as only disks have it."""
    try:
        status = Path(f"/proc/self/task/{thread}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] == "D"


def written_by(thread: int | None) -> int:
    """Bytes that a thread of this process has written since it began; 0 where the kernel does not count them."""
    try:
        counts = Path(f"/proc/self/task/{thread}/io").read_text(encoding="ascii")
    except OSError:
        return 0
    return int(next(line for line in counts.splitlines() if line.startswith("wchar:")).split()[1])
