"""Opening the outbox: one that exists, a first one, or a new one in place of a damaged one. Never a crash loop."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import structlog

from gatewayd.uplink.outbox import database
from gatewayd.uplink.outbox.database import Damaged, OutboxError
from gatewayd.uplink.outbox.ledger import Ledger
from gatewayd.uplink.outbox.readback import SizedRow
from gatewayd.uplink.outbox.reserve import Reserve
from gatewayd.uplink.outbox.store import Predecessor, Store
from gatewayd.uplink.row import MessageClass

SMALLEST = 1 << 20

log = structlog.get_logger()


def open_store(path: Path, max_size: int, reserve: Reserve) -> tuple[Store, list[SizedRow]]:
    """The outbox at `path`, and the rows that are new in it. Raises OutboxError."""
    if max_size < SMALLEST:
        raise OutboxError(path, f"max_size is {max_size} bytes", f"an outbox needs at least {SMALLEST}")
    try:
        try:
            return _open(path, max_size)
        except sqlite3.Error as error:
            if not database.is_full(error):
                raise
            reserve.release(str(error))
            return _open(path, max_size)
    except (sqlite3.Error, OSError, Damaged) as error:
        raise OutboxError(path, f"it cannot be opened ({error})", _fix(error)) from error


class Replacement:
    """A new outbox in place of a damaged one."""

    def __init__(self, path: Path, max_size: int, damage: Damaged, before: Predecessor) -> None:
        self._path = path
        self._max_size = max_size
        self._damage = damage
        self._before = before
        self._kept: Path | None = None

    def begin(self) -> tuple[Store, list[SizedRow]]:
        """Rename the old file and begin anew. May be tried again after OSError, sqlite3.Error or Damaged."""
        if self._kept is None:
            self._kept = database.set_aside(self._path)
            log.error("outbox_set_aside", path=str(self._path), kept=str(self._kept), reason=str(self._damage))
        why = f"the outbox was damaged and set aside as {self._kept.name}"
        return Store.begin(self._path, self._max_size, why, self._before)


def _open(path: Path, max_size: int) -> tuple[Store, list[SizedRow]]:
    try:
        store = Store.open(path, max_size)
    except Damaged as damage:
        return Replacement(path, max_size, damage, _remains(path)).begin()
    return (store, []) if store else Store.begin(path, max_size, "first start", Predecessor())


def _remains(path: Path) -> Predecessor:
    """What can still be read of a damaged file: its epoch, and the last number of each class; its state, never."""
    epoch: str | None = None
    ends: dict[MessageClass, int] = {}
    with (
        contextlib.suppress(sqlite3.Error, ValueError, TypeError),
        contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection,
    ):
        if database.pragma(connection, "application_id") == database.APPLICATION:
            epoch = database.read_epoch(connection)
            ends = {each: account.given for each, account in Ledger.load(connection, epoch).accounts.items()}
    return Predecessor(epoch, ends)


def _fix(error: Exception) -> str:
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "another process uses it: stop that"
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
            return "free some room on the disk, and look for errors of the disk in the kernel's log (dmesg)"
    return "make its folder writable for the user that gatewayd runs as, or set another [gateway] state_dir"
