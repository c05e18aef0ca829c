"""Sources that do as the test says, and a field of them whose outcomes are kept."""

import asyncio
import contextlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from gatewayd.config.sources.lines import Lines
from gatewayd.configured import ConfiguredSource
from gatewayd.engine.plan import Plan, PlannedChannel, PlannedGroup
from gatewayd.model import Block, Channel, Kind, Polled
from gatewayd.plugin import Line, Poll, Source, SourceError
from gatewayd.sources import Field, Numbers
from gatewayd.testing import FakeLine  # noqa: F401 - tests take it from here, with the others


@dataclass
class FakeSource(Source):
    """Answers after `takes` seconds, or is silent and fails after `gives_up` seconds.

    `answer` stands in for the poll: it is called with the Poll; what it gives is given, awaited if need be.
    """

    names: tuple[str, ...] = ("pressure",)
    takes: float = 0.0
    gives_up: float = 1.0
    silent: bool = False
    shares: Line | None = None
    grouped: tuple[tuple[float, tuple[str, ...]], ...] = ()
    answer: Callable | None = None
    waveforms: tuple[str, ...] = ()
    log: list = field(default_factory=list)

    def declare(self):
        return [Channel(name, kind=Kind.WAVEFORM if name in self.waveforms else Kind.SCALAR) for name in self.names]

    def polls(self, interval):
        return [Poll(*each) for each in self.grouped] or super().polls(interval)

    def line(self):
        return self.shares

    async def open(self):
        self.note("open")

    async def close(self):
        self.note("close")

    async def poll(self, poll):
        self.note("poll")
        if self.answer:
            given = self.answer(poll)
            return await given if inspect.isawaitable(given) else given
        if self.silent:
            await asyncio.sleep(self.gives_up)
            raise SourceError(f"no answer within {self.gives_up:g} s")
        await asyncio.sleep(self.takes)
        return Block(poll.channels, np.arange(len(poll.channels), dtype=np.float64))

    def note(self, what):
        self.log.append((what, asyncio.get_running_loop().time()))

    def times(self, what="poll"):
        return [time for name, time in self.log if name == what]

    def calls(self):
        return [name for name, _ in self.log]


class FakeField:
    """A Field of the given sources; `fed` is what came out of it.

    `bursts_apart`: channels of waveforms are not in the groups of the plan.
    """

    def __init__(self, sources, interval=1.0, feed=None, *, bursts_apart=True):
        self.fed = []
        self._statuses = None
        self.plan, configured = _plan(sources, interval, bursts_apart)
        self.field = Field(configured, self.plan, feed or self.fed.append)

    async def run(self, seconds):
        """Poll for so long, then stop."""
        async with self.running():
            await asyncio.sleep(seconds)
        return self

    @contextlib.asynccontextmanager
    async def running(self):
        task = asyncio.create_task(self.field.run(), name="field")
        try:
            yield self
        finally:
            self._statuses = self.field.status()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def exchange(self, sources, kept, interval=1.0, memories=None):
        """Have it poll other sources."""
        self.plan, configured = _plan(sources, interval, bursts_apart=True)
        self.field.exchange(configured, self.plan, Numbers(self.plan), kept, memories or {})

    def polled(self, source):
        """The outcomes of a source's polls."""
        groups = {n for n, group in enumerate(self.plan.groups) if group.source == source}
        return [item for item in self.fed if isinstance(item, Polled) and item.group in groups]

    def answered(self, source):
        return [polled for polled in self.polled(source) if not polled.failed]

    def status(self, source):
        """How a source is doing, or was when the field was stopped."""
        return next(status for status in self._statuses or self.field.status() if status.name == source)


def _plan(sources, interval, bursts_apart):
    channels, groups, configured, lines = [], [], [], Lines()
    for name, source in sources.items():
        numbers = {channel.name: len(channels) + n for n, channel in enumerate(source.declare())}
        channels += [PlannedChannel(f"{name}.{c.name}", c.unit, name, c.kind) for c in source.declare()]
        polls = tuple(source.polls(interval))
        first = len(groups)
        for poll in polls:
            grouped = [numbers[c] for c in poll.channels]
            if bursts_apart:
                grouped = [number for number in grouped if channels[number].kind is Kind.SCALAR]
            groups.append(PlannedGroup(name, tuple(grouped), round(poll.interval * 1e9)))
        line = source.line()
        shared = None if line is None else lines.shared(name, line)
        planned = tuple(range(first, len(groups)))
        configured.append(ConfiguredSource(name, "fake", source, polls, planned, shared, tuple(source.declare())))
    return Plan(tuple(channels), tuple(groups)), configured
