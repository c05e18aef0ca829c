"""Budgets: how much of a line's time its polls ask for by the config, what is left, how long one may wait. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from operator import itemgetter

from gatewayd.budget.waits import Asking, longest_busy, longest_wait
from gatewayd.configured import ConfiguredSource
from gatewayd.plugin import Effort

FULL = 0.98
"""The load above which nothing is said about waits: they grow without a limit as it comes near 1."""


@dataclass(frozen=True, slots=True)
class PollBudget:
    """One poll of a source: how often it is made, what it reads, and what that asks of the line, as far as is known."""

    source: str
    interval: float
    channels: tuple[str, ...]
    efforts: tuple[Effort, ...]

    @property
    def is_known(self) -> bool:
        """Whether it is known how long it takes."""
        return bool(self.efforts) and all(effort.seconds > 0 for effort in self.efforts)

    @property
    def seconds(self) -> float:
        """How long it takes, as far as that is known."""
        return sum(effort.seconds for effort in self.efforts)

    @property
    def share(self) -> float:
        """The part of the line's time that it asks for."""
        return self.seconds / self.interval


class LineBudget:
    """A line and all that is polled on it; `name` and `terms` are as in `Line`, empty if a source has it alone.

    `isolated`: it is polled in a process of its own.
    """

    def __init__(self, name: str, terms: str, polls: Sequence[PollBudget], *, isolated: bool = False) -> None:
        self.name = name
        self.terms = terms
        self.polls = polls
        self.isolated = isolated
        self.is_known = all(poll.is_known for poll in polls)
        """Whether it is known how long everything takes."""
        self.load = sum(poll.share for poll in polls)
        """The part of its time that is asked for, as far as it is known; more than 1 is too much."""
        self._shortest = _shortest_intervals(polls)
        self._busy = 0.0
        self._waits: dict[Asking, float] = {}

    def shortest_interval(self, poll: PollBudget) -> float:
        """How often a poll could be made if all others stay as they are: seconds; infinite if they leave no time."""
        left = 1.0 - (self.load - poll.share)
        return max(poll.seconds / left, poll.seconds) if left > 1e-9 else math.inf

    def longest_wait(self, poll: PollBudget) -> float:
        """How many seconds a poll waits at worst from when it is due until its turn, while all devices answer.

        All others are due just then, and the longest turn of a less urgent one has just begun. Infinite when there is
        hardly time for everything.
        """
        own = self._asking(poll)
        if own not in self._waits:
            alone = len(self.polls) == 1
            self._waits[own] = 0.0 if alone else math.inf if self.load > FULL else self._longest_wait(own)
        return self._waits[own]

    def _longest_wait(self, own: Asking) -> float:
        kinds = Counter(map(self._asking, self.polls))
        self._busy = self._busy or longest_busy(kinds)
        return longest_wait(own, kinds, self._busy)

    def _asking(self, poll: PollBudget) -> Asking:
        shortest = (interval for source, interval in self._shortest if source != poll.source)
        return Asking(poll.interval, poll.seconds, next(shortest, math.inf))


def line_budgets(sources: Iterable[ConfiguredSource]) -> list[LineBudget]:
    """The lines of a config in its order. A source that shares none has one of its own."""
    sharing: dict[int, list[ConfiguredSource]] = {}
    for source in sources:
        sharing.setdefault(id(source if source.line is None else source.line), []).append(source)
    return [_line_budget(each) for each in sharing.values()]


def _line_budget(sources: Sequence[ConfiguredSource]) -> LineBudget:
    line = sources[0].line
    polls = [
        PollBudget(source.name, float(poll.interval), poll.channels, tuple(asked))
        for source in sources
        for poll, asked in zip(source.polls, source.efforts or ((),) * len(source.polls), strict=True)
    ]
    name, terms = (line.name, line.terms) if line else ("", "")
    return LineBudget(name, terms, polls, isolated=sources[0].isolated)


def _shortest_intervals(polls: Sequence[PollBudget]) -> list[tuple[str, float]]:
    """The two sources that poll most often, with their shortest intervals."""
    shortest: dict[str, float] = {}
    for poll in polls:
        shortest[poll.source] = min(poll.interval, shortest.get(poll.source, math.inf))
    return nsmallest(2, shortest.items(), key=itemgetter(1))
