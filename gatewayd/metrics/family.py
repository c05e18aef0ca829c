"""Families: metrics of one name, and the text in which Prometheus reads them (exposition format 0.0.4)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
TOTAL = "_total"
"""How names of counters end; all others are gauges."""

_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})

Labels = Mapping[str, str]
Rows = Sequence[tuple[str, str, Callable[[T], float | None]]]
"""Metrics of one kind of thing: how the name goes on, what it means, how it is read (None: it is not known)."""


@dataclass(frozen=True, slots=True)
class Family:
    """All metrics of one name: `meaning` is a sentence, `samples` are numbers with what tells them apart."""

    name: str
    meaning: str
    samples: tuple[tuple[Labels, float], ...]

    @property
    def kind(self) -> str:
        """What Prometheus calls it."""
        return "counter" if self.name.endswith(TOTAL) else "gauge"


def about(subject: str, rows: Rows[T], things: Sequence[tuple[Labels, T]]) -> Iterator[Family]:
    """The families of a subject: a number of each thing in each of them."""
    for name, meaning, read in rows:
        found = ((labels, read(thing)) for labels, thing in things)
        yield Family(
            f"{subject}_{name}", meaning, tuple((labels, value) for labels, value in found if value is not None)
        )


def exposition(families: Iterable[Family]) -> bytes:
    """Families as text; of those without a number, name and meaning alone."""
    return "".join(f"{line}\n" for family in families for line in _lines(family)).encode()


def _lines(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {family.meaning}"
    yield f"# TYPE {family.name} {family.kind}"
    for labels, value in family.samples:
        told = ",".join(f'{name}="{text.translate(_ESCAPES)}"' for name, text in labels.items())
        yield f"{family.name}{{{told}}} {_number(value)}" if told else f"{family.name} {_number(value)}"


def _number(value: float) -> str:
    if math.isfinite(value):
        return repr(value + 0)  # a truth value is a number, too
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
