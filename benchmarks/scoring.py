"""Scores of alarms against labels: per row, per change point, and what keeps such figures honest."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gatewayd.model import Floats

Flags = NDArray[np.bool_]
WINDOW = 60.0
"""Seconds after a labelled change within which it must be told."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The scored rows of one recording: `seconds`, the labels, and what was told in each row."""

    seconds: Floats
    anomaly: Flags
    change: Flags
    alarm: Flags
    told: Flags


@dataclass(frozen=True, slots=True)
class Rows:
    """Shares over all rows of some recordings."""

    f1: float
    false_alarms: float
    missed: float
    mcc: float


@dataclass(frozen=True, slots=True)
class Changes:
    """Labelled changes, those that were missed, changes told outside of any window, and the F1 of windows."""

    labelled: int
    missed: int
    false: int
    f1: float


def by_row(recordings: Sequence[Judged]) -> Rows:
    """Hits and misses are summed over all recordings first, as the benchmark SKAB does."""
    alarm = np.concatenate([each.alarm for each in recordings])
    anomaly = np.concatenate([each.anomaly for each in recordings])
    tp, tn = float((alarm & anomaly).sum()), float((~alarm & ~anomaly).sum())
    fp, fn = float((alarm & ~anomaly).sum()), float((~alarm & anomaly).sum())
    below = math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return Rows(
        tp / (tp + (fp + fn) / 2), fp / (fp + tn), fn / (fn + tp), (tp * tn - fp * fn) / below if below else 0.0
    )


def by_change(recordings: Sequence[Judged]) -> Changes:
    """A change is found when one is told within WINDOW of it; where windows overlap, the later one begins later."""
    labelled = missed = false = 0
    for each in recordings:
        told = each.seconds[each.told]
        hit = np.zeros(len(told), dtype=bool)
        until = -math.inf
        for begin in each.seconds[each.change].tolist():
            inside = (told >= max(begin, until)) & (told <= begin + WINDOW)
            until = begin + WINDOW
            labelled += 1
            missed += not inside.any()
            hit |= inside
        false += int((~hit).sum())
    found = labelled - missed
    return Changes(labelled, missed, false, 2 * found / (2 * found + false + missed))


def read_labels(path: Path) -> tuple[Floats, Flags, Flags]:
    """Seconds, anomaly and changepoint of a recording of SKAB."""
    rows = _read(path, ";")
    return _seconds(rows), _flags(rows, "anomaly"), _flags(rows, "changepoint")


def read_rows(path: Path) -> tuple[Flags, Flags]:
    """What `gatewayd replay --rows` wrote: alarm and change of each row."""
    rows = _read(path, ",")
    return _flags(rows, "anomaly"), _flags(rows, "changepoint")


def _read(path: Path, separator: str) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file, delimiter=separator))


def _seconds(rows: Sequence[dict[str, str]]) -> Floats:
    return np.array([datetime.fromisoformat(row["datetime"]).timestamp() for row in rows])


def _flags(rows: Sequence[dict[str, str]], column: str) -> Flags:
    return np.array([float(row[column] or 0) == 1.0 for row in rows])
