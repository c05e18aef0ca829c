"""Asking: one request at a time to any unit of a line, whatever comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any

from gatewayd.plugin import SourceError
from gatewayd_plugins.modbus.planning.refusal import Refused
from gatewayd_plugins.modbus.planning.requests import Request
from gatewayd_plugins.modbus.wire.bus import Bus
from gatewayd_plugins.modbus.wire.secure import Tls
from gatewayd_plugins.modbus.wire.url import parse

Security = Mapping[str, Any]
"""The options of a source that are for TLS."""
NO_SECURITY: Security = MappingProxyType({})
Answer = bytes | Refused | SourceError
"""Data, an exception from the device, or why there was no answer."""


TO_CONNECT = 4.0
"""Seconds."""
GOODBYE = 0.1
"""Seconds that both ends of a TLS connection have to end it, before the event loop is gone."""


class Asker:
    """Asks on an open line, each time for `wait` seconds, and puts the line in order after a silence."""

    def __init__(self, url: str, wait: float, security: Security) -> None:
        self.url = url
        self.security = security
        self.address = parse(url, Tls(**security))
        self.wait = wait
        self.hung_up = ""
        """How the other end hung up, instead of answering, when it last did."""
        self.bus = Bus(self.address)
        self.bus.admit(max(wait, TO_CONNECT))

    async def ask(self, unit: int, request: Request) -> Answer:
        """What came. Raises SourceError when the line itself is gone."""
        try:
            return await self.bus.read(unit, request, self.wait)
        except Refused as refused:
            return refused
        except SourceError as silence:
            if not self.bus.is_connected:
                self.hung_up = str(silence)
            await self.tidy()
            return silence

    async def tidy(self) -> None:
        """Make sure that nothing late is taken for the next answer. Raises SourceError when the line is gone."""
        try:
            await self.bus.recover()
        except SourceError:
            await self.bus.close()
            await self.bus.open()


@asynccontextmanager
async def asking(url: str, wait: float, security: Security = NO_SECURITY) -> AsyncIterator[Asker]:
    """An asker on a line that is open, and closed afterwards. Raises OptionError, SourceError."""
    asker = Asker(url, wait, security)
    await asker.bus.open()
    try:
        yield asker
    finally:
        await asker.bus.close()
        if asker.address.terms.startswith("tls"):
            await asyncio.sleep(GOODBYE)


def nobody(answer: Answer) -> bool:
    """Whether no device answered: nothing came, or a gateway says so."""
    return isinstance(answer, SourceError) or (isinstance(answer, Refused) and answer.by_gateway)
