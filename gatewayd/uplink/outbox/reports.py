"""Reports: what the writer tells in its thread, led into the event loop's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gatewayd.clock import Dating
from gatewayd.records import Output
from gatewayd.uplink.outbox.commit import Commit
from gatewayd.uplink.outbox.delivery import Delivery
from gatewayd.uplink.outbox.inbox import Request
from gatewayd.uplink.outbox.readback import ReadBack, SizedRow
from gatewayd.uplink.outbox.store import Store


@dataclass(frozen=True, slots=True)
class Reports:
    """All but `go_on` may be called from any thread; `changed` is set after each."""

    loop: asyncio.AbstractEventLoop
    delivery: Delivery
    boots: dict[str, Dating]
    put: Callable[[Output], None]
    changed: asyncio.Event
    has_ended: asyncio.Event

    def go_on(self, store: Store, rows: list[SizedRow]) -> None:
        """Deliver from a store that was just opened, or made; `rows` are new in it.

        What was on its way from the one before, and is still in memory, is to be stored again.
        """
        self.boots.update(store.boots.datings)
        orphans = self.delivery.begin_epoch(store.epoch, {} if rows else store.last())
        self.delivery.committed(rows, [])
        self.put(Output(tuple(orphans), urgent=True))

    def begun(self, store: Store, rows: list[SizedRow]) -> None:
        """Another store is there: a new one in place of a damaged one, or one that could not be opened before."""
        self._tell(self.go_on, store, rows)

    def committed(self, commit: Commit, gone: list[int]) -> None:
        """Rows are on disk, others no more."""
        self._tell(self._committed, commit, gone)

    def _committed(self, commit: Commit, gone: list[int]) -> None:
        self.delivery.dropped(commit.dropped)
        self.delivery.committed(commit.rows, gone)

    def answer(self, request: Request, found: ReadBack) -> None:
        """Rows have been read back."""
        self._tell(self.delivery.answer, request, found)

    def unwritable(self, why: str) -> None:
        """The disk cannot be written, and not only for a moment."""
        self._tell(self.delivery.unstored.begin, why)

    def writable(self) -> None:
        """The disk can be written again."""
        self._tell(self._writable)

    def _writable(self) -> None:
        if (told := self.delivery.unstored.end(self.delivery.epoch)) is not None:
            self.put(Output((told,), urgent=True))

    def ended(self) -> None:
        """The writer has ended."""
        self._tell(self.has_ended.set)

    def _tell(self, what: Callable[..., None], *facts: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self.loop.call_soon_threadsafe(self._told, what, facts)

    def _told(self, what: Callable[..., None], facts: tuple[Any, ...]) -> None:
        what(*facts)
        self.changed.set()
