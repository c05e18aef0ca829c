"""Order: which poll of a line has the next turn, and when; what takes long waits until it harms nobody, if it can."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from operator import attrgetter

from gatewayd.budget import BRIEF, SEEK
from gatewayd.sources.lines.polled import ScheduledPoll
from gatewayd.sources.timing.quarantine import COST_FACTOR
from gatewayd.sources.timing.slack import Coming, harm

PATIENCE = 60.0
"""Seconds after which what is quarantined no longer lets everything else go first."""

DEADLINE = attrgetter("schedule.deadline")
TURN = attrgetter("turn")


class Order:
    """The order of turns on one line. Times are seconds of one clock.

    First is what must begin first so as not to be missed. What is quarantined comes after all that answers.
    """

    def __init__(self, polls: Sequence[ScheduledPoll]) -> None:
        self._gate = 0.0
        """When the line has time again for what is quarantined."""
        self._polls = polls
        for poll in polls:
            others = [other.schedule.interval for other in polls if other.source is not poll.source]
            poll.brief = BRIEF * min(others, default=math.inf)

    def next(self, now: float) -> tuple[float, ScheduledPoll]:
        """Which poll is next and when: it has its turn if that is not later than `now`, else ask again then."""
        ready: list[ScheduledPoll] = []
        last: list[ScheduledPoll] = []
        then, first = math.inf, self._polls[0]
        for poll in self._polls:
            at = poll.schedule.due
            if now < at >= then:
                continue
            quarantined = poll.is_quarantined
            if quarantined:
                at = poll.ready(self._gate)
            if at <= now:
                (last if quarantined and at + PATIENCE > now else ready).append(poll)
            elif at < then:
                then, first = at, poll
        ready.sort(key=DEADLINE)
        if last:
            ready += sorted(last, key=TURN)
        for poll in ready:
            at = now if poll.is_brief else self._start(poll, now)
            if at <= now:
                return now, poll
            if at < then:
                then, first = at, poll
        return then, first

    def failed(self, poll: ScheduledPoll, now: float, cost: float) -> None:
        """A poll failed, which cost others `cost` seconds: what is quarantined has one share of the time together."""
        if poll.is_quarantined:
            self._gate = now + COST_FACTOR * cost

    def _start(self, poll: ScheduledPoll, now: float) -> float:
        """When a long turn that is ready may begin, as it looks now. If that is `now`, it does."""
        if now < poll.put_off and now + poll.expected > self._next_deadline(poll):
            return poll.put_off  # nothing is different, so that there is no need to reckon again
        harms = harm(poll.expected, self._coming(poll), now)
        costs = poll.blame * harms
        start = now if not harms else max(self._sought(poll), poll.source.allowance.when(costs, now))
        if start > now:
            poll.put_off = start
            return start
        poll.put_off = 0.0
        poll.source.allowance.spend(costs, now)
        return now

    def _sought(self, poll: ScheduledPoll) -> float:
        """Until when a long turn waits for a moment at which it harms nobody."""
        sought = poll.ready(self._gate) + SEEK * poll.brief / BRIEF
        return sought if poll.is_quarantined else min(sought, poll.schedule.deadline)

    def _next_deadline(self, poll: ScheduledPoll) -> float:
        return min((other.schedule.deadline for other in self._others(poll)), default=math.inf)

    def _coming(self, poll: ScheduledPoll) -> list[Coming]:
        """What others have to be asked next."""
        return [Coming(other.schedule.due, other.schedule.every, other.measured.mean) for other in self._others(poll)]

    def _others(self, poll: ScheduledPoll) -> Iterator[ScheduledPoll]:
        """The polls of other sources that answer."""
        return (other for other in self._polls if other.source is not poll.source and not other.is_quarantined)
