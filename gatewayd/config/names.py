"""Names: which of them match a pattern, found without a look at those that begin with another source."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from fnmatch import translate

_WILD = re.compile(r"[*?[]")
"""What stands for other characters in a pattern, or may."""


class Names:
    """Names with their `numbers`, from 0 in the order in which they were added."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self._all: list[str] = []
        self._begun: dict[str, list[int]] = {}

    def add(self, name: str) -> int:
        """Number a name; it must be new."""
        number = self.numbers[name] = len(self._all)
        self._all.append(name)
        self._begun.setdefault(_begin(name), []).append(number)
        return number

    def matching(self, pattern: str) -> list[int]:
        """The numbers of the names that match a pattern."""
        if not _WILD.search(pattern):
            return [self.numbers[pattern]] if pattern in self.numbers else []
        begin = _begin(pattern)
        near: Iterable[int] = range(len(self._all)) if _WILD.search(begin) else self._begun.get(begin, ())
        fits = _fitting(pattern)
        return [number for number in near if fits(self._all[number])]


def alike(names: Collection[str], pattern: str) -> list[str]:
    """Those of a set or dict of names that match a pattern."""
    if not _WILD.search(pattern):
        return [pattern] if pattern in names else []
    return list(filter(_fitting(pattern), names))


def _fitting(pattern: str) -> Callable[[str], object]:
    """What tells whether a name matches a pattern; most are `source.*`, for which no expression is compiled."""
    begin = pattern[:-1]
    if pattern.endswith("*") and not _WILD.search(begin):
        return lambda name: name.startswith(begin)
    return re.compile(translate(pattern)).match


def _begin(name: str) -> str:
    """What stands before the first dot: mostly a source."""
    return name.partition(".")[0]
