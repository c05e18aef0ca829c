"""Lines: which sources meet on one line, and whether they agree on how it is set."""

from __future__ import annotations

from gatewayd.errors import GatewaydError
from gatewayd.plugin import Line


class LineError(GatewaydError):
    """Two sources need one line on different terms."""

    def __init__(self, line: Line, source: str, first: Line, other: str) -> None:
        called = "" if first.name == line.name else f", which calls it {first.name!r}"
        self.what = f"line {line.name!r} is {line.terms!r} for {source}, but {first.terms!r} for {other}{called}"
        self.fix = "set it alike for both"
        super().__init__(f"{self.what}; {self.fix}")


class Lines:
    """The lines that the sources of a config ask for, in the order of the config. Nothing is opened for it."""

    def __init__(self) -> None:
        self._asked: dict[tuple[type[Line], str], tuple[Line, str]] = {}

    def shared(self, source: str, line: Line) -> Line:
        """The line that a source gets that asks for `line`: this one, unless an earlier source asked for the same.

        Raises LineError when the two differ in their terms.
        """
        first, other = self._asked.setdefault((type(line), line.key), (line, source))
        if first.terms != line.terms:
            raise LineError(line, source, first, other)
        return first
