"""Schedules: when a poll is due, at a fixed rate that does not drift, and how many polls were missed."""

from __future__ import annotations


class Schedule:
    """Due times `first + n * interval`, in seconds of any clock that never goes back.

    The first poll is due at once; the grid of due times begins when it is taken. One that is slowed down is due less
    often, off the grid; what is missed is counted on the grid all the same: it is what the config asks for.
    """

    __slots__ = ("_first", "_number", "deadline", "due", "every", "interval")

    def __init__(self, interval: float) -> None:
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
            self._first = self.due = now
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
        """Be due every so many seconds from the next poll on, but not more often than the config asks for."""
        self.every = max(self.interval, every)
