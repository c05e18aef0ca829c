"""The listener."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gatewayd_plugins.simulator.demo.story import Story


class Listener:
    """The subscriber."""

    def __init__(self, story: Story, clock: Callable[[], float]) -> None:
        self.subscribed = asyncio.Event()
        self._story = story
        self._clock = clock

    async def listen(self, port: int) -> None:
        """Listen."""

    async def farewell(self) -> None:
        """Wait."""
