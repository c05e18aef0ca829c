"""The bus: a connection or a serial port that sources share, kept such that no answer is taken for another's."""

from __future__ import annotations

import asyncio

from gatewayd.plugin import Line, SourceError
from gatewayd_plugins.modbus.address import Address
from gatewayd_plugins.modbus.doubt import Doubts
from gatewayd_plugins.modbus.exchange import Exchange
from gatewayd_plugins.modbus.planner import Request
from gatewayd_plugins.modbus.refusal import Refused

LONGEST_DIAL = 4.0
LONGEST_QUIET = 2.5
"""Seconds that a serial line is kept quiet at most. Answers that are later still are recognised: see doubt.py."""
NOISE_LIMIT = 3.0
"""Seconds that a line may take longer than that to become quiet."""
DEAF = 3
"""After so many failures in a row without a single byte the line is opened anew: it may be the line that is dead."""


class Bus(Line):
    """The line of Modbus sources: asks one thing at a time, and recovers from what went wrong."""

    def __init__(self, address: Address) -> None:
        super().__init__(address.key, address.terms, address.name)
        self._address = address
        self._patience = 0.0
        self._exchange: Exchange | None = None
        self._doubts = Doubts()
        self._in_order = True
        self._quiet = 0.0
        self._silences = 0

    def admit(self, timeout: float) -> None:
        """Another source uses it, which waits so long for its answers."""
        self._patience = max(self._patience, timeout)

    async def open(self) -> None:
        """Connect; on a serial line also wait until whatever was asked before is over. Raises SourceError."""
        await self.close()
        exchange = Exchange(self._address)
        await exchange.dial(min(self._patience, LONGEST_DIAL))
        self._exchange = exchange
        self._silences = 0
        if self._address.rtu and self._doubts.any(_time()):
            await self._quieten(exchange)
        self._in_order = True

    async def close(self) -> None:
        """Hang up."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.close()

    async def recover(self) -> None:
        """After a failure: keep a serial line quiet, connect anew elsewhere. Raises SourceError when that fails."""
        exchange = self._exchange
        if self._in_order and exchange is not None:
            return
        if exchange is None or not exchange.is_active():
            raise SourceError(f"{self.name} is not connected")
        if not self._address.rtu:
            await self.open()
            return
        if self._silences >= DEAF:
            raise SourceError(f"{self.name} was silent {self._silences} times")
        await self._quieten(exchange)
        self._in_order = True

    async def read(self, unit: int, request: Request, wait: float) -> bytes:
        """The bytes of values that answer a request within `wait` seconds.

        Raises Refused for an exception code, and SourceError when there is no answer that is surely its own.
        """
        if self._exchange is None or not self._exchange.is_active():
            await self.open()  # devices hang up on who is silent for a minute
        if not self._doubts.mistakable(unit, request, _time()):
            return await self._ask(unit, request, wait)
        probe = self._doubts.probe(unit, request)
        if probe is None:
            raise SourceError("an answer to an earlier request may still come")
        try:
            await self._ask(unit, probe, wait)
        except Refused:
            # An exception has no size, so it may be a late one. Data can follow it safely, another exception cannot.
            return await self._ask_for_data(unit, request, wait)
        return await self._ask(unit, request, wait)

    async def _ask_for_data(self, unit: int, request: Request, wait: float) -> bytes:
        try:
            return await self._ask(unit, request, wait)
        except Refused as refused:
            raise SourceError(f"{refused}, perhaps to an earlier request") from None

    async def _ask(self, unit: int, request: Request, wait: float) -> bytes:
        exchange = self._exchange
        if exchange is None:
            raise SourceError(f"{self.name} is not open")
        await self._leave_gap(exchange)
        asked = _time()
        self._in_order = False
        try:
            answer = await exchange.ask(unit, request, wait)
        except Refused:
            self._in_order = True
            if self._doubts.of(unit, asked):
                self._doubts.unanswered(unit, request, asked)
            raise
        except BaseException:  # also when it is broken off
            self._failed(unit, request, wait, asked, heard=exchange.heard)
            raise
        self._in_order = True
        self._silences = 0
        self._doubts.answered(unit)
        return answer

    def _failed(self, unit: int, request: Request, wait: float, asked: float, heard: float) -> None:
        self._quiet = min(wait, LONGEST_QUIET)
        self._silences = self._silences + 1 if heard < asked else 0
        if self._address.rtu:
            self._doubts.unanswered(unit, request, asked)

    async def _leave_gap(self, exchange: Exchange) -> None:
        """Between two frames a serial line is silent for 3.5 characters."""
        missing = exchange.heard + self._address.gap - _time()
        if missing > 0:
            await asyncio.sleep(missing)

    async def _quieten(self, exchange: Exchange) -> None:
        """Wait until nothing has come in for a while."""
        begun = _time()
        while (missing := max(begun, exchange.heard) + self._quiet - _time()) > 0:
            if _time() > begun + self._quiet + NOISE_LIMIT:
                raise SourceError(f"{self.name} does not become quiet")
            await asyncio.sleep(missing)
            if not exchange.is_active():
                raise SourceError(f"{self.name} is not connected")


def _time() -> float:
    return asyncio.get_running_loop().time()
