"""MQTT: how a connection is made with aiomqtt. The only module that touches it; its next major version is another.

aiomqtt 2 takes a refused publish for a success and does not tell those who wait that the connection is gone, so
`_Client` overrides some of its private parts; tests/uplink/mqtt/test_client.py holds that they exist and do what we
need.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import socket
from typing import Any

import aiomqtt
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gatewayd.uplink.mqtt.answers import MOST_BYTES
from gatewayd.uplink.mqtt.broker import Broker
from gatewayd.uplink.mqtt.connection import (
    Connection,
    ConnectionLostError,
    HungUpError,
    Limits,
    Message,
    RefusedError,
    SilentError,
    UnaskedError,
)
from gatewayd.uplink.mqtt.dial import dial
from gatewayd.uplink.mqtt.reasons import (
    KEEPALIVE_TIMEOUT,
    LEAST_PACKET,
    PROTOCOL_ERROR,
    QUOTA_EXCEEDED,
    dismissed,
    hint,
    protocol_hint,
    too_little,
    unwelcome,
)
from gatewayd.uplink.mqtt.tls import ConnectFailedError, UnansweredError, unaccepted
from gatewayd.uplink.mqtt.wire import Wire

IN_FLIGHT = 20
"""Messages that may wait for their acknowledgement at the same time; the broker may want fewer."""
DISCONNECT_LIMIT = 0.5
"""Seconds that taking our leave may take."""
PROTOCOLS = {"5": aiomqtt.ProtocolVersion.V5, "3.1.1": aiomqtt.ProtocolVersion.V311}


@asynccontextmanager
async def connect(broker: Broker, will: Message) -> AsyncIterator[Connection]:
    """Connect, and disconnect at the end unless the connection is lost by then. Raises ConnectFailedError.

    The session is clean and the client object new each time: one that is used again resends what was given up.
    """
    client = _Client(broker, will, await dial(broker))
    try:
        yield await client.welcomed()
    finally:
        await client.leave()


class _Client(aiomqtt.Client):
    """aiomqtt's client, made to tell the truth: why it was not let in, each publish's answer, and the end."""

    def __init__(self, broker: Broker, will: Message, sock: socket) -> None:
        super().__init__(
            broker.host,
            broker.port,
            identifier=broker.client_id,
            username=broker.username,
            password=broker.password,
            protocol=PROTOCOLS[broker.protocol],
            will=aiomqtt.Will(will.topic, will.payload, 1, will.retain),
            keepalive=broker.profile.keepalive,
            properties=_told(broker),
            max_inflight_messages=0,  # Connection keeps the limit; paho would look through all messages at each answer
        )
        self._client.disable_logger()  # the sender logs, once, what paho logs as often as it happens
        self._wire = Wire(sock)
        self._client._create_socket = lambda: self._wire  # type: ignore[method-assign]  # noqa: SLF001
        self._broker = broker
        self._connection: Connection | None = None
        self._retains = True
        self._connected.add_done_callback(_failure)
        self._disconnected.add_done_callback(self._ended)

    async def welcomed(self) -> Connection:
        """Say hello and wait to be let in. Raises ConnectFailedError."""
        self._client_connect()
        try:
            async with asyncio.timeout(self._broker.profile.welcome_limit):
                await self._connected
        except TimeoutError:
            question = "is this a broker?" if self._broker.tls else "is this a broker, and its port without TLS?"
            why = f"{self._broker} takes connections but does not answer"
            raise UnansweredError(why, f"{question} If it is, {protocol_hint(self._broker)}") from None
        assert self._connection is not None  # noqa: S101 - _on_connect sets both
        return self._connection

    async def leave(self) -> None:
        """Disconnect, unless the connection is lost: then the broker shall publish the last will."""
        try:
            if self._connection is not None and not self._connection.lost.done():
                self._client.disconnect()
                await asyncio.wait({self._disconnected}, timeout=DISCONNECT_LIMIT)
        finally:
            self._client._sock_close()  # noqa: SLF001 - aiomqtt leaves it open after some failures
            self._wire.close()

    def _send(self, message: Message) -> int:
        retain = message.retain and self._retains
        try:
            info = self._client.publish(message.topic, message.payload, 1, retain)
        except (ValueError, struct.error) as error:
            raise RefusedError(f"cannot be published: {error}") from error
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise ConnectionLostError(f"cannot be published: {info.rc.name}")
        return info.mid

    def _on_connect(
        self, client: Any, userdata: Any, flags: Any, reason_code: ReasonCode, properties: Properties | None = None
    ) -> None:
        if self._connected.done():
            return
        if reason_code.is_failure:
            self._refuse(*unwelcome(self._broker, reason_code.getName()))
            return
        self._retains = bool(getattr(properties, "RetainAvailable", True))
        in_flight = min(IN_FLIGHT, getattr(properties, "ReceiveMaximum", IN_FLIGHT))
        limits = Limits(in_flight, getattr(properties, "MaximumPacketSize", None), self._broker.profile.most_bytes)
        if limits.size is not None and limits.size < LEAST_PACKET:
            self._refuse(*too_little(self._broker, limits.size))
            return
        self._connection = Connection(self._send, limits)
        super()._on_connect(client, userdata, flags, reason_code, properties)
        self._misc_task = self._loop.create_task(self._misc_loop(), name="uplink keepalive")

    def _on_publish(self, _client: Any, _userdata: Any, mid: int, reason_code: ReasonCode, _properties: Any) -> None:
        if self._connection is not None:
            refusal = str(reason_code) if reason_code.is_failure else ""
            self._connection.answered(mid, refusal, later=reason_code.value == QUOTA_EXCEEDED)

    def _on_disconnect(
        self, client: Any, userdata: Any, flags: Any, reason_code: ReasonCode, properties: Properties | None = None
    ) -> None:
        if flags.is_disconnect_packet_from_server and self._connection is not None:
            self._connection.give_up(dismissed(self._broker, reason_code.value, str(reason_code)))
        self._refuse(f"{self._broker} closed the connection before it let us in", hint(self._broker))
        super()._on_disconnect(client, userdata, flags, reason_code, properties)

    def _on_socket_open(self, _client: Any, _userdata: Any, _sock: Any) -> None:
        """Take a share at each turn of the loop; aiomqtt reads on for as long as the broker sends.

        Its keepalive begins in `_on_connect`: paho would close for silence a connection that is not let in yet.
        """
        self._loop.add_reader(self._wire.fileno(), self._readable)

    def _readable(self) -> None:
        if not self._wire.more():  # `_take` comes back for that
            self._take()

    def _take(self) -> None:
        try:
            self._wire.turn()
            while self._client.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS and self._wire.pending():
                pass
            self._wire.check()
        except Exception as error:  # noqa: BLE001 - paho lets whatever the socket or its own decoding raises through
            self._fail(error)
        else:
            if self._wire.more() and self._client.socket() is not None:
                self._loop.call_soon(self._take)

    def _on_socket_register_write(self, _client: Any, _userdata: Any, _sock: Any) -> None:
        """Register at once: aiomqtt does it a little later, when the socket may be closed and its number another's."""
        self._loop.add_writer(self._wire.fileno(), self._write)

    def _on_socket_unregister_write(self, _client: Any, _userdata: Any, _sock: Any) -> None:
        """paho has handed over all that it has; `_write` knows whether all is sent."""

    def _on_socket_close(self, client: Any, userdata: Any, sock: Any) -> None:
        self._stop_writing()
        super()._on_socket_close(client, userdata, sock)

    def _write(self) -> None:
        try:
            self._client.loop_write()
            if self._wire.flush():
                self._stop_writing()
        except Exception as error:  # noqa: BLE001 - paho lets whatever the socket raises through
            self._stop_writing()
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """It is over, and nothing is read any more."""
        if (number := self._wire.fileno()) >= 0:
            self._loop.remove_reader(number)
        if not self._disconnected.done():
            self._disconnected.set_exception(error)

    def _stop_writing(self) -> None:
        if (number := self._wire.fileno()) >= 0:
            self._loop.remove_writer(number)

    def _ended(self, disconnected: asyncio.Future[None]) -> None:
        error = _failure(disconnected)
        if self._connection is not None:
            self._connection.give_up(_broken_off(error))
        broken = f"broke the connection off before it let us in ({error})"
        what = error.what if isinstance(error, UnaskedError) else broken
        self._refuse(*(unaccepted(error, self._broker) or (f"{self._broker} {what}", hint(self._broker))))

    def _refuse(self, why: str, remedy: str) -> None:
        if not self._connected.done():
            self._connected.set_exception(ConnectFailedError(why, remedy))


def _failure(future: asyncio.Future[None]) -> BaseException | None:
    """What a future failed with. asyncio complains of failures that nobody has looked at."""
    return None if future.cancelled() else future.exception()


def _told(broker: Broker) -> Properties | None:
    """What an MQTT 5 broker is told with the first packet."""
    if broker.protocol != "5":
        return None
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.MaximumPacketSize = MOST_BYTES
    return properties


def _broken_off(error: BaseException | None) -> ConnectionLostError:
    match error:
        case None:
            return ConnectionLostError("disconnected")
        case UnaskedError():
            return error
        case aiomqtt.MqttCodeError():
            return _closed_by_paho(error.rc)
        case OSError():
            return HungUpError(f"the connection broke: {error.strerror or error}")
        case _:
            return ConnectionLostError(f"the broker sends what is not MQTT: {error}", accuses=True)


def _closed_by_paho(code: object) -> ConnectionLostError:
    """It reports in codes of the broker's what itself has noticed."""
    match code:
        case ReasonCode(value=value) if value == KEEPALIVE_TIMEOUT:
            return SilentError("the broker is silent")
        case ReasonCode(value=value) if value == PROTOCOL_ERROR:
            return ConnectionLostError("the broker sends what is not MQTT", accuses=True)
        case _:
            return HungUpError("the other side closed the connection")
