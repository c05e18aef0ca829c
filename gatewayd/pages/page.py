"""The page: everything about one recording in one file that any browser shows, without scripts or a network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --soft: #555; --line: #e4e4e4;
  --mark: #1f4e79; --panel: #f3f6fa; --bad: #c1272d; --alarm: #fdf2f2 }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
body { margin: 2rem auto; max-width: 62rem; padding: 0 1rem; overflow-wrap: anywhere }
h1 { font-size: 1.5rem; margin: 0 0 .25rem } h2 { font-size: 1.15rem; margin: 2rem 0 .25rem }
p { margin: .25rem 0 } .facts { color: var(--soft) } .note { color: var(--soft); font-size: .9rem }
.verdict { border-left: .35rem solid var(--mark); background: var(--panel); padding: .6rem 1rem; margin: 1rem 0 }
.verdict.fault { border-color: var(--bad); background: var(--alarm) }
.wide { overflow-x: auto } svg { width: 100%; min-width: 34rem; height: auto } svg text { fill: var(--ink) }
table { border-collapse: collapse; width: 100%; font-size: .92rem; overflow-wrap: normal }
th, td { text-align: left; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap } th.number { text-align: right }
td.whole { white-space: nowrap } td.whole ~ td:last-child { min-width: 16rem }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e4e4; --paper: #161616; --soft: #aaa; --line: #3a3a3a; --mark: #7db3e8; --panel: #1d2733;
    --bad: #f0736d; --alarm: #33201f }
  [style*="stroke: #000000"] { stroke: #999 !important } [style*="stroke: #e4e4e4"] { stroke: #333 !important }
  [style*="#1f4e79"] { stroke: #7db3e8 !important } [style*="fill: #1f4e79"] { fill: #7db3e8 !important }
  [style*="stroke: #c1272d"] { stroke: #f0736d !important }
}
"""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts below their headings; columns whose number is in `numbers` are aligned as numbers are.

    Texts of those in `whole` are never broken into lines.
    """

    heading: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()
    whole: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: a heading, what is shown below it, and a note on how it is to be read."""

    heading: str
    content: str | Table
    note: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of something, and whether it is bad news."""

    text: str
    alarming: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A whole page; the `judgements` are said first."""

    title: str
    facts: str
    judgements: Sequence[Judgement] = ()
    sections: Sequence[Section] = field(default_factory=list)

    def html(self) -> str:
        """The file."""
        return "\n".join(
            [
                '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
                '<meta name="viewport" content="width=device-width, initial-scale=1">',
                f"<title>{escape(self.title)}</title><style>{STYLE}</style></head><body>",
                f'<h1>{escape(self.title)}</h1><p class="facts">{escape(self.facts)}</p>',
                *map(_judgement, self.judgements),
                *(part for section in self.sections for part in _section(section)),
                "</body></html>\n",
            ]
        )


def _judgement(judgement: Judgement) -> str:
    return f'<p class="verdict{" fault" if judgement.alarming else ""}">{escape(judgement.text)}</p>'


def _section(section: Section) -> Iterable[str]:
    yield f"<h2>{escape(section.heading)}</h2>"
    if section.note:
        yield f'<p class="note">{escape(section.note)}</p>'
    content = section.content if isinstance(section.content, str) else _table(section.content)
    yield f'<div class="wide">{content}</div>'


def _kind(table: Table, column: int) -> str:
    kinds = {"number": table.numbers, "whole": table.whole}
    return next((f'class="{kind}"' for kind, columns in kinds.items() if column in columns), "")


def _table(table: Table) -> str:
    kinds = [_kind(table, n) for n in range(len(table.heading))]
    heading = "".join(f"<th {kind}>{escape(text)}</th>" for kind, text in zip(kinds, table.heading, strict=True))
    rows = (
        "".join(f"<td {kind}>{escape(text)}</td>" for kind, text in zip(kinds, row, strict=True)) for row in table.rows
    )
    return (
        f"<table><thead><tr>{heading}</tr></thead><tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>"
    )
