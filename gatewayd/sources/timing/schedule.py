"""Schedules: when a poll is due, at a fixed rate that does not drift, and how many polls were missed."""

from __future__ import annotations

import math

GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
"""Multiples of it, without their whole parts, fill the range from 0 to 1 evenly, however many there are."""
MOST_EARLY = 10.0
"""Seconds of head start at most: what is seldom polled is not polled twice in a row."""

TOGETHER = 20
"""Lines that keep the same instants: what comes together costs half as much as what comes one by one."""


class Schedule:
    """Due times `first + n * interval`, in seconds of any clock that never goes back.

    The first poll is due at once; the grid of due times begins when it is taken. With a head start the second one, and
    the whole grid, is due so many seconds earlier. One that is slowed down is due less often, off the grid; what is
    missed is counted on the grid all the same: it is what the config asks for.
    """

    __slots__ = ("_first", "_head_start", "_number", "deadline", "due", "every", "interval")

    def __init__(self, interval: float, head_start: float = 0.0) -> None:
        self._head_start = head_start
        self.interval = interval
        self.every = interval
        """Seconds from one due time to the next: `interval`, or more while it is slowed down."""
        self.due = 0.0
        self.deadline = interval
        """When the poll must have been taken to stand for itself: later than that, it is missed."""
        self._first: float | None = None
        self._number = 0

    @property
    def is_slowed(self) -> bool:
        """Whether it is due less often than the config asks for."""
        return self.every > self.interval

    def take(self, now: float) -> int:
        """Take the poll that is due at `now` and give the number of polls before it that were missed.

        A poll that is late by whole intervals stands for the last of those due; the ones before it are skipped.
        """
        if self._first is None:
            self.due = now
            self._first = now - self._head_start
        on_grid = self._first + self._number * self.interval
        missed = int((now - on_grid) / self.interval) if now > on_grid else 0
        self._number += missed + 1
        if self.every > self.interval:
            late = int((now - self.due) / self.every) if now > self.due else 0
            self.due += (late + 1) * self.every
        else:
            self.due = self._first + self._number * self.interval
        self.deadline = self.due + self.every
        return missed

    def pace(self, every: float) -> None:
        """Be due every so many seconds, but not more often than the config asks for.

        What is slower holds from the next poll on; what is quicker brings that forward.
        """
        every = max(self.interval, every)
        quicker = every < self.every
        self.every = every
        if quicker and self._first is not None:
            before = 2.0 * self.due - self.deadline
            on_grid = self._first + self._number * self.interval
            self.due = min(self.due, max(on_grid, before + every) if self.is_slowed else on_grid)
            self.deadline = self.due + every


def head_start(line: int, interval: float) -> float:
    """The head start of what is polled on a line of this number (from 0), less than the interval.

    All lines begin at the same moment; without it hundreds would be due at one instant, again and again.
    """
    return (line // TOGETHER * GOLDEN) % 1.0 * min(interval, MOST_EARLY)
