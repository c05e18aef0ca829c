"""Orders: what signals ask of the daemon, kept from its first moment to its last so that none is lost."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from gatewayd.errors import GatewaydError


class Orders:
    """To stop (SIGTERM, SIGINT), or to read the config again (SIGHUP). An order to stop is never taken back."""

    def __init__(self) -> None:
        self.stop = False
        self._given = asyncio.Event()
        self._asked: list[asyncio.Future[Any]] = []
        self._answered: list[asyncio.Future[Any]] = []

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

    async def ask_reload(self) -> Any:
        """The same, and wait for what comes of it. Raises GatewaydError when nothing does."""
        outcome = asyncio.get_running_loop().create_future()
        self._asked.append(outcome)
        self.order_reload()
        return await outcome

    def tell(self, outcome: Any) -> None:
        """Tell those who asked what came of the reload that is under way; a GatewaydError: why nothing did."""
        for asked in self._answered:
            if asked.done():  # nobody listens any more
                continue
            if isinstance(outcome, GatewaydError):
                asked.set_exception(outcome)
            else:
                asked.set_result(outcome)
        self._answered = []

    async def reload(self) -> bool:
        """Wait for an order: True to read the config again, False to stop."""
        await self._given.wait()
        self._answered, self._asked = self._asked, []
        if self.stop:
            self.tell(GatewaydError("gatewayd is stopping"))
            return False
        self._given.clear()
        return True
