"""The bench: sources of a config, checked and polled by gatewayd itself, without rules, outbox and broker."""

from __future__ import annotations

import asyncio
import math
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatewayd.config import Config, load
from gatewayd.errors import ConfigError, Problem
from gatewayd.model import Burst, Input, Polled, Quality
from gatewayd.plugin import Poll
from gatewayd.sources import Field
from gatewayd.sources.health.status import SourceStatus
from gatewayd.testing.toml_text import toml_value

PATIENCE = 10.0
"""Seconds that a test waits for polls before it fails."""
FRAME = '[gateway]\nid = "bench"\n\n[mqtt]\nurl = "mqtt://localhost"\n'


@dataclass(frozen=True, slots=True)
class Reading:
    """What one poll said of one channel; `time` in nanoseconds of `gatewayd.plugin.now()`."""

    value: float
    quality: Quality
    reason: str
    time: int


class Bench:
    """Sources that are polled, and all that came of it, by the names that channels have in the gateway."""

    def __init__(self, config: Config) -> None:
        self.readings: defaultdict[str, list[Reading]] = defaultdict(list)
        """All readings of each channel (`tank1.level`) of numbers, in their order."""
        self.waveforms: defaultdict[str, list[Burst]] = defaultdict(list)
        """The same of each channel of waveforms."""
        self.failures: defaultdict[str, list[str]] = defaultdict(list)
        """Of each source, why its failed polls failed."""
        self._counts: defaultdict[str, int] = defaultdict(int)
        self._plan = config.plan
        self._sources = config.sources
        self._news = asyncio.Event()
        self._ended = False
        self._field = Field(config.sources.values(), config.plan, self._take)

    async def run(self) -> None:
        """Poll until cancelled. Raises an exception group when gatewayd itself is at fault."""
        try:
            await self._field.run()
        finally:
            self._ended = True
            self._news.set()

    async def polls(self, count: int = 1, source: str = "") -> None:
        """Wait until so many more polls of this source have had an outcome; no source: of each of them.

        Raises TimeoutError when they have none within PATIENCE.
        """
        sources = {source} if source else {group.source for group in self._plan.groups}
        wanted = {name: self._counts[name] + count for name in sources}
        async with asyncio.timeout(PATIENCE):
            while not self._ended and any(self._counts[name] < least for name, least in wanted.items()):
                self._news.clear()
                await self._news.wait()

    def latest(self, channel: str) -> float:
        """The last value of a channel that was good; NaN: there was none yet."""
        values = (reading.value for reading in reversed(self.readings[channel]) if reading.quality == Quality.GOOD)
        return next(values, math.nan)

    def polled(self, source: str) -> tuple[Poll, ...]:
        """The polls that a source has declared."""
        return self._sources[source].polls

    def status(self, source: str) -> SourceStatus:
        """How a source is doing, as `gatewayd status` would say."""
        return next(status for status in self._field.status() if status.name == source)

    def _take(self, item: Input) -> None:
        if isinstance(item, Burst):
            self.waveforms[self._plan.channels[item.channel].name].append(item)
        elif isinstance(item, Polled):
            self._enter(item)
            self._news.set()

    def _enter(self, polled: Polled) -> None:
        group = self._plan.groups[polled.group]
        self._counts[group.source] += not polled.continued
        if polled.failed:
            self.failures[group.source].append(next(iter(polled.reasons.values()), ""))
        rows = zip(group.channels, polled.values.tolist(), polled.qualities.tolist(), strict=True)
        for number, value, quality in rows:
            if quality != Quality.ABSENT:
                name = self._plan.channels[number].name
                reason = polled.reasons.get(name.removeprefix(f"{group.source}."), "")
                self.readings[name].append(Reading(value, Quality(quality), reason, polled.time))


def configured(text: str = "", **tables: Mapping[str, Any]) -> Config:
    """The config of these sources: `tank1={"plugin": "tank", "host": "10.0.0.7"}` is the table [sources.tank1].

    `text` is more of the config, or all of it, as it stands in a file; it needs neither [gateway] nor [mqtt]. Raises
    ConfigError with all problems at once, as `gatewayd check` shows them.
    """
    sections = [FRAME, text]
    for name, table in tables.items():
        lines = [f"{toml_value(str(key))} = {toml_value(value)}\n" for key, value in table.items()]
        sections.append(f"\n[sources.{name}]\n{''.join(lines)}")
    with tempfile.TemporaryDirectory(prefix="gatewayd-bench-") as folder:
        path = Path(folder) / "gatewayd.toml"
        path.write_text("".join(sections), encoding="utf-8")
        config = load(path, offline=True)
    if config.problems:
        raise ConfigError(config.problems)
    return config


def problems(text: str = "", **tables: Mapping[str, Any]) -> tuple[Problem, ...]:
    """What `gatewayd check` finds wrong with a config; its parts are those of `configured`."""
    try:
        configured(text, **tables)
    except ConfigError as error:
        return error.problems
    return ()


@asynccontextmanager
async def polling(**tables: Mapping[str, Any]) -> AsyncIterator[Bench]:
    """Poll these sources as the gateway does; gives the bench that they are polled on.

    Everything is gatewayd's own: schedule, turns on shared lines, time-outs, quarantine, and the checks of what a
    plugin gives.
    """
    bench = Bench(configured("", **tables))
    task = asyncio.create_task(bench.run(), name="bench")
    try:
        yield bench
    finally:
        task.cancel()
        await asyncio.wait({task})
    if not task.cancelled():
        task.result()
