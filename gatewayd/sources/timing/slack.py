"""Slack: how many polls would be missed on a line if something long came first. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter


@dataclass(frozen=True, slots=True)
class Coming:
    """A poll that comes next, as it is foreseen: when it is `due`, how often, and the `seconds` that it takes.

    It must begin within `every` seconds after it is due: later than that, it is missed.
    """

    due: float
    every: float
    seconds: float

    @property
    def deadline(self) -> float:
        """When it must have begun."""
        return self.due + self.every


def harm(seconds: float, coming: Sequence[Coming], now: float) -> float:
    """What a turn of so many `seconds` costs others that begins `now`: the seconds for which they miss their polls.

    1 s: all of them miss what they poll in a second, or one in ten of them what it polls in ten. Only the next turn of
    each is looked at, which take place in the order of their deadlines. What they would miss anyway does not count.
    """
    inorder = sorted(coming, key=attrgetter("deadline"))
    more = _missed(inorder, now + seconds) - _missed(inorder, now)
    return more / sum(1 / each.every for each in inorder) if more > 0 else 0.0


def least_harm(seconds: float, others: Sequence[Coming]) -> float:
    """The same at the best moment there is: when all others have just had their turns, the most frequent last."""
    since, coming = 0.0, []
    for each in sorted(others, key=attrgetter("every")):
        since += each.seconds
        coming.append(Coming(each.every - since, each.every, each.seconds))
    return harm(seconds, coming, 0.0)


def _missed(coming: Sequence[Coming], begin: float) -> int:
    """How many polls are missed when they take their turns in this order from `begin` on."""
    missed = 0
    for each in coming:
        begin = max(begin, each.due)
        missed += int((begin - each.due) / each.every)
        begin += each.seconds
    return missed
