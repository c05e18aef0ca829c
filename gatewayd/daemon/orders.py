"""Orders: what signals ask of the daemon, kept from its first moment to its last so that none is lost."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Self

from gatewayd.early import reload_was_ordered
from gatewayd.errors import GatewaydError

GRACE = 0.2
"""Seconds at the end for answers that are on their way."""


class Orders:
    """To stop (SIGTERM, SIGINT), or to read the config again (SIGHUP). An order to stop is never taken back."""

    def __init__(self) -> None:
        self.stop = False
        self.waiting: set[asyncio.Task[Any]] = set()
        """Those who asked for a reload and have no answer yet: they are answered by the run that it leads to."""
        self._given = asyncio.Event()
        self._leaving: asyncio.Timeout | None = None
        self._promised: Any = None
        self._asked: list[asyncio.Future[Any]] = []
        self._answered: list[asyncio.Future[Any]] = []

    @classmethod
    @contextmanager
    def by_signals(cls) -> Iterator[Self]:
        """Take orders for as long as the context lasts, and those that were given before it."""
        orders, loop = cls(), asyncio.get_running_loop()
        handlers = dict.fromkeys((signal.SIGTERM, signal.SIGINT), orders.order_stop)
        handlers[signal.SIGHUP] = orders.order_reload
        before = {number: signal.getsignal(number) for number in handlers}
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler)
        if reload_was_ordered():
            orders.order_reload()
        try:
            yield orders
        finally:
            for number in handlers:
                loop.remove_signal_handler(number)
                signal.signal(number, before[number] or signal.SIG_DFL)

    def order_stop(self) -> None:
        """Stop, whatever else is going on."""
        self.stop = True
        self._given.set()
        if self._leaving is not None:
            self._leaving.reschedule(0)
            self._leaving = None

    @asynccontextmanager
    async def unless_stopped(self) -> AsyncIterator[None]:
        """What is done in this context is left when it is time to stop. Raises TimeoutError then."""
        async with asyncio.timeout(0 if self.stop else None) as leaving:
            self._leaving = leaving
            try:
                yield
            finally:
                self._leaving = None

    def order_reload(self) -> None:
        """Read the config again, as soon as there is nothing more urgent."""
        self._given.set()

    async def ask_reload(self) -> Any:
        """The same, and wait for what comes of it. Raises GatewaydError when nothing does."""
        if (task := asyncio.current_task()) is not None:
            self.waiting.add(task)
            task.add_done_callback(self.waiting.discard)
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

    def promise(self, outcome: Any) -> None:
        """Have it told when the run that is to follow has begun: that this will is not known yet."""
        self._promised = outcome

    def keep_promise(self) -> None:
        """Tell what was promised, if anything was: this run has begun."""
        promised, self._promised = self._promised, None
        if promised is not None:
            self.tell(promised)

    async def end(self) -> None:
        """Tell all who still wait that no run follows, and let that reach them."""
        self._answered, self._asked = [*self._answered, *self._asked], []
        self.tell(GatewaydError("gatewayd is stopping" if self.stop else "gatewayd has ended: its log says why"))
        if others := self.waiting - {asyncio.current_task()}:
            await asyncio.wait(others, timeout=GRACE)

    async def reload(self) -> bool:
        """Wait for an order: True to read the config again, False to stop."""
        await self._given.wait()
        self._answered, self._asked = self._asked, []
        if self.stop:
            self.tell(GatewaydError("gatewayd is stopping"))
            return False
        self._given.clear()
        return True
