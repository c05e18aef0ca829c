"""Boots: how the times of each boot map to wall time, as far as it was ever known."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Mapping

import structlog

from gatewayd import clock
from gatewayd.clock import Dating

MOST = 1000
"""Boots that are remembered; alarms may refer to long gone ones."""
MOVED = 1_000_000
"""Nanoseconds by which the wall clock must have moved to be noted anew."""
STEPPED = 1_000_000_000
"""Nanoseconds by which it must have moved to be told."""

log = structlog.get_logger()


class Boots:
    """The datings in an outbox file. Raises sqlite3.Error.

    That of the present boot is the last one that was noted: the wall clock as it was set, and whether a time service
    has vouched for it since. What it was before is of no use.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.datings: dict[str, Dating] = {}
        self._told = clock.dating().state

    def load(self) -> None:
        """Read what was noted. Raises ValueError or TypeError if that makes no sense."""
        # A file of an earlier version has no such table; one that has it can be read by that version.
        self._connection.execute("CREATE TABLE IF NOT EXISTS vouched (boot TEXT PRIMARY KEY)")
        found = self._connection.execute(
            "SELECT id, wall_offset, vouched.boot IS NOT NULL FROM boot LEFT JOIN vouched ON vouched.boot = boot.id"
        )
        self.datings = {str(boot): Dating(int(offset), bool(vouched)) for boot, offset, vouched in found}

    def take_over(self, datings: Mapping[str, Dating]) -> None:
        """Write those of another file, in a transaction."""
        known = [(boot, dating.offset) for boot, dating in datings.items() if dating.offset is not None]
        self._connection.executemany("INSERT INTO boot VALUES (?, ?)", known)
        vouched = [(boot,) for boot, dating in datings.items() if dating.vouched]
        self._connection.executemany("INSERT INTO vouched VALUES (?)", vouched)
        self.datings = dict(datings)

    def moved(self, by: int) -> bool:
        """Whether there is news of the wall clock: it moved by more than so many nanoseconds, or is vouched for now."""
        now, noted = clock.dating(), self._noted()
        return now.offset is not None and (_step(noted, now) > by or (now.vouched and not noted.vouched))

    def note(self) -> Dating | None:
        """Write how this boot is dated now, in a transaction, if there is news; gives what to remember once it is."""
        now, noted, boot = clock.dating(), self._noted(), clock.boot()
        if now.offset is None or not self.moved(MOVED):
            return None
        kept = noted.vouched and _step(noted, now) < STEPPED
        self._connection.execute(
            "INSERT INTO boot VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET wall_offset = excluded.wall_offset",
            (boot, now.offset),
        )
        if now.vouched:
            self._connection.execute("INSERT OR IGNORE INTO vouched VALUES (?)", (boot,))
        elif not kept:
            self._connection.execute("DELETE FROM vouched WHERE boot = ?", (boot,))
        if boot not in self.datings:
            self._forget()
        return Dating(now.offset, vouched=now.vouched or kept)

    def remember(self, now: Dating | None) -> None:
        """What was noted is on disk."""
        if now is None:
            return
        before = self._noted()
        self.datings[clock.boot()] = now
        if before.offset is not None and now.offset is not None and _step(before, now) > STEPPED:
            log.warning("clock_stepped", by=round((now.offset - before.offset) / 1e9, 3), clock=now.state)
        elif now.state is not self._told:
            log.info("clock_set", clock=now.state)
        self._told = now.state

    def _noted(self) -> Dating:
        return self.datings.get(clock.boot(), Dating())

    def _forget(self) -> None:
        """Those that are too many."""
        self._connection.execute("DELETE FROM boot WHERE rowid <= (SELECT max(rowid) FROM boot) - ?", (MOST,))
        self._connection.execute("DELETE FROM vouched WHERE boot NOT IN (SELECT id FROM boot)")


def _step(before: Dating, after: Dating) -> float:
    """Nanoseconds that the wall clock was set by, either way."""
    if before.offset is None or after.offset is None:
        return math.inf
    return abs(after.offset - before.offset)
