"""The subject of the suite: a plugin, the options of a source of it, and the device that the source reads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from importlib.metadata import EntryPoint, entry_points
from typing import Any, ClassVar

from gatewayd.errors import PluginError
from gatewayd.registry.registry import GROUP, Registry
from gatewayd.testing.bench import configured
from gatewayd.testing.hand import Hand, by_hand
from gatewayd.testing.suite.demands import demand

Options = Mapping[str, Any]
Device = Callable[[], AbstractAsyncContextManager[Options]]

QUICK = "20ms"
"""The interval of sources whose options name none."""


class Subject:
    """What every test of the suite knows about the plugin that it is about."""

    plugin: ClassVar[str]

    def device(self) -> AbstractAsyncContextManager[Options]:
        """What the source reads, while it is entered; gives the options of a source."""
        raise NotImplementedError

    def point(self) -> EntryPoint:
        """The plugin's entry point."""
        found = [point for point in entry_points(group=GROUP) if point.name == self.plugin]
        demand(
            holds=len(found) == 1,
            what=f"{len(found)} installed distributions have a plugin {self.plugin!r}",
            fix='name it under [project.entry-points.gatewayd] and `pip install -e ".[test]"`',
        )
        return found[0]

    def brings(self) -> tuple[bool, tuple[str, ...]]:
        """Whether it brings a source type, and the names of its features. Raises PluginError when it does not load."""
        registry = Registry()
        features: tuple[str, ...] = ()
        with suppress(PluginError):
            features = tuple(registry.features(self.plugin))
        try:
            registry.source_type(self.plugin)
        except PluginError:
            if not features:
                raise
            return False, features
        return True, features

    @asynccontextmanager
    async def present(self) -> AsyncIterator[dict[str, Any]]:
        """The device is there; gives the table of a source that reads it."""
        device = self.device()
        demand(
            holds=isinstance(device, AbstractAsyncContextManager),
            what=f"the device of the test is {device!r}, which is no async context manager",
            fix="put @asynccontextmanager of contextlib before its `async def`, and let it yield the options",
        )
        async with device as options:
            yield {"plugin": self.plugin, "interval": QUICK, **options}

    @asynccontextmanager
    async def in_hand(self) -> AsyncIterator[Hand]:
        """A source whose device is there, called by hand."""
        async with self.present() as table, by_hand(**table) as hand:
            yield hand

    @asynccontextmanager
    async def declared(self) -> AsyncIterator[Hand]:
        """A source as the config makes it, never opened."""
        async with self.present() as table:
            yield made(table)


def made(table: Mapping[str, Any]) -> Hand:
    """A source as the config makes it, never opened."""
    source = configured(it=table).sources["it"]
    return Hand(source.source, source.polls, None, source.plugin)
