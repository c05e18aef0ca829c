"""Fullness: that messages are dropped because the outbox is full, logged when it begins and when it has ended."""

from __future__ import annotations

import time
from collections.abc import Mapping

import structlog

from gatewayd.uplink.outbox.readback import Numbers
from gatewayd.uplink.outbox.store import Store
from gatewayd.uplink.row import MessageClass

FREE = 8
"""The part of the room, one in so many, that must be free to end it: what a drop has made free is used up again."""
QUIET = 60.0
"""Seconds without a drop that end it; in a small file one drop makes much free."""
HINT = (
    "the broker has not taken these messages for too long, or [outbox] max_size is small; "
    "readings go first, then summaries, then events, the oldest of each"
)

log = structlog.get_logger()


class Fullness:
    """Watches the commits of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lost = _lost(store)
        self._before: Mapping[MessageClass, int] | None = None
        self._since = self._latest = 0.0

    def note(self, dropped: Numbers, used: int) -> None:
        """A commit has dropped rows of these classes, and `used` bytes of the file hold something after it."""
        before, self._lost = self._lost, _lost(self._store)
        if dropped:
            self._latest = time.monotonic()
        if dropped and self._before is None:
            self._before, self._since = before, self._latest
            log.error("outbox_full", **self._where(), dropped=[str(each) for each in dropped], hint=HINT)
        elif time.monotonic() - self._latest > QUIET and used < self._store.usable * (1 - 1 / FREE):
            self.end()

    def end(self) -> None:
        """It is over, if it had begun."""
        if self._before is not None:
            lost = {str(each): more for each, count in self._lost.items() if (more := count - self._before[each])}
            self._before = None
            log.info("outbox_full_ended", **self._where(), lost=lost, seconds=round(time.monotonic() - self._since, 1))

    def _where(self) -> dict[str, str | int]:
        return {"path": str(self._store.path), "max_size": self._store.limit}


def _lost(store: Store) -> Mapping[MessageClass, int]:
    return {each: account.lost for each, account in store.ledger.accounts.items()}
