"""Orders: what signals ask of the daemon, kept from its first moment to its last so that none is lost."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self


class Orders:
    """To stop (SIGTERM, SIGINT), or to read the config again (SIGHUP). An order to stop is never taken back."""

    def __init__(self) -> None:
        self.stop = False
        self._given = asyncio.Event()

    @classmethod
    @contextmanager
    def by_signals(cls) -> Iterator[Self]:
        """Take orders for as long as the context lasts."""
        orders, loop = cls(), asyncio.get_running_loop()
        handlers = dict.fromkeys((signal.SIGTERM, signal.SIGINT), orders.order_stop)
        handlers[signal.SIGHUP] = orders.order_reload
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler)
        try:
            yield orders
        finally:
            for number in handlers:
                loop.remove_signal_handler(number)

    def order_stop(self) -> None:
        """Stop, whatever else is going on."""
        self.stop = True
        self._given.set()

    def order_reload(self) -> None:
        """Read the config again, as soon as there is nothing more urgent."""
        self._given.set()

    async def reload(self) -> bool:
        """Wait for an order: True to read the config again, False to stop."""
        await self._given.wait()
        if self.stop:
            return False
        self._given.clear()
        return True
