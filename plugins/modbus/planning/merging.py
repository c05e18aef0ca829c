"""Merging: which spans of one table to read with one request, so that reading all of them costs least. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Span = tuple[int, int]
"""From an address to the one behind the last."""
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for the requests of one table.

    `price` is that of requests of so many entries, in whole units, so that equal prices are equal. A request has
    `most` entries, reads over holes of up to `hole` entries, and holds none of the spans that are `barred`.
    """

    price: Callable[[Integers], Integers]
    most: int
    hole: int
    barred: Sequence[Span] = ()


def outer(spans: Iterable[Span]) -> list[Span]:
    """Those that are not within another one, in their order: begins and ends both grow."""
    kept: list[Span] = []
    for begin, end in sorted(set(spans), key=lambda span: (span[0], -span[1])):
        if not kept or end > kept[-1][1]:
            kept.append((begin, end))
    return kept


def merged(spans: Sequence[Span], terms: Terms) -> list[Span]:
    """The cheapest requests that read all `spans`, which are as `outer` gives them; of equal ones, first long ones.

    The cheapest way to read up to a span is one request from some span before it on, and the cheapest way to read
    what is before that. A span that is longer than `most` is a request of its own.
    """
    begins = np.array([begin for begin, _ in spans], dtype=np.int64)
    spent = np.zeros(len(spans) + 1, dtype=np.int64)
    starts: list[int] = []
    least = 0
    for last, (begin, end) in enumerate(spans):
        if last and begin - spans[last - 1][1] > terms.hole:
            least = last
        least = max(least, _behind_barred(begins, end, terms))
        start = min(max(least, int(begins.searchsorted(end - terms.most))), last)
        costs = spent[start : last + 1] + terms.price(end - begins[start : last + 1])
        starts.append(last - int(costs[::-1].argmin()))
        spent[last + 1] = costs[starts[-1] - start]
    return list(_backwards(spans, starts))[::-1]


def _behind_barred(begins: Integers, end: int, terms: Terms) -> int:
    """The first span that a request may begin with, for what is barred before `end`."""
    barred = [begin for begin, barred_end in terms.barred if barred_end <= end]
    return int(begins.searchsorted(max(barred), side="right")) if barred else 0


def _backwards(spans: Sequence[Span], starts: Sequence[int]) -> Iterator[Span]:
    last = len(spans) - 1
    while last >= 0:
        yield spans[starts[last]][0], spans[last][1]
        last = starts[last] - 1
