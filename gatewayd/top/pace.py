"""Pace: what goes on in a second, from what a gateway answered some seconds apart."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence

from gatewayd.report.words import Answer

WINDOW = 10.0
"""Seconds over which paces are taken: shorter, and a poll every 2 s would flicker between none and one."""


class Pace:
    """The answers of the last seconds; until there are two of them, every pace is NaN."""

    def __init__(self) -> None:
        self._answers: deque[Answer] = deque()

    def take(self, status: Answer) -> None:
        """Take in an answer; after a restart or a reload the counters begin anew, and so does this."""
        if self._answers and status["seconds"] < self._answers[-1]["seconds"]:
            self._answers.clear()
        self._answers.append(status)
        while len(self._answers) > 2 and status["seconds"] - self._answers[1]["seconds"] >= WINDOW:
            self._answers.popleft()

    def of_sources(self, read: Callable[[Answer], float]) -> dict[str, float]:
        """What a counter of each source has grown by in a second."""
        first, last = ({each["name"]: read(each) for each in status["sources"]} for status in self._ends())
        return {name: self._pace(first.get(name, now), now) for name, now in last.items()}

    def counted(self, counter: str) -> dict[str, float]:
        """The same of a counter with this name."""
        return self.of_sources(lambda source: float(source[counter]))

    def of(self, read: Callable[[Answer], float]) -> float:
        """What a counter of the gateway has grown by in a second."""
        first, last = self._ends()
        return self._pace(read(first), read(last))

    def of_lines(self) -> dict[str, float]:
        """Which part of its time each line was busy."""
        busy = self.of_sources(lambda source: source["accounts"]["busy"])
        loads: dict[str, float] = {}
        for source in self._answers[-1]["sources"]:
            loads[source["line"]] = loads.get(source["line"], 0.0) + busy[source["name"]]
        return loads

    def _ends(self) -> tuple[Answer, Answer]:
        return self._answers[0], self._answers[-1]

    def _pace(self, before: float, now: float) -> float:
        """A source that was restarted by a reload counts from 0."""
        first, last = self._ends()
        seconds = last["seconds"] - first["seconds"]
        return max(0.0, now - before) / seconds if seconds > 0 else math.nan


def told(pace: float, digits: int = 1) -> str:
    """A pace for people."""
    return "-" if math.isnan(pace) else f"{pace:.{digits}f}"


def by_line(sources: Sequence[Answer]) -> dict[str, list[Answer]]:
    """The sources of each line."""
    found: dict[str, list[Answer]] = {}
    for source in sources:
        found.setdefault(source["line"], []).append(source)
    return found
