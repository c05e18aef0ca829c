"""A glimpse of an outbox that the disk does not let be opened: the state that it holds, read from a copy in memory."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from pathlib import Path

from gatewayd.records import Saved
from gatewayd.uplink.outbox.database import Damaged, OutboxError
from gatewayd.uplink.outbox.store import Store

MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in it is ours alone
LARGEST = 64 << 20
"""Bytes of a file, or of its log, that are copied at most."""


def saved_in(path: Path, max_size: int) -> Mapping[tuple[str, str], Saved]:
    """The engine's state as the outbox at `path` has it; nothing if that cannot be read. Never raises."""
    with (
        contextlib.suppress(OSError, sqlite3.Error, Damaged, OutboxError),
        tempfile.TemporaryDirectory(prefix="gatewayd-", dir=MEMORY if MEMORY.is_dir() else None) as folder,
    ):
        copy = Path(folder) / path.name
        for part in ("", "-wal"):
            source = path.with_name(path.name + part)
            if source.exists() and source.stat().st_size <= LARGEST:
                shutil.copyfile(source, copy.with_name(copy.name + part))
        store = Store.open(copy, max_size)
        if store is not None:
            store.close()
            return store.saved
    return {}
