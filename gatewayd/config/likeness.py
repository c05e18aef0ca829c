"""Likeness: the one of many names that is most like a word, as difflib has it, but compared with few of them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

LEAST = 0.6
"""How alike two names are at least: twice the characters in common, of those of both."""
BINS = 64
"""Characters are counted by the rest of their codes, divided by this: letters and digits each for themselves."""

Counts = NDArray[np.int64]


def most_alike(word: str, names: Sequence[str]) -> list[str]:
    """What difflib.get_close_matches(word, names, n=1) finds.

    No two names have more in common than the characters that are in both, in whatever order: those that promise most
    are compared first, until none is left that promises as much as the best so far.
    """
    if not word or not names:
        return [word] if word in names else []
    promise = 2.0 * np.minimum(_counts(names), _counts([word])).sum(axis=1)
    promise /= np.array([len(name) for name in names]) + len(word)
    best = LEAST, ""
    matcher = SequenceMatcher(b=word)
    for number in np.argsort(-promise, kind="stable"):
        if promise[number] < best[0]:
            break
        matcher.set_seq1(names[number])
        best = max(best, (matcher.ratio(), names[number]))
    return [best[1]] if best[1] else []


def _counts(names: Sequence[str]) -> Counts:
    """How often each character is in each name, a row for each."""
    codes = np.frombuffer("".join(names).encode("utf-32-le", "surrogatepass"), np.uint32)
    rows = np.repeat(np.arange(len(names)), [len(name) for name in names])
    return np.bincount(rows * BINS + codes % BINS, minlength=len(names) * BINS).reshape(-1, BINS)
