"""Soundness: whether a file is an outbox that this version understands, one of a newer gatewayd, or damaged.

Its version stands in it twice: with the epoch, under a checksum, and in the header. No version of gatewayd may change
the application's id in the header, or fail to raise the version there; all else a later one may change. A header that
says that the file is newer counts if the epoch agrees, or if there is no epoch that could be read but all else of the
file is sound: a bit that flips on a bad card must not keep a gateway from starting.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gatewayd.uplink.outbox import database
from gatewayd.uplink.outbox.database import CHECKED, PAGE, Damaged, NewerOutboxError, checksum, pragma, read_epoch


def inspect(connection: sqlite3.Connection, path: Path) -> str:
    """Give the epoch of a sound file. Raises Damaged, or OutboxError if a newer gatewayd has made it."""
    if pragma(connection, "application_id") != database.APPLICATION:
        raise Damaged("it is not an outbox of gatewayd")
    version = _version(connection)
    if version > database.VERSION:
        fix = "run that version again, or move the file away to begin a new outbox"
        known = f"version {version}, this one knows {database.VERSION}"
        raise NewerOutboxError(path, f"a newer gatewayd has made it ({known})", fix)
    if version < 1:
        raise Damaged(f"there never was a version {version}")
    in_use = (pragma(connection, "page_count") - pragma(connection, "freelist_count")) * PAGE
    if in_use <= CHECKED and (found := _check(connection)) != "ok":
        raise Damaged(found)
    try:
        return read_epoch(connection)
    except ValueError as error:
        raise Damaged(str(error)) from error


def _version(connection: sqlite3.Connection) -> int:
    """Raises Damaged, or sqlite3.Error, which means damage, too."""
    header = pragma(connection, "user_version")
    newer = header > database.VERSION
    try:
        epoch, noted, expected = connection.execute("SELECT id, version, checksum FROM epoch").fetchone() or [None] * 3
    except sqlite3.OperationalError:
        if newer and _check(connection) == "ok":
            return header
        raise
    if isinstance(noted, int) and (checksum(epoch, noted) == expected or (newer and noted == header)):
        return noted
    if newer and not isinstance(noted, int) and _check(connection) == "ok":
        return header
    raise Damaged("its header is inconsistent")


def _check(connection: sqlite3.Connection) -> str:
    return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
