"""A batch: what waits in memory to be stored together in one transaction, within bounds."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import msgspec
import structlog

from gatewayd.records import AnyRecord, Output, Saved
from gatewayd.uplink.outbox.identity import CLASS_OF, CLASSES
from gatewayd.uplink.row import MessageClass

DROP_ORDER = (MessageClass.READINGS, MessageClass.SUMMARY, MessageClass.EVENT)
MOST_ROWS = 10_000

log = structlog.get_logger()
_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that is not to be sent again, and why; no `record` when it could not be read."""

    id: int
    why: str
    record: AnyRecord | None


class Batch:
    """What the next transaction changes.

    When its records are more than `most_bytes` or MOST_ROWS the oldest readings go, then the oldest summaries, then the
    oldest events; `dropped` counts them. They are older than what is left of their class, so their numbers come first.
    """

    __slots__ = ("acked", "aside", "dropped", "most_bytes", "records", "rows", "saved", "saved_size", "size")

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.records: dict[MessageClass, deque[tuple[AnyRecord, bytes]]] = {each: deque() for each in CLASSES}
        self.dropped = dict.fromkeys(CLASSES, 0)
        self.saved: dict[tuple[str, str], Saved] = {}
        self.acked: list[int] = []
        self.aside: list[SetAside] = []
        self.rows = 0
        self.size = 0
        """Bytes of all records."""
        self.saved_size = 0

    def __bool__(self) -> bool:
        return bool(self.rows or self.saved or self.acked or self.aside or any(self.dropped.values()))

    def put(self, output: Output) -> None:
        """Take an output in, whole."""
        for record in output.records:
            self._add(CLASS_OF[type(record)], (record, _encode(record)))
        for saved in output.saved:
            self._save(saved)
        if self.size > self.most_bytes or self.rows > MOST_ROWS:
            self._shrink()

    def give_back(self, older: Batch) -> None:
        """Take in what an earlier batch could not store."""
        for each in CLASSES:
            if self.dropped[each]:  # what is older than what was dropped cannot be kept
                older.drop(each, len(older.records[each]))
            self.records[each].extendleft(reversed(older.records[each]))
            self.dropped[each] += older.dropped[each]
        self.saved = {key: item for key, item in older.saved.items() if key not in self.saved} | self.saved
        self.rows = sum(map(len, self.records.values()))
        self.size = sum(len(data) for records in self.records.values() for _, data in records)
        self.saved_size = sum(len(saved.data) for saved in self.saved.values())
        self.acked = older.acked + self.acked
        self.aside = older.aside + self.aside
        self._shrink()

    def split_departures(self) -> Batch:
        """Take off, as a batch of its own, what only takes rows out."""
        part = Batch(self.most_bytes)
        part.acked, part.aside, self.acked, self.aside = self.acked, self.aside, [], []
        return part

    def split(self, most_bytes: int) -> Batch:
        """Take a small part off: first what takes rows out, then events and state together, then some of the rest."""
        if self.acked or self.aside:
            return self.split_departures()
        part = Batch(self.most_bytes)
        part.saved, self.saved = self.saved, {}
        part.saved_size, self.saved_size = self.saved_size, 0
        part.dropped, self.dropped = self.dropped, part.dropped
        for each in CLASSES:
            records = self.records[each]
            while records and (part.size < most_bytes or each is MessageClass.EVENT):
                part._add(each, records.popleft())
        self.rows -= part.rows
        self.size -= part.size
        return part

    def take(self, message_class: MessageClass) -> AnyRecord | None:
        """Take the oldest record of a class out, if there is one."""
        if not self.records[message_class]:
            return None
        record, data = self.records[message_class].popleft()
        self.rows -= 1
        self.size -= len(data)
        return record

    def departed(self) -> list[int]:
        """The rows that it takes out."""
        return self.acked + [item.id for item in self.aside]

    def drop(self, message_class: MessageClass, count: int) -> None:
        """Drop the oldest `count` records of a class."""
        records = self.records[message_class]
        for _ in range(count):
            self.size -= len(records.popleft()[1])
        self.rows -= count
        self.dropped[message_class] += count

    def _add(self, message_class: MessageClass, record: tuple[AnyRecord, bytes]) -> None:
        self.records[message_class].append(record)
        self.rows += 1
        self.size += len(record[1])

    def _save(self, saved: Saved) -> None:
        before = self.saved.pop((saved.stage, saved.name), None)
        size = self.saved_size - (len(before.data) if before else 0)
        if size + len(saved.data) > self.most_bytes:
            log.warning("state_not_saved", stage=saved.stage, name=saved.name, bytes=len(saved.data))
            saved = replace(saved, data=b"")  # none is better than an old one
        self.saved_size = size + len(saved.data)
        self.saved[saved.stage, saved.name] = saved

    def _shrink(self) -> None:
        for each in DROP_ORDER:
            while self.records[each] and (self.size > self.most_bytes or self.rows > MOST_ROWS):
                self.drop(each, 1)
