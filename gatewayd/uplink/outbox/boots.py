"""Boots: how the times of each boot map to wall time, as far as it was ever known."""

from __future__ import annotations

import sqlite3

from gatewayd import clock

MOST = 1000
"""Boots that are remembered; alarms may refer to long gone ones."""
MOVED = 1_000_000
"""Nanoseconds by which the wall clock must have moved to be noted anew."""


class Boots:
    """The wall offsets in an outbox file. Raises sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.offsets: dict[str, int] = {}

    def load(self) -> None:
        """Read what was noted. Raises ValueError or TypeError if that makes no sense."""
        self.offsets = {str(boot): int(at) for boot, at in self._connection.execute("SELECT id, wall_offset FROM boot")}

    def moved(self, by: int) -> bool:
        """Whether the wall clock is set and has moved more than so many nanoseconds since it was noted."""
        offset, noted = clock.wall_offset(), self.offsets.get(clock.boot())
        return offset is not None and (noted is None or abs(offset - noted) > by)

    def note(self) -> dict[str, int]:
        """Write the present offset, in a transaction, if it has moved; gives what to remember once that succeeds."""
        boot, offset = clock.boot(), clock.wall_offset()
        if offset is None or not self.moved(MOVED):
            return {}
        self._connection.execute(
            "INSERT INTO boot VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET wall_offset = excluded.wall_offset",
            (boot, offset),
        )
        if boot not in self.offsets:
            self._connection.execute(
                "DELETE FROM boot WHERE rowid <= (SELECT max(rowid) FROM boot) - ?",
                (MOST,),
            )
        return {boot: offset}
