"""The writer: the one thread that touches the outbox's file, through whatever happens to the disk."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import structlog

from gatewayd.records import Saved, Stamp
from gatewayd.uplink.outbox import database
from gatewayd.uplink.outbox.batch import Batch
from gatewayd.uplink.outbox.commit import Commit
from gatewayd.uplink.outbox.database import Damaged, OutboxError, is_full
from gatewayd.uplink.outbox.fullness import Fullness
from gatewayd.uplink.outbox.inbox import Inbox, Request
from gatewayd.uplink.outbox.ledger import Account
from gatewayd.uplink.outbox.opening import Opening, Replacement
from gatewayd.uplink.outbox.reports import Reports
from gatewayd.uplink.outbox.rescue import Presence, Rescue
from gatewayd.uplink.outbox.reserve import Reserve
from gatewayd.uplink.outbox.store import Store
from gatewayd.uplink.row import MessageClass

BEAT = 5.0
"""Seconds after which the writer at the latest shows that it is alive."""
RETRY = 1.0
"""Seconds between attempts while the disk cannot be written or read."""
BRIDGED = 2.0
"""Seconds without the disk before records are sent that are not stored; shorter ones cost nothing but time."""
PART = 128 << 10
"""Bytes of records that are stored at a time while the disk is full."""
CRAMPED = "the disk is full: the outbox does with the room that it has"
LOOK = 1.0
"""Seconds between looks for the oldest row."""
CLOCK_SET = 1_000_000_000
"""Nanoseconds that the wall clock must move by to be noted although there is nothing else to store."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Figures:
    """The outbox as of the writer's last commit. `failing` says why it cannot be written."""

    accounts: Mapping[MessageClass, Account] = field(default_factory=dict)
    used: int = 0
    oldest: Stamp | None = None
    commits: int = 0
    committed: int = 0
    failing: str = ""


class Writer(threading.Thread):
    """Stores what comes through the inbox until that is closed, and reads back what is asked for."""

    def __init__(self, store: Store | Opening, inbox: Inbox, reports: Reports, reserve: Reserve, max_size: int) -> None:
        super().__init__(name="outbox", daemon=True)
        self.beat = time.monotonic()
        """When it last began to do something."""
        self.figures = Figures()
        self._presence = Presence()
        self._replacement: Opening | Replacement | Rescue | None = store if isinstance(store, Opening) else None
        self._store = store.stand_in() if isinstance(store, Opening) else store
        self._fullness = Fullness(self._store)
        self._inbox = inbox
        self._reports = reports
        self._reserve = reserve
        self._max_size = max_size
        self._commits = self._committed = 0
        self._failing = ""
        self._failing_since = 0.0
        self._next_look = 0.0
        self._look()

    @property
    def saved(self) -> Mapping[tuple[str, str], Saved]:
        """The engine's state as of the last commit. For any thread: what is given does not change."""
        return self._store.saved

    @property
    def refused(self) -> bool:
        """Whether the disk has refused the last commit."""
        return bool(self._failing)

    def run(self) -> None:
        """Work until the inbox is closed."""
        try:
            self._reserve.replenish()
            if self._replacement is not None:
                self._commit(Batch(0), last=False)
            while not self._round():
                self.beat = time.monotonic()
        finally:
            self._store.close()
            self._reports.ended()

    def _round(self) -> bool:
        """Do what there is to do next; True if it was the last."""
        work = self._inbox.wait(BEAT)
        if work.max_size is not None:
            self._max_size = work.max_size
            self._reserve.resize(database.reserve_size(work.max_size))
        if work.batch is not None:
            self._commit(work.batch, last=work.closing)
        elif work.max_size or self._removed() or (self._replacement is None and self._store.boots.moved(CLOCK_SET)):
            self._commit(Batch(0), last=False)
        if work.request is not None:
            self._read(work.request)
        return work.closing

    def _commit(self, batch: Batch, *, last: bool) -> None:
        try:
            commit = self._attempt(batch)
        except (sqlite3.Error, OSError, Damaged, OutboxError) as error:
            self._trouble_begins(error)
            self._inbox.store_again(RETRY)
            if time.monotonic() >= self._failing_since + BRIDGED:
                self._reports.unwritable(self._failing)
            if last:
                lost = batch.rows + sum(batch.dropped.values())
                log.error("outbox_closed_incomplete", records_lost=lost, reason=str(error))
            return
        self._trouble_ends()
        if self._reserve.replenish():
            self._store.grow_again()
        self._count(commit)
        self._inbox.stored()
        self._reports.committed(commit, batch.departed())

    def _attempt(self, batch: Batch) -> Commit:
        """Commit, through damage and a full disk. Raises when it must be tried again later."""
        try:
            if self._removed():
                self._replacement = Rescue(self._store, self._presence, self._max_size)
            store = self._sound(batch)
            if self._failing:  # a commit that has nothing to write would succeed
                store.prove()
            return store.commit(batch)
        except Damaged as damage:
            self._retire(damage)
        except sqlite3.Error as error:
            if not is_full(error):
                raise
            return self._in_parts(batch, _in_words(error))
        return self._sound(batch).commit(batch)

    def _in_parts(self, batch: Batch, why: str) -> Commit:
        """Commit on a full disk: into the file as it is, in parts that the log or the reserve has room for."""
        self._reserve.release(why)
        self._store.stop_growing()
        if self._failing:
            self._store.prove()
        while batch:
            part = batch.split(PART)
            try:
                self._store.checkpoint()
                commit = self._store.commit(part)
            except (sqlite3.Error, Damaged):
                batch.give_back(part)
                raise
            self._count(commit)
            self._reports.committed(commit, part.departed())
        return Commit([], {})

    def _read(self, request: Request) -> None:
        try:
            found = self._store.read(request.after, request.upto)
        except Damaged as damage:
            self._retire(damage)
            self._commit(Batch(0), last=False)
            return
        except sqlite3.Error as error:
            self._trouble_begins(error)
            self._inbox.read_again(request, RETRY)
            return
        for item in found.spoilt:
            log.error("outbox_row_spoilt", row=item.id)
            self._inbox.set_aside(item, self._store.epoch)
        self._reports.answer(request, found)

    # --- damage ---------------------------------------------------------------------------------------------------

    def _retire(self, damage: Damaged) -> None:
        """Have a damaged file replaced before anything else is stored."""
        self._store.close()
        store = self._store
        self._replacement = Replacement(store.path, self._max_size, damage, store.remains())

    def _sound(self, batch: Batch) -> Store:
        """The store, or a new one in place of a damaged one; what `batch` takes out went with that."""
        if self._replacement is not None:
            before = self._store
            self._store, rows = self._replacement.begin()
            self._replacement = None
            before.close()
            self._presence.begin()
            self._reserve.look()
            self._fullness.end()
            self._fullness = Fullness(self._store)
            if before.epoch != self._store.epoch:
                batch.split_departures()
                self._inbox.begin_epoch(self._store.epoch)
                self._reports.begun(self._store, rows)
        self._store.resize(self._max_size)
        return self._store

    def _removed(self) -> bool:
        return self._replacement is None and self._presence.lost(self._store.path)

    # --- what is told ---------------------------------------------------------------------------------------------

    def _trouble_begins(self, error: Exception) -> None:
        if not self._failing:
            self._failing_since = time.monotonic()
            log.error("outbox_write_failed", path=str(self._store.path), reason=_in_words(error))
        self._failing = _in_words(error)
        self.figures = replace(self.figures, failing=self._failing)

    def _trouble_ends(self) -> None:
        if self._failing:
            self._failing = ""
            self._reports.writable()
            seconds = round(time.monotonic() - self._failing_since, 1)
            log.info("outbox_write_recovered", path=str(self._store.path), seconds=seconds)

    def _count(self, commit: Commit) -> None:
        self._commits += 1
        self._committed += len(commit.rows)
        self._look()
        self._fullness.note(commit.dropped, self.figures.used)

    def _look(self) -> None:
        """Take the figures anew."""
        oldest = self.figures.oldest
        with contextlib.suppress(sqlite3.Error, Damaged):  # the next commit finds the same, and acts
            if time.monotonic() >= self._next_look:
                self._next_look = time.monotonic() + LOOK
                oldest = self._store.oldest()
            self.figures = Figures(
                accounts=self._store.ledger.accounts,
                used=self._store.used(),
                oldest=oldest,
                commits=self._commits,
                committed=self._committed,
                failing=self._failing or (CRAMPED if self._store.cramped else ""),
            )


def _in_words(error: Exception) -> str:
    return f"{error} ({getattr(error, 'sqlite_errorname', type(error).__name__)})"
