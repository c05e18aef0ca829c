"""The unstored: records that are sent from memory while the disk cannot be written, numbered in an epoch of their own.

A number of the outbox's epoch says that the record is on the disk, under this number, for ever. What is not cannot have
one. So an epoch of its own begins, whose rows say that they are volatile; it never goes on after a restart. When the
disk can be written again a record that is stored says how far the volatile epoch went.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from gatewayd import clock
from gatewayd.records import AnyRecord, EpochBegun, Loss, Output
from gatewayd.uplink.outbox.identity import CLASSES, row_id
from gatewayd.uplink.outbox.readback import time_of
from gatewayd.uplink.row import MessageClass, Row

WHY = "the disk cannot be written: until it can, messages are numbered in memory"
AGAIN = "the disk can be written again"


class Unstored:
    """Takes records out of what waits in memory, one for each time that the sender asks. For the event loop's thread.

    `take` takes out the oldest record of a class, or gives None.
    """

    def __init__(self, take: Callable[[MessageClass], AnyRecord | None]) -> None:
        self.sent = 0
        """Records that were given to the sender."""
        self._take = take
        self._why = ""
        self._epoch = ""
        self._given = dict.fromkeys(CLASSES, 0)
        self._on_their_way: dict[tuple[str, int], Row] = {}
        self._again: deque[Row] = deque()
        self._connected = 0

    def __len__(self) -> int:
        """Rows that are not settled."""
        return len(self._on_their_way)

    @property
    def active(self) -> bool:
        """Whether what waits in memory is sent."""
        return bool(self._why)

    def begin(self, why: str) -> None:
        """The disk cannot be written."""
        self._why = why

    def end(self, epoch: str) -> EpochBegun | None:
        """The disk can be written: what is new belongs to `epoch` again. Gives what a receiver must know of before."""
        self._why = ""
        if not self._epoch:
            return None
        ends = {str(each): last for each, last in self._given.items()}
        before, self._epoch = self._epoch, ""
        self._given = dict.fromkeys(CLASSES, 0)
        return EpochBegun(boot=clock.boot(), time=clock.now(), epoch=epoch, previous=before, ends=ends, why=AGAIN)

    def next(self, *classes: MessageClass) -> Row | None:
        """The next row of these classes: first what must be sent again, then a record that waits in memory."""
        if self._again and self._again[0].message_class in classes:
            return self._sent(self._again.popleft())
        if not self._why:
            return None
        for each in classes:
            if (record := self._take(each)) is not None:
                return self._sent(self._first_of_all(each, record) if not self._epoch else self._row(each, record))
        return None

    def refused(self, row: Row, why: str) -> Output:
        """A row cannot be sent; gives what tells of that, unless it tells of losses itself."""
        self.settled(row)
        if isinstance(row.record, Loss):
            return Output()
        loss = Loss(
            boot=clock.boot(),
            time=clock.now(),
            message_class=row.message_class,
            epoch=row.epoch,
            first=row.seq,
            last=row.seq,
            count=1,
            why=why,
        )
        return Output((loss,))

    def settled(self, row: Row) -> None:
        """The broker has a row, or never will."""
        self._on_their_way.pop((row.epoch, row.id), None)

    def restart(self) -> None:
        """There is a new connection: what is not settled is sent again, and what is older than this is late."""
        self._connected = clock.now()
        again = sorted(self._on_their_way.values(), key=lambda row: CLASSES.index(row.message_class))
        self._again = deque(replace(row, late=True) for row in again)

    def _sent(self, row: Row) -> Row:
        self._on_their_way[row.epoch, row.id] = row
        return row

    def _first_of_all(self, message_class: MessageClass, record: AnyRecord) -> Row:
        """Begin an epoch; the row that says so goes first."""
        self._epoch = uuid.uuid4().hex[:16]
        why, now = f"{WHY} ({self._why})", clock.now()
        begun = EpochBegun(boot=clock.boot(), time=now, epoch=self._epoch, previous=None, ends={}, why=why)
        row = self._sent(self._row(MessageClass.EVENT, begun))
        self._again.append(self._sent(self._row(message_class, record)))
        return row

    def _row(self, message_class: MessageClass, record: AnyRecord) -> Row:
        self.sent += 1
        seq = self._given[message_class] = self._given[message_class] + 1
        late = time_of(record) < self._connected
        number = row_id(message_class, seq)
        return Row(number, message_class, seq, record, late=late, epoch=self._epoch, volatile=True)
