"""The folder of evidence: a file for each alarm, the oldest dropped so that all of them stay within a budget."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gatewayd.records import Alarm
from gatewayd.state.disk import make_way, remove

BLOCK = 4096
"""Bytes in which a disk is given out."""

_PART = ".part"
_NAME = re.compile(r"(\d{6,})-([\w.-]+)-([0-9a-f]{16})\.zip")


class TooLargeError(Exception):
    """A file is larger than the budget has room for, whatever is dropped."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of evidence: `number` counts them, `id` is that of the alarm."""

    path: Path
    number: int
    rule: str
    id: str

    @property
    def size(self) -> int:
        """Bytes of the disk that it takes."""
        return _blocks(self.path.stat().st_size)


def kept(folder: Path) -> list[Kept]:
    """The evidence in a folder, the oldest first. Raises OSError when it may not be read."""
    return sorted(_kept(folder), key=lambda each: each.number)


def _kept(folder: Path) -> Iterator[Kept]:
    for path in folder.iterdir() if folder.exists() else ():
        parts = _NAME.fullmatch(path.name)
        if parts is not None and path.is_file():
            yield Kept(path, int(parts[1]), parts[2], parts[3])


class Folder:
    """Where evidence is written, never more than `max_size` bytes. Raises OSError where the disk cannot be written."""

    def __init__(self, path: Path, max_size: int) -> None:
        self._path = path
        self._max_size = max_size

    def resize(self, max_size: int) -> None:
        """From now on it may take so many bytes; called from another thread."""
        self._max_size = max_size

    def open(self) -> None:
        """Make it, and remove what was not finished."""
        make_way(self._path, Path.is_dir)
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in self._path.glob(f"*{_PART}"):
            remove(part)
        self._make_room(0, "")

    def put(self, alarm: Alarm, data: bytes) -> None:
        """Keep a file about an alarm, in place of what was kept of it before. Raises TooLargeError."""
        there = self.kept()
        known = next((each for each in there if each.id == alarm.id), None)
        number = 1 + (there[-1].number if there else 0)
        path = known.path if known else self._path / f"{number:06}-{alarm.rule}-{alarm.id}.zip"
        self._store(path, data)

    def replace(self, file: Kept, data: bytes) -> None:
        """Keep another file in place of one that is kept. Raises TooLargeError."""
        self._store(file.path, data)

    def kept(self) -> list[Kept]:
        """What is kept, the oldest first; nothing, while something else has its place."""
        return kept(self._path) if self._path.is_dir() else []

    def _store(self, path: Path, data: bytes) -> None:
        if 2 * _blocks(len(data)) > self._max_size:
            raise TooLargeError
        if not self._path.is_dir():
            self.open()
        self._make_room(_blocks(len(data)), path.name)
        part = path.with_name(path.name + _PART)
        make_way(part, Path.is_file)
        make_way(path, Path.is_file)
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def figures(self) -> tuple[int, int]:
        """How many files there are, and the bytes that they take."""
        there = self.kept()
        return len(there), sum(each.size for each in there)

    def _make_room(self, size: int, name: str) -> None:
        """Drop the oldest ones but that of this name."""
        there = kept(self._path)
        used = size + sum(each.size for each in there)
        for each in there:
            if used <= self._max_size:
                break
            if each.path.name != name:
                used -= each.size
                each.path.unlink()


def _blocks(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
