"""The pipeline: rows on their way over one connection, several at a time, each settled by the broker's answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gatewayd.uplink.mqtt.connection import Connection, ConnectionLostError, Message, RefusedError, ThrottledError
from gatewayd.uplink.payload import EncodingFailedError
from gatewayd.uplink.row import MessageClass, Row
from gatewayd.uplink.suspicion import Suspicion
from gatewayd.uplink.tally import Tally
from gatewayd.uplink.throttle import Throttle

QUIET = 1.0
"""Seconds that a row which waits may take to come at the end: cards are slow."""


class Rows(Protocol):
    """What a pipeline needs of the outbox."""

    async def next_row(self) -> Row:
        """Wait for the next row to be sent."""

    def acked(self, row: Row) -> None:
        """The broker has it."""

    def set_aside(self, row: Row, why: str) -> None:
        """It cannot be sent as it is."""

    @property
    def waiting(self) -> int:
        """Rows that are not settled, whether stored yet or not."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A row on its way, sent at a time of the event loop."""

    row: Row
    topic: str
    time: float
    answer: asyncio.Future[None]


class Pipeline:
    """The rows of one connection. `encode` makes the message of a row, or raises EncodingFailedError."""

    def __init__(
        self,
        connection: Connection,
        rows: Rows,
        *,
        encode: Callable[[Row], Message],
        suspicion: Suspicion,
        tally: Tally,
        throttle: Throttle,
    ) -> None:
        self._connection = connection
        self._rows = rows
        self._encode = encode
        self._suspicion = suspicion
        self._tally = tally
        self._throttle = throttle
        self._loop = asyncio.get_running_loop()
        self._in_flight: dict[tuple[str, int], Sent] = {}
        self._last_answer = 0.0
        self._passed_over = False
        self.acknowledged = False
        """Whether anything was."""

    async def run(self) -> None:
        """Send rows until cancelled. Raises ConnectionLostError."""
        while True:
            await self._throttle.free.wait()
            await self._connection.room()
            await self._send(await self._rows.next_row())

    async def send_again(self) -> None:
        """Send, one by one, what the broker would not take yet, until cancelled. Raises ConnectionLostError."""
        while True:
            row = await self._throttle.next()
            await self._connection.room()
            await self._send(row)
            await self._all_answered()
            self._throttle.answered()

    async def finish(self) -> None:
        """Send what is new and wait for the answers. Raises ConnectionLostError."""
        while (row := await self._row_left()) is not None:
            await self._connection.room()
            await self._send(row)
        await self._all_answered()

    def overdue(self, patience: float) -> bool:
        """Whether the broker has been silent for so many seconds, or answers others and not the one it should."""
        oldest = self._oldest()
        if oldest is None:
            return False
        since = oldest.time if self._passed_over else max(oldest.time, self._last_answer)
        return self._loop.time() - since > patience

    @property
    def passed_over(self) -> bool:
        """Whether the broker answers others, and not the row that it should."""
        return self._passed_over

    def suspect(self, lost: ConnectionLostError) -> Row | None:
        """The row that may be the reason why the connection was lost."""
        oldest = self._oldest()
        return oldest.row if oldest is not None and (lost.accuses or self._passed_over) else None

    def compare(self, probe: asyncio.Future[None]) -> None:
        """Something else was sent after the oldest row: if that is answered first, the row was passed over."""
        oldest = self._oldest()

        def answered(probe: asyncio.Future[None]) -> None:
            if probe.exception() is None and self._oldest() is oldest:
                self._passed_over = oldest is not None

        probe.add_done_callback(answered)

    async def _row_left(self) -> Row | None:
        """A row that is worth the wait at the end: not the backlog, which can as well be sent after the next start."""
        if self._rows.waiting <= len(self._in_flight):
            return None
        try:
            async with asyncio.timeout(QUIET):
                row = await self._rows.next_row()
        except TimeoutError:
            return None
        return None if row.late and row.message_class is not MessageClass.EVENT else row

    async def _send(self, row: Row) -> None:
        try:
            message = self._encode(row)
        except EncodingFailedError as failure:
            self._set_aside(row, row.message_class, str(failure))
            return
        if self._suspicion.accuses(row):
            await self._all_answered()
            self._publish(row, message)
            await self._all_answered()
        else:
            self._publish(row, message)

    def _publish(self, row: Row, message: Message) -> None:
        answer = self._connection.publish(message)
        if answer.done():
            self._not_sent(row, message, answer.exception())
            return
        self._tally.sent += 1
        self._in_flight[row.epoch, row.id] = Sent(row, message.topic, self._loop.time(), answer)
        answer.add_done_callback(lambda answer: self._settle(row, answer))

    def _not_sent(self, row: Row, message: Message, failure: BaseException | None) -> None:
        """It never left, so the broker has not answered anything by this."""
        if isinstance(failure, RefusedError):
            self._set_aside(row, message.topic, str(failure))

    async def _all_answered(self) -> None:
        if self._in_flight:
            await asyncio.wait([sent.answer for sent in self._in_flight.values()])

    def _settle(self, row: Row, answer: asyncio.Future[None]) -> None:
        failure = answer.exception()
        if isinstance(failure, ConnectionLostError):
            return
        key = row.epoch, row.id
        self._passed_over = next(iter(self._in_flight)) != key
        sent = self._in_flight.pop(key)
        self._last_answer = self._loop.time()
        self._suspicion.answered(row)
        if isinstance(failure, ThrottledError):
            self._throttle.put(row, str(failure))
        elif isinstance(failure, RefusedError):
            self._set_aside(row, sent.topic, str(failure))
        else:
            self.acknowledged = True
            self._tally.acked += 1
            self._rows.acked(row)

    def _set_aside(self, row: Row, topic: str, why: str) -> None:
        self._tally.set_aside(topic, why)
        self._rows.set_aside(row, why)

    def _oldest(self) -> Sent | None:
        return next(iter(self._in_flight.values()), None)
