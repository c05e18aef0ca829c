"""A Modbus source made as the config makes it, and one that reads as the host does but without a schedule."""

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from gatewayd.config.kinds import decode
from gatewayd.plugin import OptionError, Quality, SourceError
from gatewayd_plugins.modbus.source import Modbus


def configured(url="tcp://127.0.0.1", channels=None, **options):
    """A source with these options; channels may be given by their register alone."""
    tables = {name: {"register": each} if isinstance(each, str) else each for name, each in (channels or {}).items()}
    options = {"url": url, "channels": tables, **options}
    options = {name: str(each) if isinstance(each, Path) else each for name, each in options.items()}
    return msgspec.convert(options, Modbus, dec_hook=decode)


def refused(**options):
    """What is wrong with these options."""
    with pytest.raises((OptionError, msgspec.ValidationError)) as caught:
        configured(**{"channels": {"a": "holding:0"}, **options})
    error = caught.value.__cause__ or caught.value
    assert isinstance(error, OptionError)
    return error


class Reader:
    """Polls a source once at a time: opens its line when need be, recovers it after a failure."""

    def __init__(self, source, bus=None):
        self.source = source
        self.polls = source.polls(1.0)
        self.bus = bus or source.line()
        source.use(self.bus)
        self.is_open = False

    async def block(self, which=0):
        """What one poll gives. Raises SourceError."""
        if not self.is_open:
            await self.bus.open()
            self.is_open = True
        try:
            return await self.source.poll(self.polls[which])
        except SourceError:
            await self.recover()
            raise

    async def recover(self):
        try:
            await self.bus.recover()
        except SourceError:
            await self.close()

    async def close(self):
        await self.bus.close()
        self.is_open = False

    async def values(self):
        """The values by channel, or the error in words."""
        try:
            block = await self.block()
        except SourceError as error:
            return str(error)
        bad = [] if block.qualities is None else [n for n, q in enumerate(block.qualities) if q != Quality.GOOD]
        return {
            name: block.reasons[name] if n in bad else float(block.values[n]) for n, name in enumerate(block.channels)
        }


@asynccontextmanager
async def reading(source, bus=None):
    """A reader that is closed at the end."""
    reader = Reader(source, bus)
    try:
        yield reader
    finally:
        await reader.close()


async def together(cases):
    """Run cases at once: what they do is mostly to wait."""
    async with asyncio.TaskGroup() as tasks:
        for case in cases:
            tasks.create_task(case)
