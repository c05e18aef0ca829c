"""Suspicion: finds the message at which the broker hangs up each time, so that it does not block all others."""

from __future__ import annotations

from gatewayd.uplink.row import Row

STRIKES = 3
"""Connections lost in a row with the same first unanswered row, after which it is sent alone."""


class Suspicion:
    """The row that was the first without an answer when connections were lost, and how often in a row."""

    def __init__(self) -> None:
        self._row: Row | None = None
        self._strikes = 0

    def accuses(self, row: Row) -> bool:
        """Whether this row must be sent alone, to be sure."""
        return self._strikes >= STRIKES and self._is(row)

    def lost(self, row: Row) -> bool:
        """A connection was lost and this row was the first without an answer. True: it is guilty."""
        guilty = self.accuses(row)
        self._strikes = self._strikes + 1 if self._is(row) else 1
        self._row = row
        return guilty

    def answered(self, row: Row) -> None:
        """The broker has answered: whatever it was, it was not this row."""
        if self._is(row):
            self._row, self._strikes = None, 0

    def _is(self, row: Row) -> bool:
        return self._row is not None and (self._row.epoch, self._row.id) == (row.epoch, row.id)
