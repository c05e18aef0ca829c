"""Lines: which sources meet on one line, and whether they agree on how it is set."""

from __future__ import annotations

from typing import NamedTuple

from gatewayd.config.words import quoted
from gatewayd.errors import GatewaydError
from gatewayd.plugin import Line


class LineError(GatewaydError):
    """Two sources cannot share the line that both need: `key` is where they differ, if it is ours."""

    def __init__(self, what: str, fix: str, key: str = "") -> None:
        self.what = what
        self.fix = fix
        self.key = key
        super().__init__(f"{what}; {fix}")


class Asked(NamedTuple):
    """The line that a source asked for first, and how its sources are isolated."""

    line: Line
    source: str
    isolation: str


class Lines:
    """The lines that the sources of a config ask for, in the order of the config. Nothing is opened for it."""

    def __init__(self) -> None:
        self._asked: dict[tuple[type[Line], str], Asked] = {}

    def shared(self, source: str, line: Line, isolation: str = "none") -> Line:
        """The line that a source gets that asks for `line`: this one, unless an earlier source asked for the same.

        Raises LineError when the two differ in their terms or in their isolation.
        """
        first = self._asked.setdefault((type(line), line.key), Asked(line, source, isolation))
        if first.line.terms != line.terms:
            raise _other_terms(line, source, first)
        if first.isolation != isolation:
            raise _other_isolation(line, source, isolation, first)
        return first.line


def _other_terms(line: Line, source: str, first: Asked) -> LineError:
    terms = f"is {line.terms!r} for {source}, but {first.line.terms!r} for {first.source}"
    return LineError(f"line {line.name!r} {terms}{_called(first.line, line)}", "set it alike for both")


def _other_isolation(line: Line, source: str, isolation: str, first: Asked) -> LineError:
    """A line is in one process, with all its sources."""
    ours, theirs = (f"isolation = {quoted(each)}" for each in (isolation, first.isolation))
    what = f"{source} and {first.source} share line {line.name!r}{_called(first.line, line)}"
    return LineError(f"{what}, but have {ours} and {theirs}", "write the same for both", "isolation")


def _called(first: Line, line: Line) -> str:
    return "" if first.name == line.name else f", which calls it {first.name!r}"
