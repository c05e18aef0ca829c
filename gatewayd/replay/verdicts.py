"""Verdicts on a trial: where the alarms of a replay are not what a config's test expects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from gatewayd.config.expectations import ANY, Expectation, Moment
from gatewayd.replay.alarms import Episode
from gatewayd.replay.labels import Span
from gatewayd.replay.outcome import Replayed
from gatewayd.replay.telling import lasting
from gatewayd.replay.times import read_time, shown

TOLERANCE = 1_000_000_000
"""ns by which a time or a length may be off."""
DAY = 86_400_000_000_000


@dataclass(frozen=True, slots=True)
class Difference:
    """What was expected, and what came instead."""

    expected: str
    got: str


def differences(replayed: Replayed, expectations: Sequence[Expectation]) -> list[Difference]:
    """All of them: every alarm must be expected, unless anything else may be raised."""
    check = _Check(replayed)
    found = [difference for each in expectations for difference in check.expect(each)]
    if not any(each.others for each in expectations):
        found += [
            Difference("nothing else" if expectations else "nothing", check.told(each)) for each in check.left_untold()
        ]
    return found


class _Check:
    """The alarms of a replay; `left` are those that nobody has expected yet."""

    def __init__(self, replayed: Replayed) -> None:
        outcome = replayed.outcome
        self.left = list(outcome.alarms.episodes)
        self._all = tuple(self.left)
        self._instead_told: list[Episode] = []
        self._first, self._last = outcome.first, outcome.last
        self._dated = replayed.dated
        self._spans = outcome.labels.spans if outcome.labels is not None else []

    def expect(self, each: Expectation) -> Iterator[Difference]:
        """Take the alarms that are meant from those that are left."""
        if each.within is not None:
            yield from self._near_labels(each, each.within)
        elif each.begin is not None and each.end is not None:
            yield from self._between(each, self._time(each.begin), self._time(each.end))

    def left_untold(self) -> list[Episode]:
        """Those that are left, but for what was told in place of an expected one already."""
        return [each for each in self.left if not any(each is told for told in self._instead_told)]

    def told(self, episode: Episode) -> str:
        """An alarm in words."""
        after = _offset(episode.begun - self._first)
        clock = f" ({shown(episode.begun, dated=True)})" if self._dated else ""
        length = _offset(episode.until(self._last) - episode.begun)
        still = " to the end" if episode.ended is None else ""
        return f"{episode.rule} at {after}{clock} for {length}{still}: {episode.raised.reason}"

    def _between(self, each: Expectation, begin: int, end: int) -> Iterator[Difference]:
        slack = TOLERANCE if begin == end else 0
        own = [episode for episode in self.left if each.rule in (ANY, episode.rule)]
        meant = [episode for episode in own if begin - slack <= episode.begun <= end + slack]
        if not meant:
            yield Difference(each.text, self._instead(each, own, begin))
            return
        self.left.remove(meant[0])
        length = meant[0].until(self._last) - meant[0].begun
        if each.lasting is not None and abs(length - each.lasting) > TOLERANCE:
            yield Difference(each.text, self.told(meant[0]))

    def _near_labels(self, each: Expectation, within: int) -> Iterator[Difference]:
        if not self._spans:
            yield Difference(each.text, "the recording labels nothing")
        for span in self._spans:
            own = [episode for episode in self._all if each.rule in (ANY, episode.rule)]
            if not any(span.begin <= episode.begun <= span.begin + within for episode in own):
                yield Difference(
                    f"{each.text}, which begin at {self._at(span.begin)}", self._instead(each, own, span.begin)
                )
            for episode in own:
                if episode in self.left and self._inside(episode, span):
                    self.left.remove(episode)

    def _inside(self, episode: Episode, span: Span) -> bool:
        return span.begin <= episode.begun <= span.end

    def _instead(self, each: Expectation, own: Sequence[Episode], time: int) -> str:
        """The alarm that comes nearest."""
        nearest = min(own, key=lambda episode: abs(episode.begun - time), default=None)
        if nearest is None:
            return "no alarm" if each.rule == ANY else f"no alarm of {each.rule}"
        self._instead_told.append(nearest)
        return self.told(nearest)

    def _at(self, time: int) -> str:
        clock = f" ({shown(time, dated=True)})" if self._dated else ""
        return f"{_offset(time - self._first)}{clock}"

    def _time(self, moment: Moment) -> int:
        clock = moment.clock
        if clock is None:
            return self._first + moment.after
        if isinstance(clock, datetime):
            return read_time(clock.isoformat())
        return self._of_day(clock)

    def _of_day(self, clock: time) -> int:
        """The first such time of day from the first row on."""
        into = timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)
        at = self._first - self._first % DAY + round(into.total_seconds() * 1e9)
        return at if at >= self._first else at + DAY


def _offset(ns: int) -> str:
    """A length of time as an expectation has it."""
    return lasting(ns).replace(" min", "m").replace(" ", "")
