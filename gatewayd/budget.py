"""Budgets: how much of a line's time its polls ask for by the config, what is left, how long one may wait. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gatewayd.configured import ConfiguredSource
from gatewayd.plugin import Effort

BRIEF = 0.25
"""A turn that takes up to so many of its neighbours' shortest interval is brief: it is not put off."""
SEEK = 2.0
"""So many of its neighbours' shortest intervals a long turn is put off at most, and never beyond its own one."""

FULL = 0.98
"""The load above which nothing is said about waits: they grow without a limit as it comes near 1."""
MOST_CASES = 1000
"""Cases of one neighbour that are looked at: there are more on lines that are as good as full alone."""


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
    """A line and all that is polled on it; `name` and `terms` are as in `Line`, empty if a source has it alone."""

    def __init__(self, name: str, terms: str, polls: Sequence[PollBudget]) -> None:
        self.name = name
        self.terms = terms
        self.polls = polls

    @property
    def is_known(self) -> bool:
        """Whether it is known how long everything takes."""
        return all(poll.is_known for poll in self.polls)

    @property
    def load(self) -> float:
        """The part of its time that is asked for, as far as it is known; more than 1 is too much."""
        return sum(poll.share for poll in self.polls)

    def shortest_interval(self, poll: PollBudget) -> float:
        """How often a poll could be made if all others stay as they are: seconds; infinite if they leave no time."""
        left = 1.0 - (self.load - poll.share)
        return max(poll.seconds / left, poll.seconds) if left > 1e-9 else math.inf

    def longest_wait(self, poll: PollBudget) -> float:
        """How many seconds a poll waits at worst from when it is due until its turn, while all devices answer.

        All others are due just then, and the longest turn of a less urgent one has just begun. Infinite when there is
        hardly time for everything.
        """
        others = [other for other in self.polls if other is not poll]
        wait = 0.0 if not others else math.inf if self.load > FULL else self._worst(poll, others)
        return wait + self._put_off(poll)

    def _worst(self, poll: PollBudget, others: Sequence[PollBudget]) -> float:
        """The worst case of turns by deadline that are not interrupted.

        After L. George, N. Rivierre, M. Spuri: Preemptive and Non-Preemptive Real-Time UniProcessor Scheduling (INRIA,
        1996): the poll is due `late` seconds after all others were due at once, for each `late` that may matter.
        """
        busy = self._busy()
        lates = {0.0}
        for interval, urgency in {(other.interval, self._urgency(other)) for other in others}:
            first = (urgency - poll.interval) % interval
            count = min(math.ceil((busy - first) / interval), MOST_CASES)
            lates |= {first + k * interval for k in range(count)}
        return max(self._wait(poll, others, late) for late in lates)

    def _wait(self, poll: PollBudget, others: Sequence[PollBudget], late: float) -> float:
        """How long the poll waits that is due `late` seconds after all others were."""
        urgent = late + poll.interval
        before = [other for other in others if self._urgency(other) <= urgent]
        blocking = max((other.seconds for other in others if self._urgency(other) > urgent), default=0.0)
        own = math.floor(late / poll.interval) * poll.seconds
        begin = 0.0
        while True:
            turns = (
                (1 + min(math.floor(begin / each.interval), math.floor((urgent - self._urgency(each)) / each.interval)))
                * each.seconds
                for each in before
            )
            then = blocking + own + sum(turns)
            if then <= begin + 1e-9:
                return max(0.0, begin - late)
            begin = then

    def _busy(self) -> float:
        """How long the line is busy without a pause at most."""
        length = sum(poll.seconds for poll in self.polls)
        while True:
            longer = sum(math.ceil(length / poll.interval) * poll.seconds for poll in self.polls)
            if longer <= length + 1e-9:
                return length
            length = longer

    def _urgency(self, poll: PollBudget) -> float:
        """Within how many seconds it must begin; a long one that was put off must at once."""
        return 0.0 if self._put_off(poll) else poll.interval

    def _put_off(self, poll: PollBudget) -> float:
        """For how many seconds at most a turn is put off because it is long."""
        shortest = min((each.interval for each in self.polls if each.source != poll.source), default=math.inf)
        return min(SEEK * shortest, poll.interval) if poll.seconds > BRIEF * shortest else 0.0


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
    return LineBudget(line.name, line.terms, polls) if line else LineBudget("", "", polls)
