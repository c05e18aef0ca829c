"""Lines: what sources share is opened, put right after a failure, and tried again when it is away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from gatewayd import clock
from gatewayd.foreign import one_line
from gatewayd.plugin import Line
from gatewayd.sources.calling.calls import CallFailed, Calls
from gatewayd.sources.health.status import SECOND
from gatewayd.sources.lines.polled import LONGEST_ALONE, PolledSource
from gatewayd.sources.timing.quarantine import Quarantine

LINE_LIMIT = 10.0
"""Seconds that a line may take to open or to recover."""
CLOSE_LIMIT = 2.0
"""Seconds that a line may take to close, and as many for all sources on it together."""
LONGEST_CARE = 2 * LINE_LIMIT + 3 * CLOSE_LIMIT
"""Seconds that opening and recovering the line can take in one turn."""

log = structlog.get_logger()


class KeptLine:
    """One line and the sources on it; what plugins do is called through `calls`."""

    def __init__(self, line: Line, sources: Sequence[PolledSource], calls: Calls) -> None:
        self.name = line.name
        self.down = ""
        """Why the line cannot be opened; empty when it is open or was not tried."""
        self.is_open = False
        """Whether it was opened, or that was tried, and not closed since."""
        self._line = line
        self.sources = sources
        """Those that are on it."""
        self._calls = calls
        self._down_since = 0
        self._quarantine = Quarantine(LONGEST_ALONE, tolerated=0)

    async def opened(self) -> bool:
        """Open the line, but after a failure only when some time has passed; whether it is open now."""
        if _time() < self._quarantine.until:
            return False
        self.is_open = True  # so that it is closed, too, when we are stopped meanwhile
        try:
            await self._calls.call(self._line.open, LINE_LIMIT)
        except CallFailed as failure:
            await self.close()
            self._fell(failure)
            return False
        self._rose()
        return True

    async def recover(self, source: PolledSource, *, broken_off: bool) -> None:
        """Leave nothing behind of a failed poll of `source` that the next turn could take for its own."""
        await self._close_source(source, CLOSE_LIMIT)
        if broken_off or not await self._quietly("line.recover", self._line.recover, LINE_LIMIT):
            await self.close()

    async def close(self) -> None:
        """Close the line, and first all sources that are open on it."""
        end = _time() + CLOSE_LIMIT
        for source in self.sources:
            await self._close_source(source, max(0.0, end - _time()))
        if self.is_open:
            await self._quietly("line.close", self._line.close, CLOSE_LIMIT)
            self.is_open = False  # and not before: when we are stopped meanwhile, it is closed again

    async def leave(self, source: PolledSource) -> None:
        """Close a source that is to be polled no more."""
        await self._close_source(source, CLOSE_LIMIT)

    async def _close_source(self, source: PolledSource, limit: float) -> None:
        if source.is_open:
            await self._quietly("source.close", source.source.close, limit)
            source.is_open = False

    async def _quietly(self, what: str, foreign: Callable[[], Awaitable[None]], limit: float) -> bool:
        """Call what should not fail; whether it did not."""
        try:
            await self._calls.call(foreign, limit)
        except CallFailed as failure:
            tell = log.warning if self._calls.stopping else log.debug
            tell("cleanup_failed", line=self.name, call=what, reason=str(failure))
            return False
        return True

    def _fell(self, failure: CallFailed) -> None:
        self._quarantine.failed(_time(), failure.held)
        if not self.down:
            self._down_since = clock.now()
            names = [source.name for source in self.sources]
            log.warning("line_failed", line=self.name, sources=names, reason=str(failure), **failure.traceback)
        self.down = one_line(f"line {self.name}: {failure}")

    def _rose(self) -> None:
        self._quarantine.lift()
        if self.down:
            failing_for = round((clock.now() - self._down_since) / SECOND, 3)
            log.info("line_recovered", line=self.name, failing_for=failing_for)
        self.down = ""


def _time() -> float:
    return asyncio.get_running_loop().time()
