"""The inbox: how the event loop hands work to the writer thread without ever waiting for it."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass

from gatewayd.records import AnyRecord, Output
from gatewayd.uplink.outbox.batch import Batch, SetAside
from gatewayd.uplink.outbox.readback import Numbers
from gatewayd.uplink.row import MessageClass

LINGER = 0.5
"""Seconds that a record waits for company before it is stored."""
GROUP = 100
"""Rows that are stored without waiting for more."""
GROUP_BYTES = 1 << 20
ACK_LINGER = 5.0
"""Seconds that acknowledgements wait to be stored along with something else."""
ACKS = 500
"""Acknowledgements that are stored without waiting for anything else."""


@dataclass(frozen=True, slots=True)
class Request:
    """Rows are wanted back from disk; `generation` tells an answer that nobody waits for any more."""

    generation: int
    after: Numbers
    upto: Numbers


@dataclass(frozen=True, slots=True)
class Work:
    """What the writer is to do now; the outbox is to have `max_size` bytes from now on, if that says so."""

    batch: Batch | None
    request: Request | None
    closing: bool
    max_size: int | None = None


class Inbox:
    """What the loop wants done. Bounded: a batch drops by its own rules, and each backlog has one request at most."""

    def __init__(self, most_bytes: int) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._most_bytes = most_bytes
        self._batch = Batch(most_bytes)
        self._in_hand = Batch(most_bytes)
        self._busy = False
        self._being_stored: frozenset[MessageClass] = frozenset()
        self._requests: list[Request] = []
        self._due = math.inf
        self._store_from = 0.0
        self._read_from = 0.0
        self._max_size: int | None = None
        self._closing = False
        self._retrying = False
        self._epoch = ""

    # --- from the event loop --------------------------------------------------------------------------------------

    def put(self, output: Output) -> None:
        """Have an output stored: soon, or at once if it is urgent."""
        with self._changed:
            batch = self._batch
            batch.put(output)
            full = batch.rows >= GROUP or batch.size >= GROUP_BYTES
            self._hurry(0.0 if output.urgent or full else LINGER)

    def acked(self, row_id: int, epoch: str) -> None:
        """Have a row deleted, sooner or later."""
        with self._changed:
            if epoch == self._epoch:
                self._batch.acked.append(row_id)
                self._hurry(ACK_LINGER if len(self._batch.acked) < ACKS else 0.0)

    def set_aside(self, item: SetAside, epoch: str) -> None:
        """Have a row put aside."""
        with self._changed:
            if epoch == self._epoch:
                self._batch.aside.append(item)
                self._hurry(LINGER)

    def ask(self, request: Request) -> None:
        """Have rows read back."""
        with self._changed:
            self._requests = [each for each in self._requests if each.after.keys() != request.after.keys()]
            self._requests.append(request)
            self._changed.notify()

    def take(self, message_class: MessageClass) -> AnyRecord | None:
        """Take the oldest record of a class out, which will not be stored; None while older ones are being stored."""
        with self._changed:
            return None if message_class in self._being_stored else self._batch.take(message_class)

    def resize(self, max_size: int, most_bytes: int) -> None:
        """Have an outbox of so many bytes; so many of them may wait here."""
        with self._changed:
            self._max_size, self._most_bytes = max_size, most_bytes
            self._batch.most_bytes = self._in_hand.most_bytes = most_bytes
            self._changed.notify()

    def close(self) -> None:
        """Have everything stored and the writer end."""
        with self._changed:
            self._closing = True
            self._changed.notify()

    def balance(self) -> int:
        """How many more rows there will be when all that is in memory is stored."""
        with self._changed:
            return sum(batch.rows - len(batch.acked) - len(batch.aside) for batch in (self._batch, self._in_hand))

    def idle(self) -> bool:
        """Whether everything is stored."""
        with self._changed:
            return not self._batch and not self._busy

    def _hurry(self, seconds: float) -> None:
        due = time.monotonic() + seconds if seconds else 0.0
        if due < self._due:
            self._due = due
            self._changed.notify()

    # --- from the writer ------------------------------------------------------------------------------------------

    def wait(self, longest: float) -> Work:
        """Wait until there is something to do, or so many seconds."""
        end = time.monotonic() + longest
        with self._changed:
            while (left := min(end, self._next()) - time.monotonic()) > 0:
                self._changed.wait(left)
            return self._take()

    def begin_epoch(self, epoch: str) -> None:
        """Forget what concerns rows of another epoch."""
        with self._changed:
            self._epoch = epoch
            self._batch.split_departures()
            self._due = self._due if self._batch or self._retrying else math.inf
            self._requests = []

    def stored(self) -> None:
        """The batch that was taken is stored."""
        with self._changed:
            self._put_down()
            self._retrying = False

    def store_again(self, pause: float) -> None:
        """The batch that was taken could not be stored: it is to be tried again after a pause, empty or not."""
        with self._changed:
            self._batch.give_back(self._in_hand)
            self._put_down()
            self._due, self._retrying = 0.0, True
            self._store_from = time.monotonic() + pause

    def read_again(self, request: Request, pause: float) -> None:
        """Put a request back that could not be answered, unless there is a newer one."""
        with self._changed:
            if not any(each.after.keys() == request.after.keys() for each in self._requests):
                self._requests.append(request)
            self._read_from = time.monotonic() + pause

    def _put_down(self) -> None:
        self._in_hand, self._busy, self._being_stored = Batch(self._most_bytes), False, frozenset()

    def _next(self) -> float:
        """When there is something to do."""
        if self._closing or self._max_size is not None:
            return 0.0
        store = max(self._due, self._store_from)
        return min(store, self._read_from) if self._requests else store

    def _take(self) -> Work:
        now, batch, request = time.monotonic(), None, None
        if (self._batch or self._retrying) and (self._closing or now >= max(self._due, self._store_from)):
            self._in_hand = batch = self._batch
            self._busy = True
            self._being_stored = frozenset(each for each, records in batch.records.items() if records)
            self._batch, self._due = Batch(self._most_bytes), math.inf
        if self._requests and not self._closing and now >= self._read_from:
            request = self._requests.pop(0)
        max_size, self._max_size = self._max_size, None
        return Work(batch, request, self._closing, max_size)
