"""Migrations: how a file of an earlier version becomes one of this. Whoever changes a stored form adds one.

`database.VERSION` counts the forms of all that is in the file: tables, records, and what the engine saves. What the
version before can overlook (a table more, an appended field with a default) needs no new version: either reads what the
other has written. All else does, and a step in `STEPS` that rewrites what is there. tests/versions/ holds the forms.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Mapping
from types import MappingProxyType

import structlog

from gatewayd.uplink.outbox import database

Step = Callable[[sqlite3.Connection], None]

STEPS: Mapping[int, Step] = MappingProxyType({})
"""What turns a file of each version into one of the next. There was only one version so far."""

log = structlog.get_logger()


def migrate(connection: sqlite3.Connection, epoch: str) -> None:
    """Bring a sound file to the present version, in one transaction: a power cut leaves it old or new, never between.

    Its epoch, numbers and rows stay. Raises sqlite3.Error.
    """
    (found,) = connection.execute("SELECT version FROM epoch").fetchone()
    if found == database.VERSION == database.pragma(connection, "user_version"):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for version in range(found, database.VERSION):
            STEPS[version](connection)
        database.mark_version(connection, epoch)
        connection.execute("COMMIT")
    except BaseException:  # all of it or nothing, whatever it was; it is raised again
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    if found == database.VERSION:
        log.warning("outbox_header_mended", version=found)
    else:
        log.info("outbox_migrated", before=found, version=database.VERSION)
