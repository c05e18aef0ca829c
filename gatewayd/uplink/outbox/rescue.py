"""The rescue: an outbox whose file was removed or replaced while it is open is written to its place again, whole."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from pathlib import Path

import structlog

from gatewayd.state import disk
from gatewayd.state.disk import make_way
from gatewayd.state.places import BESIDE_OUTBOX
from gatewayd.uplink.outbox import database
from gatewayd.uplink.outbox.database import Damaged, OutboxError
from gatewayd.uplink.outbox.readback import SizedRow
from gatewayd.uplink.outbox.store import Store

HINT = "do not touch the state folder while gatewayd runs; to begin a new outbox stop it, then move the file away"
COPY = ".copy"
"""The ending of the name of a file that is to take the place of an outbox."""
_PARTS = ("", "-wal")
_ELSEWHERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
"""What is said of a path at which our file cannot be any more."""

log = structlog.get_logger()


class Presence:
    """Whether the files of an outbox are those that were there when it was first asked."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, int]] = {}

    def begin(self) -> None:
        """There are new files."""
        self._known.clear()

    def lost(self, path: Path) -> bool:
        """Whether one of those at a path was removed or replaced."""
        for part in _PARTS:
            try:
                found = _identity(path.with_name(path.name + part))
            except OSError as error:
                if error.errno not in _ELSEWHERE:
                    return False  # a disk that cannot even be asked
                if part in self._known:
                    return True
            else:
                if self._known.setdefault(part, found) != found:
                    return True
        return False

    def replaced(self, path: Path) -> bool:
        """Whether another file is at this path. Raises OSError."""
        return path.exists() and _identity(path) != self._known.get("")


class Rescue:
    """What an open store still holds, put back where its file was. Nothing is lost, and its epoch goes on."""

    def __init__(self, store: Store, presence: Presence, max_size: int) -> None:
        self._store = store
        self._presence = presence
        self._max_size = max_size
        self._copied = False

    def begin(self) -> tuple[Store, list[SizedRow]]:
        """Write it and open it. May be tried again after OSError or sqlite3.Error; after Damaged, it is lost."""
        path = self._store.path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        clear(path)
        if not self._copied:
            try:
                self._copy(path)
            except sqlite3.Error:
                if not self._is_there_again(path):
                    raise
                self._store.close()
                return self._opened(path), []
        self._store.close()  # which removes its log, wherever that is
        self._put_back(path)
        return self._opened(path), []

    def _copy(self, path: Path) -> None:
        remove_copy(path)
        self._store.copy(path.with_name(path.name + COPY))
        self._copied = True

    def _put_back(self, path: Path) -> None:
        copy = path.with_name(path.name + COPY)
        if not copy.exists():  # it is in its place since the attempt before
            return
        kept = database.set_aside(path, self._max_size) if self._presence.replaced(path) else None
        for part in ("-wal", "-shm"):
            path.with_name(path.name + part).unlink(missing_ok=True)
        copy.rename(path)
        log.error("outbox_put_back", path=str(path), in_its_place=kept and str(kept), hint=HINT)
        disk.sync_folder(path.parent)

    def _opened(self, path: Path) -> Store:
        store = Store.open(path, self._max_size)
        if store is None:
            raise Damaged("what was put back is empty")
        return store

    def _is_there_again(self, path: Path) -> bool:
        """Whether the same outbox is at the path: its disk was away and is there again."""
        store = None
        with contextlib.suppress(sqlite3.Error, OSError, Damaged, OutboxError):
            store = Store.open(path, self._max_size) if self._presence.replaced(path) else None
        if store is None:
            return False
        store.close()
        return store.epoch == self._store.epoch


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def clear(path: Path) -> None:
    """Set aside what has the name of an outbox, or of what is beside it, and is no file. Raises OSError."""
    for part in ("", *BESIDE_OUTBOX):
        make_way(path.with_name(path.name + part), Path.is_file)


def remove_copy(path: Path) -> None:
    """Remove what is left of a file that did not take the place of an outbox. Raises OSError."""
    for part in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + COPY + part).unlink(missing_ok=True)
