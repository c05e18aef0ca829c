"""Words and tables that all reports share: lengths of time, numbers with units, aligned columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

DAY, HOUR, MINUTE = 86400.0, 3600.0, 60.0

Answer = Mapping[str, Any]


def span(seconds: float) -> str:
    """A length of time in its two largest units."""
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE:.0f} min {seconds % MINUTE:.0f} s"
    if seconds < DAY:
        return f"{seconds // HOUR:.0f} h {seconds % HOUR // MINUTE:.0f} min"
    return f"{seconds // DAY:.0f} d {seconds % DAY // HOUR:.0f} h"


def ago(seconds: float | None) -> str:
    """How long ago something was, if that is known."""
    return "before a restart" if seconds is None else f"{span(seconds)} ago"


def for_now(left: float | None) -> str:
    """For how much longer something holds (None: until it is taken back)."""
    return "until it is ended" if left is None else f"for another {span(left)}"


def number(value: float | None, unit: str = "") -> str:
    """A number with its unit."""
    if value is None:
        return "-"
    return f"{value:.4g}{'' if unit in ('', '1') else f' {unit}'}"


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as they must be, the last one as long as it is."""
    lines = [heading, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heading) - 1)]
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
        yield "  ".join([*cells, line[-1]]).rstrip()


def and_so_on(lines: Iterable[str], most: int, rest: str) -> Iterator[str]:
    """The first ones, and which command has the rest."""
    found = list(lines)
    yield from found[:most]
    if len(found) > most:
        yield f"  and {len(found) - most} more: {rest}"
