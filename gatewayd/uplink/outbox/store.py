"""The store: the outbox on disk. Each change is one transaction; what a commit gives back survives a power cut."""

from __future__ import annotations

import contextlib
import sqlite3
import time
import uuid
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from gatewayd.records import AnyRecord, Loss, Saved, Stamp
from gatewayd.state import disk
from gatewayd.uplink.outbox import database
from gatewayd.uplink.outbox.batch import Batch
from gatewayd.uplink.outbox.boots import Boots
from gatewayd.uplink.outbox.commit import Commit, Predecessor
from gatewayd.uplink.outbox.database import Damaged, damage_told
from gatewayd.uplink.outbox.identity import CLASSES, class_and_seq, row_id, runs
from gatewayd.uplink.outbox.ledger import Ledger
from gatewayd.uplink.outbox.migrations import migrate
from gatewayd.uplink.outbox.readback import Numbers, ReadBack, SizedRow, read_oldest, read_rows, read_saved
from gatewayd.uplink.outbox.room import FULL, Room
from gatewayd.uplink.outbox.soundness import inspect
from gatewayd.uplink.outbox.tables import ClassTable
from gatewayd.uplink.row import MessageClass, Row

NOT_STORED = "it did not fit into the memory for what is to be stored"
REPORT = 10.0
"""Seconds between records of losses, so that an endless loss does not fill the outbox with them."""

_encode = msgspec.msgpack.Encoder().encode


class Store:
    """An open outbox file, for one thread at a time. Anything raises sqlite3.Error (the disk) or Damaged (the file)."""

    def __init__(self, path: Path, connection: sqlite3.Connection, max_size: int, epoch: str) -> None:
        self.path = path
        self.epoch = epoch
        self.gateway = ""
        """The id of the gateway that it belongs to; empty if that is not known."""
        self.ledger = Ledger(epoch)
        """The accounts as of the last commit; not to be changed."""
        self.saved: Mapping[tuple[str, str], Saved] = {}
        """The saved parts of the engine's state as of the last commit, in the order in which they were written.

        It is another object after each commit that changes them.
        """
        self.boots = Boots(connection)
        self._max_size = max_size
        self._connection = connection
        self._tables = {each: ClassTable(connection, each) for each in CLASSES}
        self._room = Room(connection, self._tables, max_size)
        self._batch = 0
        self._reported = -REPORT

    @classmethod
    def open(cls, path: Path, max_size: int) -> Store | None:
        """Open an outbox; None if there is none yet. Raises OutboxError if it is none of ours to touch."""
        if not path.exists():
            return None
        with database.connected(path, max_size) as connection:
            if database.is_empty(connection):
                connection.close()
                return None
            store = cls(path, connection, max_size, inspect(connection, path))
            migrate(connection, store.epoch)
            store._load()
        return store

    @classmethod
    def begin(cls, path: Path, max_size: int, why: str, before: Predecessor) -> tuple[Store, list[SizedRow]]:
        """Make a new outbox and with it a new epoch; gives the rows that say so, too. Raises OSError as well."""
        with database.connected(path, max_size) as connection:
            store = cls(path, connection, max_size, uuid.uuid4().hex[:16])
            begun = before.followed_by(store.epoch, why)
            with store._transaction() as ledger:
                database.lay_out(connection, store.epoch)
                store.boots.take_over(before.datings)
                told = [(record, _encode(record)) for record in (begun, *before.told)]
                rows = store._enter(MessageClass.EVENT, told, ledger)
                store.saved = store._save(before.saved)
                database.note_owner(connection, before.gateway)
            store.gateway = before.gateway
            disk.sync_folder(path.parent)
        return store, rows

    @classmethod
    def stand_in(cls, path: Path, max_size: int) -> Store:
        """An empty one in memory, in which nothing is stored: for as long as none can be opened at `path`."""
        connection = database.connect(Path(":memory:"), max_size)
        database.lay_out(connection, "")
        return cls(path, connection, max_size, "")

    def commit(self, batch: Batch) -> Commit:
        """Do all that the batch asks for, or raise and have done nothing."""
        with damage_told():
            with self._transaction() as ledger:
                self._depart(batch, ledger)
                dropped = self._room.make(batch, ledger)
                rows = [row for each in CLASSES for row in self._arrive(each, batch, ledger)]
                saved = self._save(batch.saved)
                noted = self.boots.note()
            self.saved = saved
            self.boots.remember(noted)
        return Commit(rows, dropped)

    def prove(self) -> None:
        """Write something, although nothing changes: the version in the file's header."""
        with damage_told(), self._transaction():
            self._connection.execute(f"PRAGMA user_version = {database.VERSION}")

    def last(self) -> Numbers:
        """The last number given in each class."""
        return {each: account.given for each, account in self.ledger.accounts.items()}

    def remains(self) -> Predecessor:
        """What another outbox must know that takes the place of this one."""
        return Predecessor(self.epoch, self.last(), self.saved, self.gateway)

    def read(self, after: Numbers, upto: Numbers) -> ReadBack:
        """Some of the oldest rows with `after` < number <= `upto`."""
        with damage_told():
            return read_rows(self._tables, self.epoch, after, upto)

    def oldest(self) -> Stamp | None:
        """When the row that has waited longest came to be."""
        with damage_told():
            return read_oldest(self._tables)

    def used(self) -> int:
        """Bytes of the file that hold something."""
        with damage_told():
            return self._room.used() * database.PAGE

    def checkpoint(self) -> None:
        """Move everything from the log into the file, so that the log's room can be used again."""
        with damage_told():
            self._connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()

    def stop_growing(self) -> None:
        """Have the file count as full at its present size: there is no room on the disk for more."""
        self.checkpoint()
        self._limit(self.path.stat().st_size // database.PAGE)

    def copy(self, target: Path) -> None:
        """Write all of it to another file."""
        with damage_told(), contextlib.closing(sqlite3.connect(target)) as other:
            self._connection.backup(other)

    @property
    def limit(self) -> int:
        """Bytes that the file may have now."""
        return self._room.pages * database.PAGE

    @property
    def usable(self) -> int:
        """Bytes of it that rows may fill."""
        return self._room.usable * database.PAGE

    @property
    def cramped(self) -> bool:
        """Whether the file may not grow."""
        return self._room.pages < self._max_size // database.PAGE

    def grow_again(self) -> None:
        """Let the file grow to its full size again."""
        self._limit(self._max_size // database.PAGE)

    def resize(self, max_size: int) -> None:
        """Have so many bytes from now on; what is too much goes at the next commit. A file never gets smaller again."""
        if max_size == self._max_size:
            return
        with damage_told():
            database.limit_log(self._connection, max_size)
        pages, cramped = max_size // database.PAGE, self.cramped
        self._limit(min(pages, self._room.pages) if cramped else pages)
        self._max_size = max_size

    def _limit(self, pages: int) -> None:
        if pages != self._room.pages:
            with damage_told():
                database.pragma(self._connection, f"max_page_count = {pages}")
            self._room.pages = pages

    def adopt(self, gateway: str) -> None:
        """Belong to a gateway from now on."""
        with damage_told(), self._transaction():
            database.note_owner(self._connection, gateway)
        self.gateway = gateway

    def settle(self) -> None:
        """Move all of the log into the file, and close that: it is all there is."""
        with damage_told(), contextlib.closing(self._connection):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def close(self) -> None:
        """Close the file; never raises."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def _load(self) -> None:
        """Read everything but the rows. Raises Damaged if it does not fit together."""
        try:
            self.ledger = Ledger.load(self._connection, self.epoch)
            self.saved = read_saved(self._connection)
            self.boots.load()
            self.gateway = database.read_owner(self._connection)
            for each, table in self._tables.items():
                last, batch = table.last()
                self._batch = max(self._batch, batch)
                self.ledger.found(each, last, table.count())
        except (ValueError, TypeError) as error:
            raise Damaged(f"it is inconsistent ({error})") from error

    # --- parts of a transaction -----------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Iterator[Ledger]:
        """A transaction, with the ledger as it will be after it."""
        ledger = self.ledger.copy()
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._batch += 1
            yield ledger
            ledger.store(self._connection, self.ledger)
            self._connection.execute("COMMIT")
        except BaseException:  # all of it or nothing, whatever it was; it is raised again
            if self._connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
            raise
        self.ledger = ledger

    def _depart(self, batch: Batch, ledger: Ledger) -> None:
        """Take out what was acknowledged, put aside what was refused."""
        for message_class, first, last in runs(batch.acked):
            found = self._tables[message_class].delete(first, last)
            ledger.gone(message_class, found)
            if dropped := last - first + 1 - found:
                ledger.arrived(message_class, first, last, dropped, FULL)
        for item in batch.aside:
            message_class, seq = class_and_seq(item.id)
            if self._tables[message_class].set_aside(seq, item.why):
                quiet = isinstance(item.record, Loss)
                ledger.put_aside(message_class, seq, item.why, quiet=quiet)
                ledger.take_back(item.record, quiet=quiet)
            elif item.record is None and item.id not in batch.acked and not self._tables[message_class].is_aside(seq):
                raise Damaged(f"{message_class} {seq} is not where it was found")

    def _arrive(self, message_class: MessageClass, batch: Batch, ledger: Ledger) -> list[SizedRow]:
        """Enter a class's new records, after the numbers of those that were dropped before."""
        if dropped := batch.dropped[message_class]:
            first = ledger.give(message_class, dropped)
            ledger.lose(message_class, first, first + dropped - 1, dropped, NOT_STORED)
        rows = self._enter(message_class, batch.records[message_class], ledger)
        if message_class is MessageClass.EVENT and batch.acked:
            rows += self._report(ledger)
        return rows

    def _report(self, ledger: Ledger) -> list[SizedRow]:
        """Enter records of the losses; only while something is acknowledged, or they would pile up themselves."""
        if not ledger.reports_due() or time.monotonic() < self._reported + REPORT:
            return []
        self._reported = time.monotonic()
        return self._enter(MessageClass.EVENT, [(loss, _encode(loss)) for loss in ledger.report()], ledger)

    def _enter(
        self, message_class: MessageClass, records: Collection[tuple[AnyRecord, bytes]], ledger: Ledger
    ) -> list[SizedRow]:
        if not records:
            return []
        first = ledger.give(message_class, len(records))
        self._tables[message_class].insert(first, self._batch, records)
        return [
            (Row(row_id(message_class, seq), message_class, seq, record, late=False, epoch=self.epoch), len(data))
            for seq, (record, data) in enumerate(records, first)
        ]

    def _save(self, items: Mapping[tuple[str, str], Saved]) -> Mapping[tuple[str, str], Saved]:
        """Save parts of the state; gives the whole of it as it is then."""
        if not items:
            return self.saved
        for item in items.values():
            if item.data:
                row = (item.stage, item.name, item.definition, zlib.crc32(item.data), item.data)
                self._connection.execute("INSERT OR REPLACE INTO saved VALUES (?, ?, ?, ?, ?)", row)
            else:
                self._connection.execute("DELETE FROM saved WHERE stage = ? AND name = ?", (item.stage, item.name))
        others = {key: item for key, item in self.saved.items() if key not in items}
        return others | {key: item for key, item in items.items() if item.data}
