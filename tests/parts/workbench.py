"""A calculator whose calculations do as the test says, with threads of its own, and all that it feeds."""

import asyncio
import threading

import numpy as np

from gatewayd.calculator import Calculator
from gatewayd.configured import Calculation
from gatewayd.engine.plan import Plan, PlannedCalculation, PlannedChannel
from gatewayd.model import Quality, Request

PATIENCE = 10.0


def request(calculation=0, time=1, values=(1.0, 2.0), quality=Quality.GOOD):
    return Request(calculation, time, np.array(values), None, 100.0, 25.0, quality)


class Held:
    """A function that says when it begins, waits until it is let go, and then gives the window's time."""

    def __init__(self):
        self.begun = threading.Semaphore(0)
        self._let_go = threading.Semaphore(0)

    def __call__(self, asked):
        self.begun.release()
        assert self._let_go.acquire(timeout=PATIENCE)
        return [float(asked.time)]

    async def has_begun(self):
        assert await asyncio.to_thread(self.begun.acquire, timeout=PATIENCE)

    def let_go(self, times=1):
        self._let_go.release(times)


def planned(results, functions):
    """Calculations by their names, and a plan of them."""
    functions = {name.replace("__", "."): function for name, function in functions.items()}
    channels = tuple(PlannedChannel(f"c{number}", "", "") for number in range(max(1, results)))
    plan = Plan(channels, (), calculations=tuple(PlannedCalculation(n, 0, tuple(range(results))) for n in functions))
    return [Calculation(name, name.rpartition(".")[0], function) for name, function in functions.items()], plan


class Workbench:
    """`functions` are the calculations by their names, `plugin.name` if it is a plugin's."""

    def __init__(self, limit=PATIENCE, results=1, **functions):
        self.fed = []
        self.fed_in = set()
        """The threads in which it was fed."""
        self._news = asyncio.Event()
        self.calculator = Calculator(*planned(results, functions), self._feed, limit=limit)
        self._running = asyncio.create_task(self.calculator.run(), name="calculator")

    def turn_to(self, results=1, **functions):
        """Go on with other calculations."""
        self.calculator.turn_to(*planned(results, functions))

    def ask(self, *times, calculation=0):
        """One input that completes windows of these times."""
        self.calculator.compute([request(calculation, time) for time in times])

    async def until(self, condition):
        """Wait until it holds; it is asked whenever something is fed."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def answers(self, count):
        """The first so many results."""
        await self.until(lambda: len(self.fed) >= count)
        return self.fed[:count]

    def status(self, number=0):
        return self.calculator.status()[number]

    def _feed(self, computed):
        self.fed.append(computed)
        self.fed_in.add(threading.current_thread())
        self._news.set()


def told(computed):
    """What was fed, in short."""
    return computed.calculation, computed.time, computed.values.tolist(), computed.quality, computed.reason
