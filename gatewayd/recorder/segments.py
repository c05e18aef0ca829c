"""Segments: the files of a record, of which the oldest are dropped whole so that all of them stay within a budget."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import IO

import msgspec

from gatewayd.recorder.entries import Heading
from gatewayd.recorder.frames import MAGIC, frame_of
from gatewayd.state.disk import make_way

BLOCK = 4096
"""Bytes in which a disk is given out."""
SMALLEST, GREATEST = 64 << 10, 16 << 20
"""Bytes of a segment."""
PARTS = 16
"""Segments that a record consists of, if they are not too small or too great."""
FREE = 32 << 20
"""Bytes of the disk that are left to others."""

_SUFFIX = ".record"


class NoRoomError(OSError):
    """There is no room for what is to be written, whatever is dropped."""


class TooLargeError(NoRoomError):
    """It alone is more than the record may take."""


def segments(folder: Path) -> list[Path]:
    """The segments in a folder, the oldest first."""
    return [path for path in _numbered(folder) if path.is_file()]


def _numbered(folder: Path) -> list[Path]:
    """Whatever has the name of a segment."""
    return sorted(path for path in folder.glob(f"*{_SUFFIX}") if path.stem.isdigit())


class Segments:
    """The segments in `folder`, written one after the other. Each begins with a heading.

    Raises OSError where the disk cannot be written; then the next frame begins a new segment.
    """

    def __init__(self, folder: Path, max_size: int, heading: Heading) -> None:
        self._folder = folder
        self.heading = heading
        """That of segments to come."""
        self.resize(max_size)
        self._file: IO[bytes] | None = None
        self._size = 0
        self._number: int | None = None
        self.used = 0
        """Bytes of the disk that all of them take."""

    def resize(self, max_size: int) -> None:
        """From now on they may take so many bytes; called from another thread."""
        self._max_size = max_size
        self._limit = min(max(max_size // PARTS, SMALLEST), GREATEST)

    def turn_to(self, heading: Heading) -> None:
        """The next frame begins a segment with another heading."""
        self.close()
        self.heading = msgspec.structs.replace(heading, offset=self.heading.offset)

    def write(self, frame: bytes) -> None:
        """Write a frame at the end, and drop what is too old for it."""
        try:
            if self._number is None or self._is_removed():
                self.close()
                self._look()
            if self._file is None or self._size + len(frame) > self._limit:
                self._begin(len(frame))
            if self._file is not None:
                self._append(self._file, frame)
        except Exception:  # whatever it was, half a frame may be there: the next one begins a new segment
            self._number = None
            self.close()
            raise

    def close(self) -> None:
        """End the segment that is being written."""
        if self._file is not None:
            file, self._file = self._file, None
            file.close()

    def _look(self) -> None:
        """See what is there."""
        make_way(self._folder, Path.is_dir)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.used = sum(_blocks(path.stat().st_size) for path in segments(self._folder))
        self._number = max((int(path.stem) for path in _numbered(self._folder)), default=0)

    def _is_removed(self) -> bool:
        """Whether the segment that is being written has no name any more: nobody could ever read it."""
        return self._file is not None and os.fstat(self._file.fileno()).st_nlink == 0

    def _begin(self, expected: int) -> None:
        self.close()
        number = (self._number or 0) + 1
        first = MAGIC + frame_of([msgspec.structs.replace(self.heading, number=number)])
        self._make_room(_blocks(len(first) + expected))
        self._file = (self._folder / f"{number:08}{_SUFFIX}").open("xb", buffering=0)
        self._number, self._size = number, 0
        self._append(self._file, first)

    def _append(self, file: IO[bytes], data: bytes) -> None:
        more = _blocks(self._size + len(data)) - _blocks(self._size)
        self._make_room(more)
        if file.write(data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._size += len(data)
        self.used += more

    def _make_room(self, size: int) -> None:
        """Drop the oldest segments until so many bytes more are within the budget."""
        if size > self._max_size:
            raise TooLargeError(f"{size} bytes at once are more than it may take at all")
        disk = os.statvfs(self._folder)
        if disk.f_bavail * disk.f_frsize - size < FREE:
            raise NoRoomError(f"the disk has less than {FREE >> 20} MB left, which are not for the record")
        while self.used + size > self._max_size:
            there = segments(self._folder)
            if len(there) <= (self._file is not None):
                raise NoRoomError(f"{size} bytes at once are more than it may take at all")
            self.used -= _blocks(there[0].stat().st_size)
            there[0].unlink()


def _blocks(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
