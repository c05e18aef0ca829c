"""By hand: a source is called as gatewayd calls it, one poll at a time, when the test says so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from gatewayd.model import Block, Sample, Waveform
from gatewayd.plugin import Line, Poll, Source
from gatewayd.sources.reading.inspection import Inspection
from gatewayd.testing.bench import configured


class Hand:
    """One source and its line. After a failed poll they are closed and put right, as gatewayd would do it."""

    def __init__(self, source: Source, polls: Sequence[Poll], line: Line | None, plugin: str = "") -> None:
        self.source = source
        self.polls = tuple(polls)
        self.took = 0.0
        """Seconds that the last poll took that was answered."""
        self._line = line or Line("a line of its own")
        self._inspection = Inspection(plugin, {}, {})
        self._line_is_open = False
        self._source_is_open = False
        if line is not None:
            source.use(line)

    async def poll(self, poll: Poll | None = None) -> list[Sample | Block | Waveform]:
        """What the source gives at a poll, of its first one by default; opens what is not open.

        Raises what the source raises, TimeoutError after its `poll_limit`, and GatewaydError when what it gives is none
        of these.
        """
        began = time.monotonic()
        try:
            async with asyncio.timeout(self.source.poll_limit):
                await self.open()
                given = await _awaitable(self.source.poll(poll or self.polls[0]), self.source)
            items = list(self._inspection.items(given))
        except BaseException as error:  # however it ends, the line is put right; it is raised again
            await self._put_right(broken_off=isinstance(error, TimeoutError | asyncio.CancelledError))
            raise
        self.took = time.monotonic() - began
        return items

    async def open(self) -> None:
        """Open the line and the source, if they are not."""
        if not self._line_is_open:
            self._line_is_open = True
            await self._line.open()
        if not self._source_is_open:
            self._source_is_open = True
            await self.source.open()

    async def close(self) -> None:
        """Close both, if they are open."""
        try:
            await self._close_source()
        finally:
            if self._line_is_open:
                self._line_is_open = False
                await self._line.close()

    async def _close_source(self) -> None:
        if self._source_is_open:
            self._source_is_open = False
            await self.source.close()

    async def _put_right(self, *, broken_off: bool) -> None:
        await self._close_source()
        if not broken_off and self._line_is_open:
            try:
                await self._line.recover()
            except Exception:  # noqa: BLE001 - whatever it raises means that it must be closed
                broken_off = True
        if broken_off:
            await self.close()


def _awaitable(given: Any, source: Source) -> Awaitable[Any]:
    if not isinstance(given, Awaitable):
        raise TypeError(f"{type(source).__name__}.poll gives {given!r} and not a coroutine: write `async def poll`")
    return given


@asynccontextmanager
async def by_hand(**options: Any) -> AsyncIterator[Hand]:
    """A source with these options, `plugin` among them, made and checked by the config; closed in the end."""
    source = configured(it=options).sources["it"]
    hand = Hand(source.source, source.polls, source.line, source.plugin)
    try:
        yield hand
    finally:
        await hand.close()
