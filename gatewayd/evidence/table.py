"""Tables: rows of channels at their times as CSV that `gatewayd replay` reads, and their flaws as runs."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

from gatewayd.engine.plan import PlannedChannel
from gatewayd.evidence.ring import Row
from gatewayd.evidence.wall import Wall
from gatewayd.model import Quality

_ABSENT = int(Quality.ABSENT)


def table(rows: Iterable[Row], channels: Mapping[int, PlannedChannel], wall: Wall) -> str:
    """A column for each of some channels, by their numbers, and a line for each time.

    An empty cell is no new value; one that cannot be used is `bad`, with the reason.
    """
    columns = {number: column for column, number in enumerate(channels, 1)}
    lines: dict[int, list[list[str]]] = {}
    for row in rows:
        cells = [(columns[number], cell) for number, cell in _cells(row, channels)]
        if cells:
            _lay(lines.setdefault(row.time, []), cells, len(columns) + 1)
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([wall.heading, *(channel.name for channel in channels.values())])
    for time in sorted(lines):
        writer.writerows([wall.text(time), *line[1:]] for line in lines[time])
    return out.getvalue()


def _lay(lines: list[list[str]], cells: Sequence[tuple[int, str]], width: int) -> None:
    """Into the first line of that time that has nothing there."""
    free = next((line for line in lines if not any(line[column] for column, _ in cells)), None)
    if free is None:
        free = [""] * width
        lines.append(free)
    for column, cell in cells:
        free[column] = cell


def _cells(row: Row, channels: Mapping[int, PlannedChannel]) -> Iterator[tuple[int, str]]:
    values = row.values.tolist()
    if not row.qualities.any() and math.isfinite(sum(values)):  # the usual case: all are good
        yield from ((n, repr(value)) for n, value in zip(row.channels, values, strict=True) if n in channels)
        return
    for number, value, quality in zip(row.channels, values, row.qualities.tolist(), strict=True):
        if number in channels and quality != _ABSENT:
            if quality <= Quality.UNCERTAIN and math.isfinite(value):
                yield number, repr(value)
            else:
                yield number, f"bad: {row.reasons.get(channels[number].short_name, '')}".rstrip(": ")


def flaws(rows: Iterable[Row], channels: Mapping[int, PlannedChannel], wall: Wall) -> list[dict[str, Any]]:
    """What is not good of some channels: runs of the same quality for the same reason."""
    runs: dict[int, dict[str, Any]] = {}
    found: list[dict[str, Any]] = []
    for row in rows:
        if not (runs or row.qualities.any()):
            continue
        for number, value, quality in zip(row.channels, row.values.tolist(), row.qualities.tolist(), strict=True):
            if number not in channels or quality == _ABSENT:
                continue
            reason, at = row.reasons.get(channels[number].short_name, ""), wall.text(row.time)
            run = runs.get(number)
            if quality == Quality.GOOD:
                runs.pop(number, None)
            elif run is not None and (run["quality"], run["reason"]) == (_WORDS[quality], reason):
                run.update(to=at, count=run["count"] + 1, value=value)
            else:
                head = {"channel": channels[number].name, "quality": _WORDS[quality], "reason": reason}
                runs[number] = {**head, "from": at, "to": at, "count": 1, "value": value}
                found.append(runs[number])
    return found


_WORDS = {int(quality): quality.name.lower() for quality in Quality}
