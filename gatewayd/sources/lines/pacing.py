"""Pacing: sources that ask too much of their line are polled less often, so that the others have what they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gatewayd.sources.health.slowness import Slowed
from gatewayd.sources.lines.polled import HARM, PolledSource, ScheduledPoll
from gatewayd.sources.timing.shares import fair_shares
from gatewayd.sources.timing.slack import Coming, least_harm

REVIEW = 2.0
"""Seconds between reviews, at least."""
BUDGET = 0.9
"""The part of a line's time that is given away. The rest is for what fails, and for the unforeseen."""
WORTH_TELLING = 1.1
"""A poll is called slowed when there is so many times its interval from one to the next, or more."""


class Pacing:
    """The paces of all polls of the sources that share a line.

    Each source gets its fair share of the line's time, and each of its polls a fair share of that, by what their turns
    were measured to take. A poll whose turns are so long that neighbours miss theirs comes no more often than is good
    for these. Quarantined ones have other limits and take no part.
    """

    def __init__(self, sources: Sequence[PolledSource]) -> None:
        self._sources = sources
        self._next = 0.0

    def review(self, now: float) -> None:
        """Give all polls their paces, if it is time to do so."""
        if now < self._next:
            return
        self._next = now + REVIEW
        if not self._at_ease():
            self._judge()

    def _at_ease(self) -> bool:
        """Whether all have the pace that they ask for, and will keep it: nearly always, so that it is seen quickly."""
        load = 0.0
        for source in self._sources:
            if not source.health.slowness.at_rest:
                return False
            for poll in source.polls:
                schedule, measured = poll.schedule, poll.measured
                if schedule.is_slowed or measured.usual > poll.brief or poll.is_quarantined:
                    return False
                load += measured.mean / schedule.interval
        return load <= BUDGET

    def _judge(self) -> None:
        asking = [[poll for poll in source.polls if not poll.is_quarantined] for source in self._sources]
        fair = dict(_fair_paces(asking))
        for source, polls in zip(self._sources, asking, strict=True):
            for poll in polls:
                poll.schedule.pace(max(fair[poll], _bearable(poll, fair)))
            if polls:
                source.health.slowness.judge(_slowed(polls))
            else:
                source.health.slowness.rest()


def _fair_paces(asking: Sequence[Sequence[ScheduledPoll]]) -> Iterator[tuple[ScheduledPoll, float]]:
    """How many seconds there must be between the turns of each poll for the sake of the line's time."""
    shares = fair_shares([sum(map(_demand, polls)) for polls in asking], BUDGET)
    for polls, share in zip(asking, shares, strict=True):
        demands = [_demand(poll) for poll in polls]
        for poll, demand, part in zip(polls, demands, fair_shares(demands, share), strict=True):
            yield poll, poll.measured.mean / part if part < demand else poll.schedule.interval


def _bearable(poll: ScheduledPoll, fair: Mapping[ScheduledPoll, float]) -> float:
    """How many seconds there must be between the turns of a poll for the sake of its neighbours' polls."""
    blame = poll.blame if poll.measured.usual > poll.brief else 0.0
    if not blame:
        return 0.0
    others = [
        Coming(0.0, every, other.measured.mean) for other, every in fair.items() if other.source is not poll.source
    ]
    return blame * least_harm(poll.measured.usual, others) / HARM


def _demand(poll: ScheduledPoll) -> float:
    """The part of the line's time that a poll would take at the interval of the config."""
    return poll.measured.mean / poll.schedule.interval


def _slowed(polls: Sequence[ScheduledPoll]) -> tuple[Slowed, ...]:
    paces = (Slowed(poll.schedule.interval, poll.schedule.every, poll.measured.usual) for poll in polls)
    return tuple(pace for pace in paces if pace.every >= WORTH_TELLING * pace.interval)
