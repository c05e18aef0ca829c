"""Playing: the rows of recordings go through the engine, and what each of them led to is noted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatewayd.config import Config
from gatewayd.model import Floats, Polled
from gatewayd.replay.chunks import Chunk, Flags
from gatewayd.replay.feeding import Feeding
from gatewayd.replay.judging import Judging
from gatewayd.replay.labels import Labels
from gatewayd.replay.times import UNREADABLE
from gatewayd.replay.traces import Traces


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rows of a chunk led to: whether a machine alarm is raised, a change is told, and the health score.

    The score is NaN where there is none.
    """

    chunk: Chunk
    anomalies: Flags
    changes: Flags
    scores: Floats


class Playing:
    """The engine of a config, fed with the rows of recordings whose columns are channels of these numbers."""

    def __init__(self, config: Config, channels: Sequence[int]) -> None:
        self._judging = judging = Judging(config)
        self._feeding = Feeding(config.plan, channels)
        self._last: int | None = None
        self._measured = Traces(len(channels))
        self.outcome = judging.outcome()
        self.outcome.traces |= {number: (self._measured, column) for column, number in enumerate(channels)}

    def play(self, chunk: Chunk) -> Judged:
        """Feed the rows of a chunk."""
        begun, judging = time.perf_counter(), self._judging
        fed, anomalies, changes, scores = [], [], [], []
        for at, polls in zip(chunk.times.tolist(), self._feeding.rows(chunk), strict=True):
            fed.append(self._fed(at, polls))
            anomalies.append(judging.raised)
            changes.append(judging.changed)
            scores.append(judging.score)
            judging.changed = False
        judging.settle()
        judged = Judged(chunk, np.array(anomalies), np.array(changes), np.array(scores))
        self._count(judged, np.array(fed))
        self.outcome.seconds += time.perf_counter() - begun
        return judged

    def _fed(self, at: int, polls: Sequence[Polled]) -> bool:
        """Feed a row, unless its time does not let it."""
        last, judging = self._last, self._judging
        if at == UNREADABLE or (last is not None and at <= last):
            return False
        if last is not None:
            for tick in self._feeding.ticks(last, at):
                judging.feed(tick)
        for poll in polls:
            judging.feed(poll)
        self._last = at
        return True

    def _count(self, judged: Judged, fed: Flags) -> None:
        outcome, chunk = self.outcome, judged.chunk
        if not (outcome.left_out or fed.all()):
            outcome.first_left_out = chunk.lines[int(fed.argmin())]
        outcome.left_out += int((~fed).sum())
        outcome.short += chunk.short
        times = chunk.times[fed]
        if len(times):
            outcome.first = outcome.first if outcome.rows else int(times[0])
            outcome.last = int(times[-1])
        if len(times) > 1 and not outcome.step:
            outcome.step = int(np.median(np.diff(times)))
        outcome.rows += len(chunk.lines)
        self._measured.add(times, chunk.values[fed])
        self._compare(judged, fed)

    def _compare(self, judged: Judged, fed: Flags) -> None:
        chunk, times = judged.chunk, judged.chunk.times[fed]
        if chunk.labels is None and chunk.changes is None:
            return
        labels = self.outcome.labels = self.outcome.labels or Labels()
        if chunk.labels is not None:
            labels.take(times, chunk.labels[fed], judged.anomalies[fed])
        if chunk.changes is not None:
            labels.take_changes(times, chunk.changes[fed])
