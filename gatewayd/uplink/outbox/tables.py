"""The tables of rows, one for each class: a row's key is its number, so that what is oldest lies together."""

# ruff: noqa: S608 - the names of tables are our own

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from gatewayd.records import AnyRecord, Record
from gatewayd.uplink.row import MessageClass

_decode = msgspec.msgpack.Decoder(AnyRecord).decode


class Stored(NamedTuple):
    """A row as it lies on disk. `batch` orders the rows of all classes by their commits."""

    batch: int
    message_class: MessageClass
    seq: int
    checksum: int
    data: bytes

    def record(self) -> AnyRecord | None:
        """The record, unless the disk has spoilt it or another version of gatewayd has written it."""
        try:
            return _decode(self.data) if _checksum(self.seq, self.data) == self.checksum else None
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None


def _checksum(seq: int, data: bytes) -> int:
    """Tells a row that the disk has spoilt, or moved: SQLite itself does not look."""
    return zlib.crc32(data, seq & 0xFFFFFFFF)


class ClassTable:
    """The rows of one class. Everything raises sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection, message_class: MessageClass) -> None:
        self._connection = connection
        self._class = message_class
        self._insert = f"INSERT INTO {message_class} VALUES (?, ?, ?, ?)"
        self._delete = f"DELETE FROM {message_class} WHERE seq BETWEEN ? AND ?"
        self._read = f"SELECT batch, seq, checksum, data FROM {message_class} WHERE seq > ? AND seq <= ? ORDER BY seq"
        self._sizes = f"SELECT seq, length(data) FROM {message_class} ORDER BY seq"
        self._take = f"DELETE FROM {message_class} WHERE seq = ? RETURNING data"
        self._last = f"SELECT seq, batch FROM {message_class} ORDER BY seq DESC LIMIT 1"
        self._count = f"SELECT count(*) FROM {message_class}"

    def insert(self, first: int, batch: int, rows: Iterable[tuple[Record, bytes]]) -> None:
        """Store encoded records under the numbers from `first` on."""
        self._connection.executemany(
            self._insert, [(seq, batch, _checksum(seq, data), data) for seq, (_, data) in enumerate(rows, first)]
        )

    def delete(self, first: int, last: int) -> int:
        """Delete what is there of a range; gives how many rows that were."""
        return self._connection.execute(self._delete, (first, last)).rowcount

    def read(self, after: int, upto: int) -> Iterator[Stored]:
        """The rows with `after` < number <= `upto`, in order."""
        for batch, seq, checksum, data in self._connection.execute(self._read, (after, upto)):
            if isinstance(batch, int) and isinstance(data, bytes):
                yield Stored(batch, self._class, seq, checksum, data)
            else:
                yield Stored(0, self._class, seq, checksum=-1, data=b"")

    def sizes(self) -> Iterator[tuple[int, int]]:
        """Number and bytes of every row, in order."""
        return self._connection.execute(self._sizes)

    def set_aside(self, seq: int, why: str) -> bool:
        """Move a row to those that are not sent; False if it is not there."""
        taken = self._connection.execute(self._take, (seq,)).fetchall()  # first, for the outbox may be full
        for (data,) in taken:
            self._connection.execute("INSERT INTO aside VALUES (?, ?, ?, ?)", (self._class, seq, why, data))
        return bool(taken)

    def is_aside(self, seq: int) -> bool:
        """Whether a row has been set aside."""
        found = self._connection.execute("SELECT 1 FROM aside WHERE class = ? AND seq = ?", (self._class, seq))
        return found.fetchone() is not None

    def last(self) -> tuple[int, int]:
        """Number and batch of the last row; zeros if there is none."""
        return self._connection.execute(self._last).fetchone() or (0, 0)

    def count(self) -> int:
        """How many rows there are."""
        count: int = self._connection.execute(self._count).fetchone()[0]
        return count
