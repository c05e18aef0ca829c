"""Rows: what every row of a recording led to, as a CSV file that other tools can read."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from gatewayd.errors import ReplayError
from gatewayd.replay.playing import Judged

HEADING = "datetime,anomaly,changepoint,score"


class RowsFile:
    """A line for each row of the recording, in its order, with its time exactly as it is written there.

    It depends only on the rows up to its own: a recording that is cut off gives the same lines, cut off.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._writer = csv.writer(file, lineterminator="\n")
        file.write(f"{HEADING}\n")

    def write(self, judged: Judged) -> None:
        """The lines of a chunk."""
        columns = (judged.anomalies.astype(int).tolist(), judged.changes.astype(int).tolist())
        scores = ("" if math.isnan(score) else f"{score:.6g}" for score in judged.scores.tolist())
        self._writer.writerows(zip(judged.chunk.stamps, *columns, scores, strict=True))


@contextmanager
def rows_file(path: Path) -> Iterator[RowsFile]:
    """A new file of rows. Raises ReplayError when it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            yield RowsFile(file)
    except OSError as error:
        raise ReplayError(str(path), f"it cannot be written ({error.strerror})") from None
