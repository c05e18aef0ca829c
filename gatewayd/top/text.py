"""Text on a terminal: pieces with a style, fitted into columns whatever characters they are made of."""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Sequence


class Style(enum.Enum):
    """How a piece of text stands out; the words alone must say enough, for terminals without colours."""

    PLAIN = enum.auto()
    STRONG = enum.auto()
    FAINT = enum.auto()
    GOOD = enum.auto()
    WARNING = enum.auto()
    BAD = enum.auto()
    HEADING = enum.auto()


Line = Sequence[tuple[str, Style]]
Row = tuple[Sequence[str], Style]
"""Cells of a table, and the style of all of them; a single cell goes over all columns."""

GAP = 2
LEAST = 12
"""Columns that the first and the last cell of a row keep at least, if there is any room."""
CUT = "…"
RIGHT = ">"
"""How headings begin whose column is aligned to the right."""


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(map(_columns, text))


def fitted(text: str, size: int, *, right: bool = False) -> str:
    """A text in exactly `size` columns: filled up or cut, with what cannot be printed replaced."""
    text = "".join(each if each.isprintable() else "?" for each in text)
    used = columns(text)
    if used > size:
        text, used = _cut(text, size)
    fill = " " * (size - used)
    return fill + text if right else text + fill


def table(heading: Sequence[str], rows: Sequence[Row], size: int) -> list[Line]:
    """Columns as wide as they must be; first the last one gives way, then the first one."""
    names = [name.removeprefix(RIGHT) for name in heading]
    whole = [names, *(cells for cells, _ in rows if len(cells) > 1)]
    widths = [max(map(columns, cells)) for cells in zip(*whole, strict=True)]
    fixed = sum(widths[1:-1]) + GAP * (len(names) - 1)
    widths[0] = min(widths[0], max(LEAST, size - fixed - min(widths[-1], LEAST)))
    widths[-1] = max(0, size - fixed - widths[0])
    rights = [name.startswith(RIGHT) for name in heading]
    lines: list[Row] = [(names, Style.HEADING), *rows]
    return [
        ((_row(cells, widths, rights) if len(cells) > 1 else fitted(cells[0], size), style),) for cells, style in lines
    ]


def _row(cells: Sequence[str], widths: Sequence[int], rights: Sequence[bool]) -> str:
    each = zip(cells, widths, rights, strict=True)
    return (" " * GAP).join(fitted(cell, width, right=right) for cell, width, right in each)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _cut(text: str, size: int) -> tuple[str, int]:
    """As much of a text as there is room for, with a mark that it goes on; and how much that takes."""
    kept, used = "", 0
    for each in text:
        if used + _columns(each) >= size:
            break
        kept, used = kept + each, used + _columns(each)
    return (kept + CUT, used + 1) if size > 0 else ("", 0)
