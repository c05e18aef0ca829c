"""Delivery: which row is to be sent next. Events first, then what is new (stored or not), then the backlog."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from gatewayd.records import AnyRecord
from gatewayd.uplink.outbox.backlog import Backlog
from gatewayd.uplink.outbox.identity import CLASSES
from gatewayd.uplink.outbox.inbox import Request
from gatewayd.uplink.outbox.readback import Numbers, ReadBack, SizedRow
from gatewayd.uplink.outbox.unstored import Unstored
from gatewayd.uplink.row import MessageClass, Row

MOST_LIVE = 500
MOST_LIVE_BYTES = 2 << 20
"""What a queue of new rows holds in memory at most; rows beyond that are read back from disk later."""
MOST_UNSTORED = 10_000
"""Acknowledgements that may wait to be stored (the disk cannot be written) before the backlog is held back."""

EVENT = MessageClass.EVENT


class Live:
    """New rows, still in memory."""

    def __init__(self) -> None:
        self._rows: deque[SizedRow] = deque()
        self._size = 0

    def __bool__(self) -> bool:
        return bool(self._rows)

    def put(self, row: SizedRow) -> None:
        """Take a row in."""
        self._rows.append(row)
        self._size += row[1]

    def take(self) -> Row:
        """The oldest."""
        row, size = self._rows.popleft()
        self._size -= size
        return row

    def forget(self, upto: Numbers) -> None:
        """Forget the rows up to these numbers."""
        self._rows = deque((row, size) for row, size in self._rows if row.seq > upto.get(row.message_class, 0))
        self._size = sum(size for _, size in self._rows)

    def overflows(self) -> bool:
        """Whether there are too many."""
        return len(self._rows) > MOST_LIVE or self._size > MOST_LIVE_BYTES

    def clear(self) -> list[Row]:
        """Forget them all; gives them a last time."""
        rows = [row for row, _ in self._rows]
        self._rows.clear()
        self._size = 0
        return rows


class Delivery:
    """The rows of an outbox on their way out, as the event loop sees them.

    A row that was taken is not given again, unless everything begins anew before it is acknowledged.
    """

    def __init__(self, ask: Callable[[Request], None], unstored: Unstored) -> None:
        self.unstored = unstored
        self._events = Live()
        self._others = Live()
        self._old_events = Backlog([EVENT], ask)
        self._old_others = Backlog([each for each in CLASSES if each is not EVENT], ask)
        self._last = dict.fromkeys(CLASSES, 0)
        self._taken: set[int] = set()
        self._acked: set[int] = set()
        self.epoch = ""

    def begin_epoch(self, epoch: str, last: Numbers) -> list[AnyRecord]:
        """Go on with an outbox that was just opened, or made (then `last` is empty).

        Gives the records that were not taken yet of the new rows of the one before: it can store them again.
        """
        orphans = [row.record for row in self._events.clear() + self._others.clear()]
        self.epoch = epoch
        self._last = {each: last.get(each, 0) for each in CLASSES}
        self._taken, self._acked = set(), set()
        self._begin_backlog()
        return orphans

    def next(self) -> Row | None:
        """The next row to send; None if there is none yet."""
        row = self._choose()
        if row is not None and not row.volatile:
            self._taken.add(row.id)
        return row

    def acked(self, row: Row) -> None:
        """A row will be taken out of the outbox: it is never given again."""
        self._taken.discard(row.id)
        self._acked.add(row.id)

    def committed(self, rows: Iterable[SizedRow], gone: Iterable[int]) -> None:
        """New rows are on disk, and others no more."""
        self._acked.difference_update(gone)
        for row in rows:
            message_class = row[0].message_class
            self._last[message_class] = row[0].seq
            (self._events if message_class is EVENT else self._others).put(row)
        if self._events.overflows():
            self._events.clear()
            self._old_events.extend(self._last)
        if self._others.overflows():
            self._others.clear()
            self._old_others.extend(self._last)

    def dropped(self, upto: Numbers) -> None:
        """The rows up to these numbers are lost; those that are on their way may still arrive."""
        if upto:
            for queue in (self._events, self._others, self._old_events, self._old_others):
                queue.forget(upto)

    def answer(self, request: Request, found: ReadBack) -> None:
        """Rows have been read back."""
        backlog = self._old_events if EVENT in request.after else self._old_others
        backlog.answer(request, found, self._taken | self._acked)

    def restart(self) -> None:
        """Give everything that is not acknowledged, also what was given before, as the backlog."""
        self._events.clear()
        self._others.clear()
        self._taken.clear()
        self.unstored.restart()
        self._begin_backlog()

    def _choose(self) -> Row | None:
        row = self._old_events.take()
        if row is not None:
            return row
        if not self._old_events.exhausted:  # a disk that cannot even be read holds up only what is on it
            return self.unstored.next(*CLASSES)
        return (
            (self._events.take() if self._events else None)
            or self.unstored.next(EVENT)
            or (self._others.take() if self._others else None)
            or self.unstored.next(MessageClass.SUMMARY, MessageClass.READINGS)
            or (self._old_others.take() if len(self._acked) < MOST_UNSTORED else None)
        )

    def _begin_backlog(self) -> None:
        for backlog in (self._old_events, self._old_others):
            backlog.extend(self._last)
            backlog.begin()
