"""The baselines of a model: one for each operating point, of which one is at hand; versions are numbered over all."""

from __future__ import annotations

from collections.abc import Iterator

from gatewayd.models.baseline import Baseline
from gatewayd.models.card import Card, PointStatus
from gatewayd.models.describing import Subject
from gatewayd.models.points import Points
from gatewayd.records import Stamp

FIRST = "it has learned nothing yet"


class Baselines:
    """All baselines, by the number of their operating point; `place` is that of the one at hand."""

    def __init__(self, subject: Subject, points: Points) -> None:
        self.all = [Baseline(subject, name, FIRST) for name in points.names]
        self.place = 0
        self.frozen = False
        self._subject = subject
        self._points = points

    @property
    def now(self) -> Baseline:
        """The one at hand."""
        return self.all[self.place]

    def turn_to(self, value: float) -> bool:
        """Take up that of the operating point of a value; whether it is another one."""
        before, self.place = self.place, self._points.at(value)
        return self.place != before

    def learned(self, stamp: Stamp) -> Card:
        """What was learned at the present point is a new version."""
        card = self.now.learned(stamp, self._next_version())
        self.freeze(frozen=self.frozen)
        return card

    def relearn(self, why: str) -> None:
        """Begin anew at all points; what was learned stays in force until there is something better."""
        for baseline in self.all:
            baseline.relearn(why)

    def freeze(self, *, frozen: bool) -> None:
        """Stop adaptation, or let it go on."""
        self.frozen = frozen
        for baseline in self.all:
            if baseline.scoring is not None:
                baseline.scoring.freeze(adapts=self._subject.adapt and not frozen)

    def accept(self, stamp: Stamp, why: str, *, rebase: bool) -> Card | None:
        """The present state is normal: see `Baseline.accept`."""
        card = self.now.accept(stamp, self._next_version(), why, rebase=rebase)
        self.freeze(frozen=self.frozen)
        return card

    def roll_back(self, number: int) -> int | None:
        """Put version `number` in force at the point that it was learned at, or the one before (0) at the present one.

        The point's place; None when there is no such version that is not in force.
        """
        places = range(len(self.all)) if number else [self.place]
        found = next((place for place in places if self.all[place].roll_back(number)), None)
        self.freeze(frozen=self.frozen)
        return found

    def begin_anew(self, place: int, why: str) -> None:
        """Learn everything anew at one point."""
        self.all[place] = Baseline(self._subject, self.all[place].point, why)

    def tenths(self) -> int:
        """How many tenths are behind the learners of all points, together."""
        return sum(int(10 * each.learner.progress) for each in self.all if each.learner is not None)

    def cards(self) -> Iterator[Card]:
        """Those of all versions, by the points that they were learned at."""
        return (version.card for baseline in self.all for version in baseline.versions.all)

    def statuses(self) -> Iterator[PointStatus]:
        """How each point stands."""
        for each in self.all:
            version = 0 if each.card is None else each.card.version
            progress = None if each.learner is None else each.learner.progress
            yield PointStatus(point=each.point, version=version, progress=progress)

    def _next_version(self) -> int:
        return 1 + max((card.version for card in self.cards()), default=0)
