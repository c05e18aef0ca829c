"""The outbox: what is to be sent and not yet acknowledged by the broker. Durable, bounded, ordered, events first."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gatewayd import clock
from gatewayd.records import Output, Saved, Stamp
from gatewayd.uplink.outbox.batch import SetAside
from gatewayd.uplink.outbox.database import OutboxError, reserve_size
from gatewayd.uplink.outbox.delivery import Delivery
from gatewayd.uplink.outbox.inbox import Inbox, Request
from gatewayd.uplink.outbox.opening import open_store
from gatewayd.uplink.outbox.readback import Numbers, ReadBack
from gatewayd.uplink.outbox.reserve import Reserve
from gatewayd.uplink.outbox.status import ClassStatus, OutboxStatus, written_by
from gatewayd.uplink.outbox.store import Commit
from gatewayd.uplink.outbox.writer import Writer
from gatewayd.uplink.row import Row

STUCK = 30.0
"""Seconds without a sign of life after which the writer counts as stuck; cards stall for seconds."""
CLOSE = 30.0
"""Seconds that closing may take: whoever opens the file next finds it locked until the writer has ended."""
MOST_IN_MEMORY = 8 << 20
"""Bytes that may wait in memory while the disk cannot be written."""


class Outbox:
    """The outbox at `path`, whose file never grows beyond `max_size` bytes (docs/outbox.md says what lies beside it).

    For the event loop's thread. Nothing in it waits for the disk, but for `open`.
    """

    def __init__(self, path: Path, max_size: int) -> None:
        self._path = path
        self._max_size = max_size
        self._inbox = Inbox(min(MOST_IN_MEMORY, max_size // 4))
        self._delivery = Delivery(self._inbox.ask)
        self._changed = asyncio.Event()
        self._ended = asyncio.Event()
        self._saved: Mapping[tuple[str, str], Saved] = {}
        self._boots: Mapping[str, int] = {}
        self._writer: Writer

    def open(self) -> None:
        """Open the file, or begin a new one, and start the writer. Raises OutboxError."""
        reserve = Reserve(self._path.with_name(f"{self._path.name}.reserve"), reserve_size(self._max_size))
        store, rows = open_store(self._path, self._max_size, reserve)
        self._saved = store.saved
        self._boots = dict(store.boots.offsets)
        self._inbox.begin_epoch(store.epoch)
        self._delivery.begin_epoch(store.epoch, {} if rows else store.last())
        self._delivery.committed(rows, [])
        reports = _Reports(asyncio.get_running_loop(), self._delivery, self.put, self._changed, self._ended)
        self._writer = Writer(store, self._inbox, reports, reserve, self._max_size)
        self._writer.start()

    @property
    def epoch(self) -> str:
        """What the sequence numbers count in; another one only after damage."""
        return self._delivery.epoch

    def saved(self) -> Mapping[tuple[str, str], Saved]:
        """The engine's state as it was when the outbox was opened, by stage and name."""
        return self._saved

    def put(self, output: Output) -> None:
        """Have an output stored, whole, in one transaction: within half a second, or at once if it is urgent."""
        if output.records or output.saved:
            self._inbox.put(output)

    async def next_row(self) -> Row:
        """Wait for the next row to send: events first, then new rows, then the backlog."""
        while (row := self._delivery.next()) is None:
            self._changed.clear()
            await self._changed.wait()
        return row

    def acked(self, row: Row) -> None:
        """The broker has taken a row over."""
        if row.epoch == self.epoch:
            self._delivery.acked(row)
            self._inbox.acked(row.id, row.epoch)

    def set_aside(self, row: Row, why: str) -> None:
        """A row cannot be sent: never give it again, and report its loss."""
        if row.epoch == self.epoch:
            self._delivery.acked(row)
            self._inbox.set_aside(SetAside(row.id, why, row.record), row.epoch)

    def restart(self) -> None:
        """There is a connection, or a new one: all that is not acknowledged belongs to the backlog now."""
        self._delivery.restart()
        self._changed.set()

    def wall_offset(self, boot: str) -> int | None:
        """What to add to times of a boot to get nanoseconds since 1970; None if that was never known."""
        return clock.wall_offset() if boot == clock.boot() else self._boots.get(boot)

    def alive(self) -> bool:
        """Whether the writer goes on; that the disk lets it write is not asked."""
        return self._writer.is_alive() and time.monotonic() - self._writer.beat < STUCK

    async def close(self) -> None:
        """Store what waits and close the file. Raises OutboxError if the disk keeps the writer for too long."""
        self._inbox.close()
        try:
            async with asyncio.timeout(CLOSE):
                await self._ended.wait()
        except TimeoutError:
            fix = "look for errors of the disk in the kernel's log (dmesg)"
            raise OutboxError(self._path, f"its writer has not ended within {CLOSE:g} s", fix) from None
        self._writer.join()

    @property
    def waiting(self) -> int:
        """Rows that are neither acknowledged nor set aside, stored or not."""
        stored = sum(account.waiting for account in self._writer.figures.accounts.values())
        return max(0, stored + self._inbox.balance())

    def status(self) -> OutboxStatus:
        """How it is doing."""
        figures = self._writer.figures
        accounts = figures.accounts.values()
        return OutboxStatus(
            epoch=self.epoch,
            waiting=self.waiting,
            oldest=None if figures.oldest is None else self.age(figures.oldest),
            bytes=figures.used,
            lost=sum(account.lost for account in accounts),
            set_aside=sum(account.aside for account in accounts),
            committed=figures.committed,
            commits=figures.commits,
            written=written_by(self._writer.native_id),
            failing=figures.failing,
            classes={
                each: ClassStatus(account.given, account.waiting, account.lost, account.aside)
                for each, account in figures.accounts.items()
            },
        )

    def age(self, stamp: Stamp) -> float | None:
        """How many seconds ago something was; None when that cannot be told, of an earlier boot."""
        if stamp.boot == clock.boot():
            return (clock.now() - stamp.time) / 1e9
        then, now = self._boots.get(stamp.boot), clock.wall_offset()
        if then is None or now is None:
            return None
        return max(0.0, (clock.now() + now - stamp.time - then) / 1e9)


class _Reports:
    """Leads what the writer tells, in its thread, into the event loop's."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        delivery: Delivery,
        put: Callable[[Output], None],
        changed: asyncio.Event,
        ended: asyncio.Event,
    ) -> None:
        self._loop = loop
        self._delivery = delivery
        self._put = put
        self._changed = changed
        self._ended = ended

    def committed(self, commit: Commit, gone: list[int]) -> None:
        """Rows are on disk, others no more."""
        self._tell(self._committed, commit, gone)

    def _committed(self, commit: Commit, gone: list[int]) -> None:
        self._delivery.dropped(commit.dropped)
        self._delivery.committed(commit.rows, gone)

    def answer(self, request: Request, found: ReadBack) -> None:
        """Rows have been read back."""
        self._tell(self._delivery.answer, request, found)

    def begin_epoch(self, epoch: str, last: Numbers) -> None:
        """A new file took the place of a damaged one; what is still in memory goes there."""
        self._tell(lambda: self._put(Output(tuple(self._delivery.begin_epoch(epoch, last)), urgent=True)))

    def ended(self) -> None:
        """The writer has ended."""
        self._tell(self._ended.set)

    def _tell(self, what: Callable[..., None], *facts: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(self._told, what, facts)

    def _told(self, what: Callable[..., None], facts: tuple[Any, ...]) -> None:
        what(*facts)
        self._changed.set()
