"""CSV files: columns of numbers with or without a heading, separated by commas, semicolons, tabs or spaces."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gatewayd_plugins.file.recording import Recording, RecordingError, spacing

TIMES = ("time", "t", "timestamp", "datetime", "date", "seconds", "time_s", "time [s]", "time (s)")
"""Headings of a column of times, in seconds or as dates."""


def read_csv(path: Path) -> Recording:
    """A first column of times gives the rate and the gaps. Raises RecordingError."""
    rows = _rows(path)
    heading = [] if all(map(_is_cell_of_numbers, rows[0])) else [cell.strip() for cell in rows[0]]
    body = rows[1:] if heading else rows
    if not body:
        raise RecordingError(path, "there are no rows of numbers in it")
    width = len(heading) or len(body[0])
    uneven = next((n for n, row in enumerate(body) if len(row) != width), None)
    if uneven is not None:
        line = uneven + 1 + bool(heading)
        raise RecordingError(path, f"row {line} has {len(body[uneven])} cells, those before it have {width}")
    cells = list(zip(*body, strict=True))
    names = heading or [str(n + 1) for n in range(width)]
    if names[0].lower() not in TIMES:
        return Recording(_columns(path, names, cells))
    rate, gaps = spacing(path, _times(path, cells[0]))
    return Recording(_columns(path, names[1:], cells[1:]), rate, gaps)


def _rows(path: Path) -> list[list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecordingError(path, "it is not a text") from error
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not lines:
        raise RecordingError(path, "it is empty")
    separator = max(";\t,", key=lines[0].count)
    if separator not in lines[0] and len(lines[0].split()) > 1 and all(map(_is_cell_of_numbers, lines[-1].split())):
        return [line.split() for line in lines]
    return list(csv.reader(lines, delimiter=separator))


def _columns(path: Path, names: Sequence[str], cells: Sequence[Sequence[str]]) -> dict[str, NDArray[np.float64]]:
    if not names:
        raise RecordingError(path, "there is no column of numbers in it")
    twice = next((name for n, name in enumerate(names) if name in names[:n]), None)
    if twice is not None:
        raise RecordingError(path, f"two columns are called {twice!r}")
    return {
        name: np.array([_number(path, name, cell) for cell in column])
        for name, column in zip(names, cells, strict=True)
    }


def _number(path: Path, name: str, cell: str) -> float:
    """A number, with a comma where others have a point; NaN for an empty cell."""
    try:
        return float(cell.replace(",", ".")) if cell.strip() else float("nan")
    except ValueError:
        raise RecordingError(path, f"column {name!r}: {cell!r} is not a number") from None


def _times(path: Path, cells: Sequence[str]) -> NDArray[np.float64]:
    """In seconds from the first one on."""
    try:
        if _is_cell_of_numbers(cells[0]):
            return np.array([float(cell.replace(",", ".")) for cell in cells])
        first = datetime.fromisoformat(cells[0].strip())
        return np.array([(datetime.fromisoformat(cell.strip()) - first).total_seconds() for cell in cells])
    except (ValueError, TypeError):
        raise RecordingError(path, "its times are neither seconds nor dates such as 2026-11-26 17:00:00") from None


def _is_cell_of_numbers(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return not cell.strip()
    return True
