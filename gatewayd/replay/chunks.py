"""Chunks: some rows of a recording as arrays, so that no value is looked at by itself unless it must be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from gatewayd.model import Bytes, Floats, Quality
from gatewayd.replay.times import Times, read_times

Flags = NDArray[np.bool_]

HEALTHY = frozenset({"", "0", "0.0", "false", "no", "none", "normal", "ok", "healthy"})
"""What a label says of a row in which nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where in a row of so many cells (`width`) is what is wanted of it."""

    time: int
    columns: Sequence[int]
    label: int | None
    change: int | None
    width: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows in the order of the file: the numbers of their `lines`, their time as it is written and in ns.

    `values` (float64) and `qualities` (uint8) have a row each, and a column for each that was wanted: an empty cell is
    ABSENT, what is no finite number is BAD and in `texts`, by row and column. `short` are rows with too few cells.
    """

    lines: Sequence[int]
    stamps: Sequence[str]
    times: Times
    values: Floats
    qualities: Bytes
    texts: dict[int, dict[int, str]]
    labels: Flags | None
    changes: Flags | None
    short: int


def chunk_of(rows: Sequence[tuple[int, Sequence[str]]], places: Places) -> Chunk:
    """Make a chunk of rows of cells, each with the number of its line."""
    columns = places.columns
    cells = [*zip_longest(*(row for _, row in rows), fillvalue="")]
    cells += [("",) * len(rows)] * (places.width - len(cells))
    shape = (len(columns), len(rows))
    values, qualities = np.empty(shape), np.zeros(shape, dtype=np.uint8)
    texts: dict[int, dict[int, str]] = {}
    for number, place in enumerate(columns):
        for row, text in _read(cells[place], values[number], qualities[number]):
            texts.setdefault(row, {})[number] = text
    return Chunk(
        lines=[line for line, _ in rows],
        stamps=cells[places.time],
        times=read_times(cells[places.time]),
        values=np.ascontiguousarray(values.T),
        qualities=np.ascontiguousarray(qualities.T),
        texts=texts,
        labels=None if places.label is None else _flags(cells[places.label]),
        changes=None if places.change is None else _flags(cells[places.change]),
        short=sum(len(row) < places.width for _, row in rows),
    )


def _read(cells: Sequence[str], values: Floats, qualities: Bytes) -> list[tuple[int, str]]:
    """Read a column into its arrays; the rows of cells that are no numbers, with their texts."""
    try:
        values[:] = np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        _read_each(cells, values, qualities)
    bad = np.flatnonzero(~np.isfinite(values) & (qualities != Quality.ABSENT))
    qualities[bad] = Quality.BAD
    return [(row, cells[row].strip()) for row in bad.tolist()]


def _read_each(cells: Sequence[str], values: Floats, qualities: Bytes) -> None:
    """Cell by cell: some are empty, have a comma for the point, or hold something else."""
    for row, cell in enumerate(cells):
        text = cell.strip()
        values[row] = _number(text)
        if not text:
            qualities[row] = Quality.ABSENT


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return math.nan


def _flags(cells: Sequence[str]) -> Flags:
    known = {cell: _flag(cell) for cell in set(cells)}
    return np.fromiter((known[cell] for cell in cells), np.bool_, len(cells))


def _flag(cell: str) -> bool:
    text = cell.strip().lower()
    try:
        number = float(text)
    except ValueError:
        return text not in HEALTHY
    return number != 0 and not math.isnan(number)
