"""The sender: keeps a connection to the broker and brings the outbox's rows there, for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, Protocol, Self

from gatewayd import clock
from gatewayd.beside import beside
from gatewayd.clock import Dating
from gatewayd.uplink import payload
from gatewayd.uplink.backoff import Backoff
from gatewayd.uplink.mqtt.broker import Broker
from gatewayd.uplink.mqtt.client import connect
from gatewayd.uplink.mqtt.connection import (
    Connection,
    ConnectionLostError,
    Message,
    RefusedError,
    SilentError,
    UnaskedError,
)
from gatewayd.uplink.mqtt.tls import ConnectFailedError
from gatewayd.uplink.patience import Patience
from gatewayd.uplink.pipeline import Pipeline, Rows
from gatewayd.uplink.rivalry import Rivalry
from gatewayd.uplink.row import Row
from gatewayd.uplink.status import Presence, UplinkStatus
from gatewayd.uplink.suspicion import Suspicion
from gatewayd.uplink.tally import Tally
from gatewayd.uplink.throttle import Throttle

NO_TIME = (
    "TLS: the clock of this machine is not set, so that no certificate can be checked: nothing is sent until it is; "
    "check its NTP (timedatectl)"
)
TIME_LOOK = 1.0
"""Seconds between looks at whether the time is known."""
FINISH_LIMIT = 2.0
"""Seconds for the last rows when the gateway is stopped."""
FAREWELL_LIMIT = 1.0
"""Seconds for saying that it was stopped."""


class Outbox(Rows, Protocol):
    """What a sender needs of the outbox."""

    def restart(self) -> None:
        """There is a connection: hand out what is not settled, again or for the first time, as late."""

    def dating(self, boot: str) -> Dating:
        """How times of that boot become wall times."""


class Sender:
    """The one who empties the outbox. `birth` gives what a receiver must know about this gateway."""

    def __init__(
        self,
        outbox: Outbox,
        broker: Broker,
        gateway_id: str,
        birth: Callable[[], Mapping[str, Any]],
        *,
        backoff: Backoff | None = None,
    ) -> None:
        self._outbox = outbox
        self._broker = broker
        self._gateway = gateway_id
        self._birth = birth
        self._profile = broker.profile
        self._backoff = backoff or Backoff(longest=broker.profile.longest_wait)
        self._topic = f"{broker.prefix}/{gateway_id}"
        self._patience = Patience()
        self._suspicion = Suspicion()
        self._rivalry = Rivalry(broker.client_id)
        self._tally = Tally()
        self._presence = Presence()
        self._connections_before = 0
        self._throttle = Throttle()
        self._reborn = asyncio.Event()

    def counting_on(self, before: Sender) -> Self:
        """It, with the counts of another one, which has its place until now and may yet send its last messages."""
        self._tally = before._tally
        self._connections_before = before._connections_before + before._presence.connections
        return self

    def announce(self) -> None:
        """What `birth` gives is another thing now: tell it, at once if there is a connection."""
        self._reborn.set()

    async def run(self) -> None:
        """Connect, deliver, and begin again when the connection is lost. Cancelled, it takes its leave first."""
        loop = asyncio.get_running_loop()
        while True:
            await self._time_is_known()
            begun, offended = loop.time(), False
            try:
                async with self._connected() as connection:
                    self._outbox.restart()
                    await self._serve(connection)
            except (ConnectFailedError, ConnectionLostError) as failure:
                offended = isinstance(failure, UnaskedError)
                self._patience.ended(failure)
                self._presence.away(self._rivalry.reason(failure, loop.time() - begun), self._broker)
            _heed_cancellation()
            await asyncio.sleep(self._backoff.next(offended=offended))

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
            reconnects=max(0, self._connections_before + presence.connections - 1),
            throttled=presence.connected and self._throttle.holds,
        )

    async def _time_is_known(self) -> None:
        """Wait until the dates of certificates can be checked, if there are any to check."""
        while self._broker.tls is not None and self._outbox.dating(clock.boot()).offset is None:
            self._presence.away(NO_TIME, self._broker)
            await asyncio.sleep(TIME_LOOK)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        """A connection. Raises ConnectFailedError."""
        self._profile = self._broker.profile.stretched(self._patience.times)
        broker = replace(self._broker, profile=self._profile)
        async with connect(broker, self._status_message("lost", None)) as connection:
            yield connection

    async def _serve(self, connection: Connection) -> None:
        begun = asyncio.get_running_loop().time()
        self._throttle = Throttle()
        pipeline = Pipeline(
            connection,
            self._outbox,
            encode=self._encode,
            suspicion=self._suspicion,
            tally=self._tally,
            throttle=self._throttle,
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
                self._patience.worked()
                if not connection.offended:
                    self._backoff.worked(asyncio.get_running_loop().time() - begun)

    async def _introduce(self, connection: Connection) -> None:
        """Say that we are here and who we are. A broker that does not acknowledge this gets nothing else."""
        self._reborn.clear()
        try:
            async with asyncio.timeout(self._profile.answer_limit):
                await self._accepted(connection, self._status_message("online", self._now()))
                await self._accepted(connection, await self._birth_message())
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
                tasks.create_task(pipeline.send_again(), name="uplink throttled")
                tasks.create_task(self._watch(connection, pipeline), name="uplink watch")
                tasks.create_task(self._report_often(connection), name="uplink reports")
                tasks.create_task(self._tell_births(connection), name="uplink births")
                await connection.until_lost()
        except* ConnectionLostError as group:
            lost = group.exceptions[0]
        raise lost

    async def _watch(self, connection: Connection, pipeline: Pipeline) -> None:
        """Give the connection up when the broker owes an answer for too long.

        Before that something harmless is sent: if that is answered, the silence is about a row, not the network.
        """
        limit = self._profile.answer_limit
        while True:
            await asyncio.sleep(limit / 4)
            if pipeline.overdue(limit):
                connection.give_up(self._ignored() if pipeline.passed_over else self._silence())
            elif pipeline.overdue(limit / 2) and connection.has_room:
                pipeline.compare(self._report(connection))

    async def _tell_births(self, connection: Connection) -> None:
        while True:
            await self._reborn.wait()
            self._reborn.clear()
            message = await self._birth_message()
            await connection.room()
            await self._accepted(connection, message)

    async def _report_often(self, connection: Connection) -> None:
        while True:
            await asyncio.sleep(self._profile.refresh)
            await connection.room()
            self._report(connection)

    def _report(self, connection: Connection) -> asyncio.Future[None]:
        """Publish how many messages wait; nobody needs to wait for the answer."""
        answer = connection.publish(self._status_message("online", self._now()))
        answer.add_done_callback(asyncio.Future.exception)
        return answer

    def _silence(self) -> ConnectionLostError:
        return SilentError(f"no acknowledgement within {self._profile.answer_limit:g} s")

    def _ignored(self) -> ConnectionLostError:
        return ConnectionLostError(f"no acknowledgement of one message within {self._profile.answer_limit:g} s")

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
        level, content = payload.encode(row, self._gateway, self._outbox.dating)
        return self._message(level, content)

    def _status_message(self, state: str, moment: payload.Moment | None) -> Message:
        more = {} if state == "lost" else {"waiting": self._outbox.waiting}
        return self._message("status", payload.status(self._gateway, state, moment, **more), retain=True)

    async def _birth_message(self) -> Message:
        """Made in a thread: there may be thousands of channels in it."""
        moment = self._now()
        content = await beside(lambda: payload.birth(self._gateway, moment, self._birth()))
        return self._message("birth", content, retain=True)

    def _message(self, level: str, content: bytes, *, retain: bool = False) -> Message:
        return Message(f"{self._topic}/{level}", content, retain)

    def _now(self) -> payload.Moment:
        dating = self._outbox.dating(clock.boot())
        return payload.Moment(None if dating.offset is None else clock.now() + dating.offset, dating.state)


def _heed_cancellation() -> None:
    """Up to Python 3.12 a TaskGroup that ends by a failure swallows a cancellation that comes meanwhile."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
