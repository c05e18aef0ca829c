"""Room in the outbox: how much there is, and what is dropped, in which order, when there is too little."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from gatewayd.uplink.outbox.batch import DROP_ORDER, Batch
from gatewayd.uplink.outbox.database import PAGE, pragma
from gatewayd.uplink.outbox.ledger import Ledger
from gatewayd.uplink.outbox.readback import Numbers
from gatewayd.uplink.outbox.tables import ClassTable
from gatewayd.uplink.row import MessageClass

FULL = "the outbox was full"
SLACK = 32
"""Pages that are kept free for SQLite's own needs, besides a fiftieth of the file."""
AT_ONCE = 100
"""The part of the file that is made free at least, one in so many, once anything has to be dropped."""


class Room:
    """The pages of a file of at most `max_size` bytes."""

    def __init__(
        self, connection: sqlite3.Connection, tables: Mapping[MessageClass, ClassTable], max_size: int
    ) -> None:
        self._connection = connection
        self._tables = tables
        self.pages = max_size // PAGE

    @property
    def usable(self) -> int:
        """Pages that rows may fill."""
        return self.pages - self.pages // 50 - SLACK

    def used(self) -> int:
        """Pages that hold something."""
        return pragma(self._connection, "page_count") - pragma(self._connection, "freelist_count")

    def make(self, batch: Batch, ledger: Ledger) -> Numbers:
        """Drop, within a transaction, until the batch will fit; gives the last number that went of each class.

        First goes what was set aside, then the oldest readings, summaries, events.
        """
        missing = self.used() + pages_for(batch) - self.usable
        if missing <= 0:
            return {}
        target = self.usable - self.pages // AT_ONCE - pages_for(batch)
        self._forget_aside(ledger)
        dropped: dict[MessageClass, int] = {}
        for each in DROP_ORDER:
            while (missing := self.used() - target) > 0 and (last := self._drop(each, missing, ledger)):
                dropped[each] = last
        return dropped

    def _forget_aside(self, ledger: Ledger) -> None:
        if not any(account.aside for account in ledger.accounts.values()):
            return
        for each, account in ledger.accounts.items():
            ledger.forget_aside(each, account.aside)
        self._connection.execute("DELETE FROM aside")

    def _drop(self, message_class: MessageClass, pages: int, ledger: Ledger) -> int:
        """Drop the oldest rows of a class that fill so many pages; gives the last one's number, 0 if there are none."""
        table = self._tables[message_class]
        first = last = size = 0
        for last, length in table.sizes():
            first = first or last
            size += length
            if size >= pages * PAGE:
                break
        if not first:
            return 0
        told = [row.record() for row in table.read(0, last)] if message_class is MessageClass.EVENT else []
        ledger.lose(message_class, first, last, table.delete(first, last), FULL)
        for record in told:
            ledger.take_back(record, quiet=False)
        return last


def pages_for(batch: Batch) -> int:
    """Pages that a batch may need at most, roughly: rows share pages, long ones fill some of their own."""
    return ((batch.size + batch.saved_size) * 5 // 4 + batch.rows * 64) // PAGE + 16
