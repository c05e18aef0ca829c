"""The bus: a connection or a serial port that sources share, kept such that no answer is taken for another's."""

from __future__ import annotations

import asyncio

from gatewayd.plugin import Line, SourceError
from gatewayd_plugins.modbus.planning.refusal import Refused, Silent
from gatewayd_plugins.modbus.planning.requests import Request
from gatewayd_plugins.modbus.wire.address import Address
from gatewayd_plugins.modbus.wire.doubt import Doubts
from gatewayd_plugins.modbus.wire.exchange import Exchange
from gatewayd_plugins.modbus.wire.writes import WriteRequest

LONGEST_DIAL = 4.0
LONGEST_QUIET = 2.5
"""Seconds that a serial line is kept quiet at most. Answers that are later still are recognised: see doubt.py."""
NOISE_LIMIT = 3.0
"""Seconds that a line may take longer than that to become quiet."""
DEAF = 3
"""After so many failures in a row without a single byte the line is opened anew: it may be the line that is dead."""

STILL = 2
"""After the last failures of a unit nothing came in so many quiet times: the line need not be kept quiet for it."""


class Bus(Line):
    """The line of Modbus sources: asks one thing at a time, and recovers from what went wrong."""

    def __init__(self, address: Address) -> None:
        super().__init__(address.key, address.terms, address.name)
        self._address = address
        self._patience = 0.0
        self._settle = 0.0
        self._pauses: dict[int, float] = {}
        self._exchange: Exchange | None = None
        self._doubts = Doubts()
        self._in_order = True
        self._quiet = 0.0
        self._silences = 0
        self._failed_unit = 0
        self._transaction = 0
        self._still: dict[int, int] = {}
        self.took = 0.0
        """Seconds that the last answer took."""

    def admit(self, timeout: float, unit: int = 0, pause: float = 0.0, settle: float = 0.0) -> None:
        """Another source uses it, which waits so long for its answers.

        Its unit wants to be left alone for `pause` seconds between requests, and for `settle` after a connect.
        """
        self._patience = max(self._patience, timeout)
        self._settle = max(self._settle, settle)
        self._pauses[unit] = max(self._pauses.get(unit, 0.0), pause)

    @property
    def is_connected(self) -> bool:
        """Whether the connection, or the port, is open."""
        return self._exchange is not None and self._exchange.is_active()

    async def open(self) -> None:
        """Connect; on a serial line also wait until whatever was asked before is over. Raises SourceError."""
        await self.close()
        exchange = Exchange(self._address)
        await exchange.dial(min(self._patience, LONGEST_DIAL))
        exchange.next_tid = self._transaction  # what comes late of the connection before must have another number
        self._exchange = exchange
        if self._settle:
            await asyncio.sleep(self._settle)
        self._silences = 0
        if self._address.serial and not all(map(self._is_still, self._doubts.units(_time()))):
            await self._quieten(exchange)
        self._in_order = True

    async def close(self) -> None:
        """Hang up."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            self._transaction = exchange.next_tid
            exchange.close()

    async def recover(self) -> None:
        """After a failure: keep a serial line quiet, connect anew elsewhere. Raises SourceError when that fails."""
        exchange = self._exchange
        if self._in_order and exchange is not None:
            return
        if exchange is None or not exchange.is_active():
            raise SourceError(f"{self.name} is not connected")
        if not self._address.serial:
            await self.open()
            return
        if self._silences >= DEAF:
            raise SourceError(f"{self.name} was silent {self._silences} times")
        if not self._is_still(self._failed_unit):
            await self._quieten(exchange)
        self._in_order = True

    async def read(self, unit: int, request: Request, wait: float) -> bytes:
        """The bytes of values that answer a request within `wait` seconds.

        Raises Refused for an exception code, and SourceError when there is no answer that is surely its own.
        """
        if not self.is_connected:
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

    async def write(self, unit: int, request: WriteRequest, wait: float) -> None:
        """Have a unit set something and confirm that. Raises Refused, and SourceError when it may not be done.

        No doubt is left behind: a confirmation that is late differs from all answers to reading.
        """
        if not self.is_connected:
            await self.open()
        await self._ask(unit, request, wait)

    async def _ask(self, unit: int, request: Request | WriteRequest, wait: float) -> bytes:
        exchange = self._exchange
        if exchange is None:
            raise SourceError(f"{self.name} is not open")
        await self._leave_gap(exchange, unit)
        asked = _time()
        self._in_order = False
        try:
            answer = await exchange.ask(unit, request, wait)
        except Refused:
            self._in_order = True
            self.took = exchange.heard - asked
            if isinstance(request, Request) and self._doubts.of(unit, asked):
                self._doubts.unanswered(unit, request, asked)
            raise
        except SourceError as error:
            self._failed(unit, request, wait, asked, silent=exchange.is_silent)
            if exchange.is_silent:
                raise Silent(str(error)) from None
            raise
        except BaseException:  # broken off
            self._failed(unit, request, wait, asked, silent=exchange.is_silent)
            raise
        self._in_order = True
        self._silences = 0
        self.took = exchange.heard - asked
        self._doubts.answered(unit)
        if self._still:
            self._still.pop(unit, None)
        return answer

    def _failed(self, unit: int, request: Request | WriteRequest, wait: float, asked: float, *, silent: bool) -> None:
        self._quiet = min(wait, LONGEST_QUIET)
        self._failed_unit = unit
        if silent:
            self._silences += 1
        else:
            self._silences = 0
            self._still.pop(unit, None)
        if self._address.serial and isinstance(request, Request):
            self._doubts.unanswered(unit, request, asked)

    async def _leave_gap(self, exchange: Exchange, unit: int) -> None:
        """Between two frames a serial line is silent for 3.5 characters, and longer where a unit needs it."""
        missing = exchange.heard + max(self._address.gap, self._pauses.get(unit, 0.0)) - _time()
        if missing > 0:
            await asyncio.sleep(missing)

    async def _quieten(self, exchange: Exchange) -> None:
        """Wait until nothing has come in for a while."""
        begun, heard = _time(), exchange.heard
        while (missing := max(begun, exchange.heard) + self._quiet - _time()) > 0:
            if _time() > begun + self._quiet + NOISE_LIMIT:
                raise SourceError(f"{self.name} does not become quiet")
            await asyncio.sleep(missing)
            if not exchange.is_active():
                raise SourceError(exchange.lost or f"{self.name} is not connected")
        unit = self._failed_unit
        self._still[unit] = self._still.get(unit, 0) + 1 if exchange.heard == heard else 0

    def _is_still(self, unit: int) -> bool:
        """Whether what a unit has not answered in time was never answered late."""
        return self._still.get(unit, 0) >= STILL


def _time() -> float:
    return asyncio.get_running_loop().time()
