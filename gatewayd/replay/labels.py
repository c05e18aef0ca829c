"""Labels: what a recording says of itself, and how alarms and change points compare with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gatewayd.replay.alarms import Episode
from gatewayd.replay.chunks import Flags
from gatewayd.replay.times import Times

SOON = 60_000_000_000
"""ns after a labelled change within which one must be told to be the one that is meant."""


@dataclass(slots=True)
class Span:
    """Labelled rows without an unlabelled one between them: the times of the first and the last."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Score:
    """How alarms about machines compare with labels.

    `delays` (ns) are those of the spans that were `found`: 0 where the alarm was there before. `false` are alarms that
    have no labelled row between their beginning and their end.
    """

    spans: int
    delays: tuple[int, ...]
    false: tuple[Episode, ...]

    @property
    def found(self) -> int:
        """How many spans have an alarm."""
        return len(self.delays)


@dataclass(slots=True)
class Labels:
    """What is labelled, row by row, and how many rows of each kind had an alarm."""

    spans: list[Span] = field(default_factory=list)
    changes: list[int] = field(default_factory=list)
    labelled: int = 0
    healthy: int = 0
    labelled_in_alarm: int = 0
    healthy_in_alarm: int = 0
    _inside: bool = False

    def take(self, times: Times, flags: Flags, alarms: Flags) -> None:
        """Further rows: whether they are labelled, and whether an alarm is raised."""
        self.labelled += int(flags.sum())
        self.healthy += int((~flags).sum())
        self.labelled_in_alarm += int((flags & alarms).sum())
        self.healthy_in_alarm += int((~flags & alarms).sum())
        edges = np.flatnonzero(np.diff(flags, prepend=self._inside)).tolist()
        for begin, end in zip([0, *edges], [*edges, len(flags)], strict=True):
            if begin < end and flags[begin]:
                self._extend(int(times[begin]), int(times[end - 1]), anew=not self._inside)
            if begin < end:
                self._inside = bool(flags[begin])

    def take_changes(self, times: Times, flags: Flags) -> None:
        """Further rows: whether they are labelled as a change."""
        self.changes += times[flags].tolist()

    def score(self, episodes: Sequence[Episode], end: int) -> Score:
        """Compare with alarms; `end` is the time of the last row."""
        machine = [each for each in episodes if each.of_machine]
        delays = []
        for span in self.spans:
            meeting = [each for each in machine if each.begun <= span.end and each.until(end) >= span.begin]
            if meeting:
                delays.append(max(0, meeting[0].begun - span.begin))
        false = [each for each in machine if not any(_meet(each, span, end) for span in self.spans)]
        return Score(len(self.spans), tuple(delays), tuple(false))

    def changes_found(self, told: Sequence[int]) -> int:
        """How many labelled changes have one told soon after."""
        times = np.asarray(told, dtype=np.int64)
        return sum(bool(((times >= each) & (times <= each + SOON)).any()) for each in self.changes)

    def _extend(self, begin: int, end: int, *, anew: bool) -> None:
        if anew or not self.spans:
            self.spans.append(Span(begin, end))
        else:
            self.spans[-1].end = end


def _meet(episode: Episode, span: Span, end: int) -> bool:
    return episode.begun <= span.end and episode.until(end) >= span.begin
