"""Reading back: what the outbox file holds, on its way to memory again."""

from __future__ import annotations

import heapq
import sqlite3
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from gatewayd.records import AnyRecord, Readings, Saved, Stamp, Summary
from gatewayd.uplink.outbox.batch import SetAside
from gatewayd.uplink.outbox.identity import row_id
from gatewayd.uplink.outbox.tables import ClassTable
from gatewayd.uplink.row import MessageClass, Row

SPOILT = "it could not be read back from the disk"
MOST_ROWS = 50
MOST_BYTES = 1 << 20

Numbers = Mapping[MessageClass, int]
SizedRow = tuple[Row, int]
"""A row and the bytes of its record."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Rows that were read, oldest first; some may be spoilt. `after` is where to go on."""

    rows: list[SizedRow]
    spoilt: list[SetAside]
    after: dict[MessageClass, int]


def read_rows(tables: Mapping[MessageClass, ClassTable], epoch: str, after: Numbers, upto: Numbers) -> ReadBack:
    """The oldest rows, of the classes in `after`, with `after` < number <= `upto`: MOST_ROWS and about MOST_BYTES.

    Raises sqlite3.Error.
    """
    found = ReadBack([], [], dict(after))
    size = 0
    streams = [tables[each].read(after[each], upto[each]) for each in after]
    for count, stored in enumerate(heapq.merge(*streams), 1):
        found.after[stored.message_class] = stored.seq
        number, record = row_id(stored.message_class, stored.seq), stored.record()
        if record is None:
            found.spoilt.append(SetAside(number, SPOILT, None))
        else:
            row = Row(number, stored.message_class, stored.seq, record, late=True, epoch=epoch)
            found.rows.append((row, len(stored.data)))
        size += len(stored.data)
        if count == MOST_ROWS or size >= MOST_BYTES:
            return found
    return replace(found, after=dict(upto))


def read_saved(connection: sqlite3.Connection) -> dict[tuple[str, str], Saved]:
    """The saved parts of the engine's state, without those that the disk has spoilt, in the order of their writing.

    Raises sqlite3.Error.
    """
    rows = connection.execute("SELECT stage, name, definition, checksum, data FROM saved ORDER BY rowid")
    return {
        (stage, name): Saved(stage, name, definition, data)
        for stage, name, definition, checksum, data in rows
        if zlib.crc32(data) == checksum
    }


def read_oldest(tables: Mapping[MessageClass, ClassTable]) -> Stamp | None:
    """When the row that has waited longest came to be. Raises sqlite3.Error."""
    first = next(heapq.merge(*(table.read(0, table.last()[0]) for table in tables.values())), None)
    record = first.record() if first else None
    return Stamp(record.boot, time_of(record)) if record else None


def time_of(record: AnyRecord) -> int:
    """When a record came to be, in its boot."""
    if isinstance(record, Summary):
        return record.end
    if isinstance(record, Readings):
        return int(np.frombuffer(record.times, "<i8")[0])
    return record.time
