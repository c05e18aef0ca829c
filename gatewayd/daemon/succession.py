"""Succession: what runs for as long as the gateway does, and can be exchanged meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any, Generic, Protocol, TypeVar


class Running(Protocol):
    """What runs until it is cancelled, or has nothing more to do."""

    async def run(self) -> None: ...  # noqa: D102


R = TypeVar("R", bound=Running)


class Succession(Generic[R]):
    """One after the other: what is exchanged is cancelled, and when it has ended the next one begins."""

    def __init__(self, first: R) -> None:
        self.now = first
        """The one that runs, or is about to."""
        self._exchanged = asyncio.Event()

    def exchange(self, following: R) -> None:
        """Go on with another one."""
        self.now = following
        self._exchanged.set()

    async def run(self) -> None:
        """Run until cancelled. Raises what they raise."""
        while True:
            self._exchanged.clear()
            running = asyncio.create_task(self.now.run(), name=type(self.now).__name__)
            exchanged = asyncio.create_task(self._exchanged.wait(), name="exchange")
            try:
                await asyncio.wait({running, exchanged}, return_when=asyncio.FIRST_COMPLETED)
                if running.done():
                    running.result()
                    await exchanged
            finally:
                await ended(running, exchanged)
            if not running.cancelled():
                running.result()


async def ended(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait until they have ended; what they raise is somebody else's concern.

    Who waits here may be cancelled, too: that has to wait, or what the tasks use would be closed under them.
    """
    for task in tasks:
        task.cancel()
    cancelled: asyncio.CancelledError | None = None
    while not all(task.done() for task in tasks):
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


class Closable(Protocol):
    """What may take some time to end."""

    async def close(self) -> None: ...  # noqa: D102


async def closed(*all_of_them: Closable) -> None:
    """Close them side by side: where a disk is stuck each takes all the time that it may. Raises what one raises."""
    outcomes = await asyncio.gather(*(each.close() for each in all_of_them), return_exceptions=True)
    for failure in filter(None, outcomes):
        raise failure
