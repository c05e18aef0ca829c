"""The child itself: its sources are polled as in the gateway, and everything that comes of it is told."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from gatewayd.configured import ConfiguredSource
from gatewayd.engine.plan import Plan
from gatewayd.errors import GatewaydError
from gatewayd.isolation.child.wire import Wire
from gatewayd.isolation.messages import Beat, Done, Fed, Forget, Order, Ready, Set, Setup, Stop
from gatewayd.model import Burst, Input, Kind, Polled
from gatewayd.recorder.entries import Poll, Wave
from gatewayd.sources import Field

MEMORY_EVERY = 60
"""Beats between looks at what sources have learned."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Child:
    """The sources in this process, and the way to the gateway."""

    def __init__(self, setup: Setup, sources: list[ConfiguredSource], plan: Plan, wire: Wire) -> None:
        self._wire = wire
        self._beat = setup.beat
        self._plan = plan
        self._field = Field(sources, plan, self._feed)
        self._field.recall(setup.memories)
        self._known = dict(setup.memories)
        self._fed: list[Poll | Wave] = []
        self._stop = asyncio.Event()
        self._writing: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Poll until it is told to stop, in bounded time."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._wire.fileno(), self._listen)
        self._wire.send(self._ready())
        field = loop.create_task(self._field.run(), name="field")
        beats = loop.create_task(self._beats(), name="beats")
        stop = loop.create_task(self._stop.wait(), name="stop")
        await asyncio.wait({field, stop}, return_when=asyncio.FIRST_COMPLETED)
        loop.remove_reader(self._wire.fileno())
        for task in (field, beats):
            task.cancel()
        await asyncio.wait({field, beats})
        self._flush()
        self._tell(memories=True)
        if not field.cancelled():
            field.result()

    def _ready(self) -> Ready:
        names = [channel.name for channel in self._plan.channels]
        groups = [(group.source, [names[number] for number in group.channels]) for group in self._plan.groups]
        waveforms = {n: each.name for n, each in enumerate(self._plan.channels) if each.kind is Kind.WAVEFORM}
        return Ready(groups, waveforms)

    async def _beats(self) -> None:
        """Signs of life: they come only while the event loop turns."""
        beats = 0
        while True:
            self._tell(memories=beats % MEMORY_EVERY == MEMORY_EVERY - 1)
            beats += 1
            await asyncio.sleep(self._beat)

    def _tell(self, *, memories: bool) -> None:
        new: dict[str, bytes] = {}
        if memories:
            new = {name: each for name, each in self._field.memories().items() if each != self._known.get(name, b"")}
            self._known.update(new)
        stuck = not self._field.progressing()
        self._wire.send(Beat(self._field.status(), stuck, resident(), new))

    def _feed(self, item: Input) -> None:
        """All that one poll gives is one message."""
        if not self._fed:
            asyncio.get_running_loop().call_soon(self._flush)
        if isinstance(item, Polled):
            self._fed.append(Poll.of(item))
        elif isinstance(item, Burst):
            self._fed.append(Wave.of(item))

    def _flush(self) -> None:
        if self._fed:
            self._wire.send(Fed(self._fed))
            self._fed = []

    def _listen(self) -> None:
        for order in self._wire.orders():
            self._obey(order)

    def _obey(self, order: Order) -> None:
        if isinstance(order, Stop):
            self._stop.set()
        elif isinstance(order, Set):
            task = asyncio.get_running_loop().create_task(self._set(order), name=f"write {order.channel}")
            self._writing[order.number] = task
            task.add_done_callback(lambda _: self._writing.pop(order.number))
        elif isinstance(order, Forget) and order.number in self._writing:
            self._writing[order.number].cancel()

    async def _set(self, order: Set) -> None:
        failure = ""
        try:
            await self._field.write(order.source, order.channel, order.value)
        except GatewaydError as error:
            failure = str(error) or "it failed"
        self._wire.send(Done(order.number, failure))


def resident() -> int:
    """The bytes of memory that this process takes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
