"""Causes in plain words: which channels moved a score, by how much, against what normal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatewayd.engine.alarms.conditions import number, reading
from gatewayd.engine.sensors.faults import share
from gatewayd.records import Cause

TOLD = 3
"""So many causes are told in words; all of them are in the record."""
SMALL = 0.05
"""A smaller share is not worth words, unless it is the largest."""
WHOLE = 0.995
"""From this share on there is but one cause."""


def in_words(causes: Sequence[Cause]) -> str:
    """The first causes, as the end of a sentence; empty where nothing is known."""
    told = [cause for n, cause in enumerate(causes[:TOLD]) if n == 0 or cause.share >= SMALL]
    return f": {', '.join(map(cause_in_words, told))}" if told else ""


def cause_in_words(cause: Cause) -> str:
    """A channel, its share, its value, what is normal, what stands out."""
    part = f" {share(cause.share)}" if cause.share < WHOLE else ""
    details = ", ".join(_details(cause))
    return f"{cause.channel}{part}{f' ({details})' if details else ''}"


def _details(cause: Cause) -> Iterator[str]:
    if cause.value is not None:
        yield reading(cause.value, cause.unit)
    if cause.low is not None and cause.high is not None:
        yield f"normal {_rounded(cause.low)} to {_rounded(cause.high)}"
    elif cause.normal is not None:
        yield f"normal {_rounded(cause.normal)}"
    if cause.part:
        yield cause.part


def _rounded(value: float) -> str:
    return number(value, digits=3)
