"""The sender: keeps a connection to the broker and brings the outbox's rows there, for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from gatewayd import clock
from gatewayd.uplink import payload
from gatewayd.uplink.backoff import Backoff
from gatewayd.uplink.mqtt.broker import Broker
from gatewayd.uplink.mqtt.client import connect
from gatewayd.uplink.mqtt.connection import Connection, ConnectionLostError, Message, RefusedError
from gatewayd.uplink.mqtt.dial import ConnectFailedError
from gatewayd.uplink.pipeline import Pipeline, Rows
from gatewayd.uplink.rivalry import Rivalry
from gatewayd.uplink.row import Row
from gatewayd.uplink.status import Presence, UplinkStatus
from gatewayd.uplink.suspicion import Suspicion
from gatewayd.uplink.tally import Tally

ANSWER_LIMIT = 15.0
"""Seconds without any answer after which a broker that owes one is given up."""
FINISH_LIMIT = 2.0
"""Seconds for the last rows when the gateway is stopped."""
FAREWELL_LIMIT = 1.0
"""Seconds for saying that it was stopped."""
REFRESH = 60.0
"""Seconds between two reports of how many messages wait."""


class Outbox(Rows, Protocol):
    """What a sender needs of the outbox."""

    def restart(self) -> None:
        """There is a connection: hand out what is not settled, again or for the first time, as late."""

    def wall_offset(self, boot: str) -> int | None:
        """Nanoseconds between that boot's clock and 1970."""


class Sender:
    """The one who empties the outbox. `birth` gives what a receiver must know about this gateway."""

    def __init__(
        self,
        outbox: Outbox,
        broker: Broker,
        gateway_id: str,
        birth: Callable[[], Mapping[str, Any]],
        *,
        answer_limit: float = ANSWER_LIMIT,
        refresh: float = REFRESH,
        backoff: Backoff | None = None,
    ) -> None:
        self._outbox = outbox
        self._broker = broker
        self._gateway = gateway_id
        self._birth = birth
        self._answer_limit = answer_limit
        self._refresh = refresh
        self._backoff = backoff or Backoff()
        self._topic = f"{broker.prefix}/{gateway_id}"
        self._suspicion = Suspicion()
        self._rivalry = Rivalry(broker.client_id)
        self._tally = Tally()
        self._presence = Presence()

    async def run(self) -> None:
        """Connect, deliver, and begin again when the connection is lost. Cancelled, it takes its leave first."""
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            try:
                async with connect(self._broker, self._status_message("lost", None)) as connection:
                    self._outbox.restart()
                    await self._serve(connection)
            except (ConnectFailedError, ConnectionLostError) as failure:
                self._presence.away(self._rivalry.reason(failure, loop.time() - begun), self._broker)
            _heed_cancellation()
            await asyncio.sleep(self._backoff.next())

    def status(self) -> UplinkStatus:
        """How it is doing now."""
        presence, tally = self._presence, self._tally
        return UplinkStatus(
            connected=presence.connected,
            seconds=presence.seconds,
            last_error=presence.last_error,
            sent=tally.sent,
            acked=tally.acked,
            refused=tally.refused,
            reconnects=max(0, presence.connections - 1),
        )

    async def _serve(self, connection: Connection) -> None:
        begun = asyncio.get_running_loop().time()
        pipeline = Pipeline(
            connection,
            self._outbox,
            encode=self._encode,
            suspicion=self._suspicion,
            tally=self._tally,
        )
        try:
            await self._introduce(connection)
            self._presence.here(self._broker)
            await self._deliver(connection, pipeline)
        except asyncio.CancelledError:
            await self._farewell(connection, pipeline)
            raise
        except ConnectionLostError as lost:
            self._blame(pipeline, lost)
            raise
        finally:
            if pipeline.acknowledged:
                self._backoff.worked(asyncio.get_running_loop().time() - begun)

    async def _introduce(self, connection: Connection) -> None:
        """Say that we are here and who we are. A broker that does not acknowledge this gets nothing else."""
        birth = payload.birth(self._gateway, self._now(), self._birth())
        try:
            async with asyncio.timeout(self._answer_limit):
                for message in self._status_message("online", self._now()), self._message("birth", birth, retain=True):
                    await self._accepted(connection, message)
        except TimeoutError:
            connection.give_up(self._silence())
            raise connection.lost.result() from None

    async def _accepted(self, connection: Connection, message: Message) -> None:
        """Publish what we can do without."""
        try:
            await connection.publish(message)
        except RefusedError as failure:
            self._tally.done_without(message.topic, str(failure))

    async def _deliver(self, connection: Connection, pipeline: Pipeline) -> None:
        """All that goes on during a connection. Raises ConnectionLostError."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(pipeline.run(), name="uplink pipeline")
                tasks.create_task(self._watch(connection, pipeline), name="uplink watch")
                tasks.create_task(self._report_often(connection), name="uplink reports")
                await connection.until_lost()
        except* ConnectionLostError as group:
            lost = group.exceptions[0]
        raise lost

    async def _watch(self, connection: Connection, pipeline: Pipeline) -> None:
        """Give the connection up when the broker owes an answer for too long.

        Before that something harmless is sent: if that is answered, the silence is about a row, not the network.
        """
        limit = self._answer_limit
        while True:
            await asyncio.sleep(limit / 4)
            if pipeline.overdue(limit):
                connection.give_up(self._silence())
            elif pipeline.overdue(limit / 2) and connection.has_room:
                pipeline.compare(self._report(connection))

    async def _report_often(self, connection: Connection) -> None:
        while True:
            await asyncio.sleep(self._refresh)
            await connection.room()
            self._report(connection)

    def _report(self, connection: Connection) -> asyncio.Future[None]:
        """Publish how many messages wait; nobody needs to wait for the answer."""
        answer = connection.publish(self._status_message("online", self._now()))
        answer.add_done_callback(asyncio.Future.exception)
        return answer

    def _silence(self) -> ConnectionLostError:
        return ConnectionLostError(f"no acknowledgement within {self._answer_limit:g} s")

    async def _farewell(self, connection: Connection, pipeline: Pipeline) -> None:
        """Send what is new and say that we go; if that cannot be said, the last will shall."""
        with suppress(ConnectionLostError):
            with suppress(TimeoutError):
                async with asyncio.timeout(FINISH_LIMIT):
                    await pipeline.finish()
            try:
                async with asyncio.timeout(FAREWELL_LIMIT):
                    await connection.room()
                    await self._accepted(connection, self._status_message("offline", self._now()))
            except TimeoutError:
                connection.give_up(ConnectionLostError("stopped, and the broker did not take our leave"))

    def _blame(self, pipeline: Pipeline, lost: ConnectionLostError) -> None:
        row = pipeline.suspect(lost)
        if row is not None and self._suspicion.lost(row):
            why = f"the connection was lost each time it was sent, at last alone: {lost}"
            self._tally.set_aside(self._encode(row).topic, why)
            self._outbox.set_aside(row, why)

    def _encode(self, row: Row) -> Message:
        level, content = payload.encode(row, self._gateway, self._outbox.wall_offset)
        return self._message(level, content)

    def _status_message(self, state: str, time: int | None) -> Message:
        more = {} if state == "lost" else {"waiting": self._outbox.waiting}
        return self._message("status", payload.status(self._gateway, state, time, **more), retain=True)

    def _message(self, level: str, content: bytes, *, retain: bool = False) -> Message:
        return Message(f"{self._topic}/{level}", content, retain)

    def _now(self) -> int | None:
        offset = self._outbox.wall_offset(clock.boot())
        return None if offset is None else clock.now() + offset


def _heed_cancellation() -> None:
    """Up to Python 3.12 a TaskGroup that ends by a failure swallows a cancellation that comes meanwhile."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
