"""Hours of an asyncio program in milliseconds: time jumps to the next timer whenever there is nothing else to do."""

import asyncio
import selectors
from unittest import mock

from gatewayd import clock

START = 1000.0


class _Skipping(selectors.DefaultSelector):
    """Instead of waiting, lets the time pass."""

    now = START

    def select(self, timeout=None):
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("the simulation waits for ever: nothing is left that could happen")
        if not ready:
            self.now += max(timeout, 0)
        return ready


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop on its own time, in seconds, that begins at START."""

    def __init__(self):
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self):
        return self._skipping.now


def simulate(coroutine):
    """Run a coroutine in simulated time, by which gatewayd's clock goes too; give what it returns."""
    loop = SimulatedLoop()

    def now():
        return round(loop.time() * 1e9)

    with (
        mock.patch.object(clock, "now", now),
        asyncio.Runner(loop_factory=lambda: loop) as runner,
    ):
        return runner.run(coroutine)


def hold(seconds):
    """Let time pass as blocking code does, while nothing else can run."""
    asyncio.get_running_loop()._skipping.now += seconds
