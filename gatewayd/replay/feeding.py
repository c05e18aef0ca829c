"""Feeding: rows of a recording become what the daemon would have fed the engine: polls, and ticks between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gatewayd.engine.plan import Condition, Plan
from gatewayd.foreign import one_line
from gatewayd.model import NO_REASONS, Bytes, Floats, Input, Polled, Quality, Tick
from gatewayd.replay.chunks import Chunk

SECOND = 1_000_000_000
TICK = SECOND // 2
"""As often as the daemon ticks."""
SELDOM = 3600 * SECOND
"""Between ticks when nothing can come of them any more."""
LEAST_PATIENCE = 600 * SECOND
INTERVALS = 20
"""After how many intervals without a value nothing waits for it any more, at least."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The channels of a group that some columns of a chunk feed, and what a chunk has of them.

    `columns` are those of the chunk, `places` theirs within the group, `names` the channels' within the source.
    """

    group: int
    width: int
    columns: Sequence[int]
    places: Sequence[int]
    names: Sequence[str]

    def arrays(self, chunk: Chunk) -> tuple[Floats, Bytes, list[bool]]:
        """The values and qualities of the group in each row, and whether there is a new one."""
        rows = len(chunk.lines)
        values = np.full((rows, self.width), np.nan)
        qualities = np.full((rows, self.width), Quality.ABSENT, dtype=np.uint8)
        values[:, self.places] = chunk.values[:, self.columns]
        qualities[:, self.places] = chunk.qualities[:, self.columns]
        return values, qualities, (qualities != Quality.ABSENT).any(axis=1).tolist()

    def reasons(self, texts: Mapping[int, str]) -> dict[str, str]:
        """Why some values of a row are not good: what its cells have instead."""
        own = zip(self.columns, self.names, strict=True)
        return {name: one_line(f"{texts[column]!r} in the recording") for column, name in own if column in texts}


class Feeding:
    """What is to be fed of each row whose columns are the plan's channels of these numbers."""

    def __init__(self, plan: Plan, channels: Sequence[int]) -> None:
        self._gathered = list(_gathered(plan, channels))
        self._patience = patience(plan)
        self._ticking = ticks_matter(plan)

    def rows(self, chunk: Chunk) -> list[list[Polled]]:
        """The polls of each row of a chunk."""
        polls: list[list[Polled]] = [[] for _ in chunk.lines]
        times = chunk.times.tolist()
        for each in self._gathered:
            values, qualities, has = each.arrays(chunk)
            for row, time in enumerate(times):
                if has[row]:
                    texts = chunk.texts.get(row)
                    reasons = NO_REASONS if texts is None else each.reasons(texts)
                    polls[row].append(Polled(each.group, time, values[row], qualities[row], reasons))
        return polls

    def ticks(self, last: int, time: int) -> Iterator[Input]:
        """The ticks between the rows of two times, if anything can come of them.

        What a silence leads to comes within the plan's patience. So a month without rows needs no ticks to its end.
        """
        if not self._ticking:
            return
        begin = last - last % TICK + TICK
        busy = min(time, begin + self._patience)
        for at in range(begin, busy, TICK):
            yield Tick(at)
        for at in range(busy, time, SELDOM):
            yield Tick(at)


def ticks_matter(plan: Plan) -> bool:
    """Whether anything can come of time alone: a silence, or the end of a waveform.

    What else waits in the engine waits for operators, who give no orders while rows are replayed, or for values.
    """
    return bool(plan.bursts or plan.calculations) or any(rule.condition is Condition.STALE for rule in plan.rules)


def patience(plan: Plan) -> int:
    """The ns of silence after which all of the plan that waits for something has waited long enough."""
    waits = [rule.span + rule.on_delay + rule.off_delay for rule in plan.rules]
    intervals = [group.interval for group in plan.groups]
    longest = max(waits, default=0) + INTERVALS * max(intervals, default=0) + plan.alarms.span
    return (max(LEAST_PATIENCE, longest) // TICK + 1) * TICK


def _gathered(plan: Plan, channels: Sequence[int]) -> Iterator[Gathered]:
    columns = {channel: column for column, channel in enumerate(channels)}
    for number, group in enumerate(plan.groups):
        places = [place for place, channel in enumerate(group.channels) if channel in columns]
        if places:
            own = [group.channels[place] for place in places]
            names = [plan.channels[channel].short_name for channel in own]
            yield Gathered(number, len(group.channels), [columns[channel] for channel in own], places, names)
