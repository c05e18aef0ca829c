"""The outbox's database file: opening it, telling whether it is sound, setting a damaged one aside."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gatewayd.errors import GatewaydError, NeedsPersonError
from gatewayd.state.disk import place_aside, sync_folder
from gatewayd.uplink.outbox.identity import CLASSES

PAGE = 4096
APPLICATION = 0x67617477
VERSION = 1
CHECKED = 4 << 20
"""Bytes in use up to which a file is checked as a whole when it is opened; in good times it holds far less."""
FIRST_SIZE = 512 << 10
"""Bytes that a new file has room for before it grows."""
_BESIDE = ("-wal", "-shm")
NEW = ".new"
"""The ending of the name of a file that is whole and about to take the place of an outbox."""

_SCHEMA = """
CREATE TABLE {0} (seq INTEGER PRIMARY KEY, batch INTEGER NOT NULL, checksum INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE {1} (seq INTEGER PRIMARY KEY, batch INTEGER NOT NULL, checksum INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE {2} (seq INTEGER PRIMARY KEY, batch INTEGER NOT NULL, checksum INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE aside (class TEXT, seq INTEGER, why TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (class, seq));
CREATE TABLE account (
    class TEXT PRIMARY KEY, given INTEGER NOT NULL, lost INTEGER NOT NULL, aside INTEGER NOT NULL,
    checksum INTEGER NOT NULL
);
CREATE TABLE unreported (
    class TEXT, why TEXT, first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL, quiet INTEGER NOT NULL,
    PRIMARY KEY (class, why)
);
CREATE TABLE saved (
    stage TEXT, name TEXT, definition TEXT NOT NULL, checksum INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (stage, name)
);
CREATE TABLE boot (id TEXT PRIMARY KEY, wall_offset INTEGER NOT NULL);
CREATE TABLE vouched (boot TEXT PRIMARY KEY);
CREATE TABLE epoch (id TEXT PRIMARY KEY, version INTEGER NOT NULL, checksum INTEGER NOT NULL);
"""
_TROUBLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)


class OutboxError(GatewaydError):
    """The outbox cannot be opened."""

    def __init__(self, path: Path, what: str, fix: str) -> None:
        super().__init__(f"outbox {path}: {what}; {fix}")


class NewerOutboxError(OutboxError, NeedsPersonError):
    """The outbox was made by a newer gatewayd: this one would not understand it, and leaves it as it is."""


class Damaged(Exception):  # noqa: N818 - never leaves this folder
    """The file is there but is not, or not any longer, a sound outbox."""


@contextmanager
def damage_told() -> Iterator[None]:
    """Turn sqlite3's errors into Damaged where they mean that; those of a full or failing disk stay as they are."""
    try:
        yield
    except UnicodeDecodeError as error:  # sqlite3's message quotes what it found
        raise Damaged("its schema is garbled") from error
    except sqlite3.ProgrammingError:
        raise
    except sqlite3.Error as error:
        if _primary(error) in _TROUBLE:
            raise
        raise Damaged(f"{error} ({getattr(error, 'sqlite_errorname', type(error).__name__)})") from error


def is_full(error: sqlite3.Error) -> bool:
    """Whether room on the disk may be what is missing; a file that cannot grow may be an I/O error, too."""
    return _primary(error) in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}


def _primary(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def connect(path: Path, max_size: int) -> sqlite3.Connection:
    """Open or make the file, with nothing in it looked at yet. Raises sqlite3.Error."""
    connection = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False, cached_statements=64)
    try:
        for pragma in (
            f"page_size = {PAGE}",
            "locking_mode = EXCLUSIVE",  # one process; the index of the WAL then needs no shared memory
            "journal_mode = WAL",
            "synchronous = FULL",  # NORMAL loses committed rows at a power cut
            "secure_delete = OFF",  # Debian's default overwrites what is deleted: wear for nothing
            "trusted_schema = OFF",
            "cell_size_check = ON",
            f"max_page_count = {max_size // PAGE}",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
        limit_log(connection, max_size)
    except BaseException:  # nobody has the connection yet who could close it; it is raised again
        connection.close()
        raise
    return connection


@contextmanager
def connected(path: Path, max_size: int) -> Iterator[sqlite3.Connection]:
    """A connection that stays open unless the block raises. Raises sqlite3.Error, Damaged."""
    with damage_told():
        connection = connect(path, max_size)
        try:
            yield connection
        except BaseException:  # nobody else will close it; it is raised again
            connection.close()
            raise


def limit_log(connection: sqlite3.Connection, max_size: int) -> None:
    """Let the log of a file of at most so many bytes have its room."""
    connection.execute(f"PRAGMA wal_autocheckpoint = {log_pages(max_size)}")
    connection.execute(f"PRAGMA journal_size_limit = {log_pages(max_size) * PAGE}")


def log_pages(max_size: int) -> int:
    """Pages that the log holds before they are moved into the file: the more, the fewer are written twice."""
    return min(1000, max_size // PAGE // 8)


def reserve_size(max_size: int) -> int:
    """Bytes that let the whole log be moved into the file, and new ones be written, on a disk that is full."""
    return log_pages(max_size) * PAGE + (3 << 19)


def most_in_memory(max_size: int) -> int:
    """Bytes that may wait in memory while the disk cannot be written; at most so many are committed at once."""
    return min(8 << 20, max_size // 4)


def budget(max_size: int) -> dict[str, int]:
    """Bytes that each part of an outbox may take at most. While a removed file is put back it takes its room twice."""
    log = log_pages(max_size) * PAGE + most_in_memory(max_size) * 3 // 2
    return {
        "outbox": max_size,
        "outbox_log": log,
        "outbox_reserve": reserve_size(max_size),
        "outbox_damaged": max_size + log,
    }


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether nothing was ever made in this file."""
    return pragma(connection, "user_version") == 0 and not connection.execute("SELECT * FROM sqlite_schema").fetchone()


def pragma(connection: sqlite3.Connection, name: str) -> int:
    """The value of a pragma."""
    value: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value


def lay_out(connection: sqlite3.Connection, epoch: str) -> None:
    """Make the tables, within a transaction of the caller's, and some room for what a full disk finds stored."""
    for statement in _SCHEMA.format(*CLASSES).split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    accounts = [(each, 0, 0, 0, checksum(each, 0, 0, 0)) for each in CLASSES]
    connection.executemany("INSERT INTO account VALUES (?, ?, ?, ?, ?)", accounts)
    mark_version(connection, epoch)
    connection.execute("INSERT INTO aside VALUES ('', 0, '', zeroblob(?))", (FIRST_SIZE,))
    connection.execute("DELETE FROM aside")


def mark_version(connection: sqlite3.Connection, epoch: str) -> None:
    """Note, within a transaction of the caller's, that the file is of this version."""
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("INSERT OR REPLACE INTO epoch VALUES (?, ?, ?)", (epoch, VERSION, checksum(epoch, VERSION)))


def checksum(*facts: object) -> int:
    """Of the facts of a row that is small and matters much: a bit that flips in it must not go unnoticed."""
    return zlib.crc32("|".join(map(str, facts)).encode())


def read_epoch(connection: sqlite3.Connection) -> str:
    """The epoch of a file of this version. Raises sqlite3.Error; ValueError if it is spoilt."""
    epoch, version, expected = connection.execute("SELECT id, version, checksum FROM epoch").fetchone() or ("", 0, 0)
    if checksum(epoch, version) != expected:
        raise ValueError("its epoch is spoilt")
    return str(epoch)


def read_owner(connection: sqlite3.Connection) -> str:
    """The id of the gateway that an outbox belongs to; empty if it is not known, or spoilt. Raises sqlite3.Error."""
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'owner'").fetchone() is None:
        return ""  # an earlier version has made it
    gateway, expected = connection.execute("SELECT id, checksum FROM owner").fetchone() or ("", 0)
    return str(gateway) if checksum(gateway) == expected else ""


def note_owner(connection: sqlite3.Connection, gateway: str) -> None:
    """Have an outbox belong to a gateway (empty: it is not known), within a transaction of the caller's."""
    connection.execute("CREATE TABLE IF NOT EXISTS owner (id TEXT PRIMARY KEY, checksum INTEGER NOT NULL)")
    connection.execute("DELETE FROM owner")
    connection.execute("INSERT INTO owner VALUES (?, ?)", (gateway, checksum(gateway)))


def set_aside(path: Path, max_size: int) -> Path:
    """Rename a damaged file, with its log, so that a new one can be made. Raises OSError.

    Earlier ones are kept as far as all of them take no more than an outbox and its log may.
    """
    target = place_beside(path, max_size)
    for part in (*_BESIDE, ""):
        with contextlib.suppress(FileNotFoundError):
            _with(path, part).rename(_with(target, part))
    sync_folder(path.parent)
    return target


def place_beside(path: Path, max_size: int) -> Path:
    """Where a file is kept that another one is to take the place of. Raises OSError."""
    return place_aside(path, *_BESIDE, room=budget(max_size)["outbox_damaged"])


def take_place(path: Path, other: Path, target: Path) -> None:
    """Have another file take the place of one that is kept as `target`, at one stroke; neither has a log.

    Where that takes two, `place_taken` does what is left of it after a crash. Raises OSError.
    """
    try:
        os.link(path, target)
    except OSError:  # a file system without links
        other = other.replace(_with(path, NEW))
        sync_folder(path.parent)
        path.rename(target)
    other.replace(path)
    sync_folder(path.parent)


def place_taken(path: Path) -> None:
    """Finish what a crash has cut short: a file that is whole takes its place if that is free. Raises OSError."""
    new = _with(path, NEW)
    if path.exists():
        new.unlink(missing_ok=True)
    elif new.exists():
        new.rename(path)
        sync_folder(path.parent)


def _with(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
