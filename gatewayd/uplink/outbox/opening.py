"""Opening the outbox: one that exists, a first one, or a new one in place of a damaged one. Never a crash loop."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import structlog

from gatewayd.state.disk import is_refusal, refuses
from gatewayd.uplink.outbox import database
from gatewayd.uplink.outbox.commit import Predecessor
from gatewayd.uplink.outbox.database import Damaged, OutboxError
from gatewayd.uplink.outbox.glimpse import saved_in
from gatewayd.uplink.outbox.ledger import Ledger
from gatewayd.uplink.outbox.ownership import in_its_place
from gatewayd.uplink.outbox.readback import SizedRow
from gatewayd.uplink.outbox.rescue import clear, remove_copy
from gatewayd.uplink.outbox.reserve import Reserve
from gatewayd.uplink.outbox.store import Store
from gatewayd.uplink.row import MessageClass

SMALLEST = 1 << 20

log = structlog.get_logger()


def open_store(path: Path, max_size: int, reserve: Reserve, gateway: str = "") -> tuple[Store, list[SizedRow]]:
    """The outbox of a gateway at `path`, and the rows that are new in it. Raises OutboxError."""
    if max_size < SMALLEST:
        raise OutboxError(path, f"max_size is {max_size} bytes", f"an outbox needs at least {SMALLEST}")
    try:
        try:
            clear(path)
            database.place_taken(path)
            remove_copy(path)
            return _open(path, max_size, gateway)
        except sqlite3.Error as error:
            if not database.is_full(error):
                raise
            reserve.release(str(error))
            return _open(path, max_size, gateway)
    except (sqlite3.Error, OSError, Damaged) as error:
        refused = _is_refusal(error, path)
        kind = DiskRefusesError if refused else OutboxError
        raise kind(path, f"it cannot be opened ({error})", _fix(error, refused=refused)) from error


class DiskRefusesError(OutboxError):
    """The disk is full, read-only or failing: it may be opened later."""


class Opening:
    """An outbox that the disk does not let be opened yet."""

    def __init__(self, path: Path, max_size: int, reserve: Reserve, gateway: str) -> None:
        self._path = path
        self._max_size = max_size
        self._reserve = reserve
        self._gateway = gateway

    def begin(self) -> tuple[Store, list[SizedRow]]:
        """Open it. May be tried again after OutboxError."""
        return open_store(self._path, self._max_size, self._reserve, self._gateway)

    def stand_in(self) -> Store:
        """What takes its place until then: an empty one in memory, in which nothing is stored.

        It says that is saved what can be read of the one that it stands for.
        """
        store = Store.stand_in(self._path, self._max_size)
        store.saved = saved_in(self._path, self._max_size)
        return store


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
            self._kept = database.set_aside(self._path, self._max_size)
            log.error("outbox_set_aside", path=str(self._path), kept=str(self._kept), reason=str(self._damage))
        why = f"the outbox was damaged and set aside as {self._kept.name}"
        return Store.begin(self._path, self._max_size, why, self._before)


def _open(path: Path, max_size: int, gateway: str) -> tuple[Store, list[SizedRow]]:
    try:
        store = Store.open(path, max_size)
    except Damaged as damage:
        return Replacement(path, max_size, damage, _remains(path, gateway)).begin()
    if store is None:
        return Store.begin(path, max_size, "first start", Predecessor(gateway=gateway))
    return _owned(store, max_size, gateway), []


def _owned(store: Store, max_size: int, gateway: str) -> Store:
    """The store if it belongs to this gateway, or to none yet; else what takes its place."""
    if gateway in {"", store.gateway}:
        return store
    if store.gateway:
        return in_its_place(store, max_size, gateway)
    try:
        store.adopt(gateway)
    except BaseException:  # nobody has it yet who could close it; it is raised again
        store.close()
        raise
    return store


def _remains(path: Path, gateway: str) -> Predecessor:
    """What can still be read of a damaged file, if it is of this gateway: its epoch, and the last number of each class.

    Its state, never.
    """
    epoch: str | None = None
    ends: dict[MessageClass, int] = {}
    with (
        contextlib.suppress(sqlite3.Error, ValueError, TypeError),
        contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection,
    ):
        if database.pragma(connection, "application_id") == database.APPLICATION:
            if database.read_owner(connection) not in {"", gateway}:
                return Predecessor(gateway=gateway)
            epoch = database.read_epoch(connection)
            ends = {each: account.given for each, account in Ledger.load(connection, epoch).accounts.items()}
    return Predecessor(epoch, ends, gateway=gateway)


def _is_refusal(error: Exception, path: Path) -> bool:
    """Whether it is the disk that refuses; SQLite says the same of a folder that is not ours."""
    if isinstance(error, OSError):
        return is_refusal(error)
    if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.ProgrammingError):
        return database.is_full(error) or refuses(path.parent)
    return False


def _fix(error: Exception, *, refused: bool) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return "another process uses it: stop that"
    if refused or code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
        room = "free some room on the disk if it is full, mount it writable if it is read-only"
        return f"{room}, and look for errors of the disk in the kernel's log (dmesg)"
    return "make its folder writable for the user that gatewayd runs as, or set another [gateway] state_dir"
