"""The recording: a CSV file, read in chunks of rows, whatever its columns are called and wherever they stand."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader, TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Self, TypeVar

from gatewayd.errors import ReplayError
from gatewayd.replay.chunks import Chunk, Places, chunk_of
from gatewayd.replay.times import HEADINGS, UNREADABLE, is_number, read_time, time_column

ROWS = 4096
"""Rows of a chunk: so much of a recording is in memory at a time."""
LABELS = ("anomaly", "label")
"""Headings of a column that says which rows are anomalous."""
CHANGES = ("changepoint",)
"""Headings of a column that marks the rows in which something changes."""
NO_ROW = frozenset("# \t\r\n\f\v")
"""What a line may begin with that is no row."""
T = TypeVar("T")

UTF16 = (b"\xff\xfe", b"\xfe\xff")
A_RECORDING = "expected a heading and rows of values, one column of which has times"


@dataclass(frozen=True, slots=True)
class Heading:
    """The columns of a recording by their places: the `time`, the labels where there are any, all others.

    `dated`: times are dates, not seconds. `line` is where the heading stands.
    """

    names: tuple[str, ...]
    time: int
    dated: bool
    label: int | None
    change: int | None
    line: int

    @property
    def columns(self) -> dict[str, int]:
        """The places of the columns that are neither times nor labels."""
        apart = {self.time, self.label, self.change}
        labels = {*LABELS, *CHANGES}
        return {
            name: place
            for place, name in enumerate(self.names)
            if place not in apart and name and name.lower() not in labels
        }


class CsvRecording:
    """A file, open until the end of its context, that is read once. Raises ReplayError when it is no recording."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._line = 0
        self._file = _opened(path)
        try:
            self._rows = self._split()
            self.heading = self._heading()
        except BaseException:  # nobody has the object yet who could close the file
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def read(self) -> int:
        """Bytes that were read so far."""
        return self._file.buffer.tell()

    def chunks(self, columns: Sequence[int]) -> Iterator[Chunk]:
        """All rows, with the values of some columns (their places)."""
        heading = self.heading
        places = Places(heading.time, columns, heading.label, heading.change, len(heading.names))
        while rows := list(islice(self._rows, ROWS)):
            self._check_width(rows)
            yield chunk_of(rows, places)

    def _heading(self) -> Heading:
        line, cells = next(self._rows, (0, []))
        if not cells:
            raise ReplayError(str(self.path), "it is empty", A_RECORDING)
        names = [cell.strip() for cell in cells]
        if all(is_number(name) or read_time(name) != UNREADABLE for name in names if name):
            what = f"it has no heading, but begins with {_some(names)}"
            raise ReplayError(str(self.path), what, f"name its columns in a first row: {HEADINGS[0]}, ...", line)
        self._check_names(names, line)
        first = next(self._rows, None)
        if first is None:
            raise ReplayError(str(self.path), "there are no rows below its heading", A_RECORDING, line)
        self._rows = _with(first, self._rows)
        return self._described(names, line, first)

    def _described(self, names: list[str], line: int, first: tuple[int, list[str]]) -> Heading:
        time = time_column(names, first[1])
        if time is None:
            what = f"it has no column of times, but {_some(names)}"
            fix = f"call one of them {HEADINGS[0]}, {', '.join(HEADINGS[1:-1])} or {HEADINGS[-1]}"
            raise ReplayError(str(self.path), what, fix, line)
        cell = first[1][time] if time < len(first[1]) else ""
        if read_time(cell) == UNREADABLE:
            what = f"{cell!r} in column {names[time]!r} is no time"
            fix = "write seconds, or dates such as 2026-11-26 17:00:00"
            raise ReplayError(str(self.path), what, fix, first[0])
        places = {name.lower(): place for place, name in reversed(list(enumerate(names)))}
        label, change = (_first(places, known) for known in (LABELS, CHANGES))
        return Heading(tuple(names), time, not is_number(cell), label, change, line)

    def _check_names(self, names: list[str], line: int) -> None:
        twice = next((name for place, name in enumerate(names) if name and name in names[:place]), None)
        if twice is not None:
            raise ReplayError(str(self.path), f"two columns are called {twice!r}", "give each a name of its own", line)

    def _check_width(self, rows: Sequence[tuple[int, list[str]]]) -> None:
        """A row may end with empty cells too many."""
        width = len(self.heading.names)
        for line, row in rows:
            if len(row) > width and any(row[width:]):
                fix = "is the comma that separates columns used within numbers, too?"
                raise ReplayError(str(self.path), f"it has {len(row)} cells, the heading has {width}", fix, line)

    def _split(self) -> Iterator[tuple[int, list[str]]]:
        """The cells of each row, with the number of its line."""
        lines = self._lines()
        first = next(lines, "")
        separator = max(";\t,", key=first.count)
        texts = _with(first, lines)
        if separator not in first:
            yield from ((self._line, text.split()) for text in texts)
            return
        reader = csv.reader(texts, delimiter=separator)
        try:
            for row in reader:
                yield self._line, row
        except csv.Error as error:
            raise ReplayError(str(self.path), f"it is no CSV ({error})", A_RECORDING, self._line) from None

    def _lines(self) -> Iterator[str]:
        """The lines that are neither blank nor comments."""
        try:
            for self._line, text in enumerate(self._file, 1):  # noqa: B020 - known wherever an error is found
                if text[0] not in NO_ROW or not (text[0] == "#" or text.isspace()):
                    yield text
        except OSError as error:
            raise ReplayError(str(self.path), f"it cannot be read ({error.strerror})") from None


def _opened(path: Path) -> TextIOWrapper[BufferedReader]:
    """The file as a text; what is not UTF-8 in it can only be part of a name, or no number. Raises ReplayError."""
    try:
        file = path.open("rb")
        begin = file.peek()
    except OSError as error:
        raise ReplayError(str(path), f"it cannot be read ({error.strerror})") from None
    is_wide = begin[:2] in UTF16
    if b"\0" in begin and not is_wide:
        file.close()
        raise ReplayError(str(path), "it is not a text", A_RECORDING)
    return TextIOWrapper(file, encoding="utf-16" if is_wide else "utf-8-sig", errors="replace", newline="")


def _first(places: dict[str, int], names: Sequence[str]) -> int | None:
    return next((places[name] for name in names if name in places), None)


def _with(first: T, rest: Iterator[T]) -> Iterator[T]:
    yield first
    yield from rest


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:5]))
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
