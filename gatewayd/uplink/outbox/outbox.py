"""The outbox: what is to be sent and not yet acknowledged by the broker. Durable, bounded, ordered, events first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

from gatewayd import clock
from gatewayd.clock import Dating
from gatewayd.records import Output, Saved, Stamp
from gatewayd.state.storage import waits_for_disk, written_by
from gatewayd.uplink.outbox.batch import SetAside
from gatewayd.uplink.outbox.database import OutboxError, most_in_memory, reserve_size
from gatewayd.uplink.outbox.delivery import Delivery
from gatewayd.uplink.outbox.hanging import Hanging
from gatewayd.uplink.outbox.inbox import Inbox
from gatewayd.uplink.outbox.opening import DiskRefusesError, Opening
from gatewayd.uplink.outbox.reports import Reports
from gatewayd.uplink.outbox.reserve import Reserve
from gatewayd.uplink.outbox.status import ClassStatus, OutboxStatus
from gatewayd.uplink.outbox.unstored import Unstored
from gatewayd.uplink.outbox.writer import Writer
from gatewayd.uplink.row import Row

STUCK = 30.0
"""Seconds without a sign of life after which the writer counts as stuck; cards stall for seconds."""
CLOSE = 30.0
"""Seconds that closing may take: whoever opens the file next finds it locked until the writer has ended."""


class Outbox:
    """The outbox at `path`, whose file never grows beyond `max_size` bytes (docs/outbox.md says what lies beside it).

    It is that of the gateway with this id ("": of whichever has made it). For the event loop's thread. Nothing in it
    waits for the disk, but for `open`.
    """

    def __init__(self, path: Path, max_size: int, gateway: str = "") -> None:
        self._path = path
        self._gateway = gateway
        self._max_size = max_size
        self._inbox = Inbox(most_in_memory(max_size))
        self._unstored = Unstored(self._inbox.take)
        self._delivery = Delivery(self._inbox.ask, self._unstored)
        self._changed = asyncio.Event()
        self._ended = asyncio.Event()
        self._boots: dict[str, Dating] = {}
        self._writer: Writer
        self._hanging: Hanging

    def open(self) -> None:
        """Open the file, or begin a new one, and start the writer. Raises OutboxError.

        If the disk refuses, that is tried again for ever, and meanwhile records are sent that are not stored.
        """
        reserve = Reserve(self._path.with_name(f"{self._path.name}.reserve"), reserve_size(self._max_size))
        reports = Reports(
            loop=asyncio.get_running_loop(),
            delivery=self._delivery,
            boots=self._boots,
            put=self.put,
            changed=self._changed,
            has_ended=self._ended,
        )
        opening = Opening(self._path, self._max_size, reserve, self._gateway)
        try:
            store, rows = opening.begin()
        except DiskRefusesError:
            self._writer = Writer(opening, self._inbox, reports, reserve, self._max_size)
        else:
            self._inbox.begin_epoch(store.epoch)
            reports.go_on(store, rows)
            self._writer = Writer(store, self._inbox, reports, reserve, self._max_size)
        self._writer.start()
        self._hanging = Hanging(self._path, self._writer, reports)

    def resize(self, max_size: int) -> None:
        """From now on have at most so many bytes; what is too much for that goes, and is reported as lost."""
        self._max_size = max_size
        self._inbox.resize(max_size, most_in_memory(max_size))

    @property
    def epoch(self) -> str:
        """What the sequence numbers count in; another one only after damage, or for another gateway."""
        return self._delivery.epoch

    def saved(self) -> Mapping[tuple[str, str], Saved]:
        """The engine's state as of the last commit, by stage and name, what was written last being the last.

        For as long as the disk does not let the outbox be opened: as far as it can be read.
        """
        return self._writer.saved

    def put(self, output: Output) -> None:
        """Have an output stored, whole, in one transaction: within half a second, or at once if it is urgent."""
        if output.records or output.saved:
            self._inbox.put(output)
            if self._unstored.active:
                self._changed.set()

    async def next_row(self) -> Row:
        """Wait for the next row to send: events first, then new rows, then the backlog."""
        while (row := self._delivery.next()) is None:
            self._changed.clear()
            await self._changed.wait()
        return row

    def acked(self, row: Row) -> None:
        """The broker has taken a row over."""
        if row.volatile:
            self._unstored.settled(row)
        elif row.epoch == self.epoch:
            self._delivery.acked(row)
            self._inbox.acked(row.id, row.epoch)

    def set_aside(self, row: Row, why: str) -> None:
        """A row cannot be sent: never give it again, and report its loss."""
        if row.volatile:
            self.put(self._unstored.refused(row, why))
        elif row.epoch == self.epoch:
            self._delivery.acked(row)
            self._inbox.set_aside(SetAside(row.id, why, row.record), row.epoch)

    def restart(self) -> None:
        """There is a connection, or a new one: all that is not acknowledged belongs to the backlog now."""
        self._delivery.restart()
        self._changed.set()

    def dating(self, boot: str) -> Dating:
        """How times of a boot become wall times, as far as that was ever known."""
        return clock.dating() if boot == clock.boot() else self._boots.get(boot, Dating())

    def alive(self) -> bool:
        """Whether the writer goes on, or would if the disk answered: a kill ends it no sooner than that does."""
        writer = self._writer
        stuck = time.monotonic() - writer.beat >= STUCK
        return writer.is_alive() and not (stuck and not waits_for_disk(writer.native_id))

    async def close(self) -> None:
        """Store what waits and close the file. Raises OutboxError if the disk keeps the writer for too long."""
        self._inbox.close()
        self._hanging.close()
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
        return max(0, stored + self._inbox.balance() + len(self._unstored))

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
            unstored=self._unstored.sent,
            failing=self._hanging.why or figures.failing,
            classes={
                each: ClassStatus(account.given, account.waiting, account.lost, account.aside)
                for each, account in figures.accounts.items()
            },
        )

    def age(self, stamp: Stamp) -> float | None:
        """How many seconds ago something was; None when that cannot be told, of an earlier boot."""
        if stamp.boot == clock.boot():
            return (clock.now() - stamp.time) / 1e9
        then, now = self.dating(stamp.boot).offset, clock.wall_offset()
        if then is None or now is None:
            return None
        return max(0.0, (clock.now() + now - stamp.time - then) / 1e9)
