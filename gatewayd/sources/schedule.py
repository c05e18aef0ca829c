"""Schedules: when a poll is due, at a fixed rate that does not drift, and how many polls were missed."""

from __future__ import annotations


class Schedule:
    """Due times `first + n * interval`, in seconds of any clock that never goes back.

    The first poll is due at once; the grid of due times begins when it is taken.
    """

    __slots__ = ("_first", "_interval", "_number", "due")

    def __init__(self, interval: float) -> None:
        self.due = 0.0
        self._interval = interval
        self._first: float | None = None
        self._number = 0

    def take(self, now: float) -> int:
        """Take the poll that is due at `now` and give the number of polls before it that were missed.

        A poll that is late by whole intervals stands for the last of those due; the ones before it are skipped.
        """
        if self._first is None:
            self._first = self.due = now
        missed = int((now - self.due) / self._interval) if now > self.due else 0
        self._number += missed + 1
        self.due = self._first + self._number * self._interval
        return missed
