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
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gatewayd.uplink.mqtt.broker import Broker
from gatewayd.uplink.mqtt.connection import (
    Connection,
    ConnectionLostError,
    HungUpError,
    Limits,
    Message,
    RefusedError,
    SilentError,
)
from gatewayd.uplink.mqtt.dial import dial
from gatewayd.uplink.mqtt.tls import ConnectFailedError, UnansweredError
from gatewayd.uplink.mqtt.wire import Wire

IN_FLIGHT = 20
"""Messages that may wait for their acknowledgement at the same time; the broker may want fewer."""
DISCONNECT_LIMIT = 0.5
"""Seconds that taking our leave may take."""
PROTOCOLS = {"5": aiomqtt.ProtocolVersion.V5, "3.1.1": aiomqtt.ProtocolVersion.V311}
KEEPALIVE_TIMEOUT, TAKEN_OVER, RATE_TOO_HIGH, QUOTA_EXCEEDED = 0x8D, 0x8E, 0x96, 0x97
BLAMELESS = frozenset(
    {0x89, 0x8B, KEEPALIVE_TIMEOUT, TAKEN_OVER, RATE_TOO_HIGH, QUOTA_EXCEEDED, 0x98, 0x9C, 0x9D, 0x9F, 0xA0}
)
"""Reasons for which a broker disconnects that have nothing to do with what was sent: it stops, moves, is busy, ..."""


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
            raise UnansweredError(why, f"{question} If it is, {_protocol(self._broker)}") from None
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
            self._refuse(*_unwelcome(self._broker, reason_code))
            return
        self._retains = bool(getattr(properties, "RetainAvailable", True))
        in_flight = min(IN_FLIGHT, getattr(properties, "ReceiveMaximum", IN_FLIGHT))
        limits = Limits(in_flight, getattr(properties, "MaximumPacketSize", None), self._broker.profile.most_bytes)
        self._connection = Connection(self._send, limits)
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_publish(self, _client: Any, _userdata: Any, mid: int, reason_code: ReasonCode, _properties: Any) -> None:
        if self._connection is not None:
            refusal = str(reason_code) if reason_code.is_failure else ""
            self._connection.answered(mid, refusal, later=reason_code.value == QUOTA_EXCEEDED)

    def _on_disconnect(
        self, client: Any, userdata: Any, flags: Any, reason_code: ReasonCode, properties: Properties | None = None
    ) -> None:
        if flags.is_disconnect_packet_from_server and self._connection is not None:
            self._connection.give_up(_dismissed(self._broker, reason_code))
        self._refuse(f"{self._broker} closed the connection before it let us in", _hint(self._broker))
        super()._on_disconnect(client, userdata, flags, reason_code, properties)

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
            if not self._disconnected.done():
                self._disconnected.set_exception(error)

    def _stop_writing(self) -> None:
        if (number := self._wire.fileno()) >= 0:
            self._loop.remove_writer(number)

    def _ended(self, disconnected: asyncio.Future[None]) -> None:
        error = _failure(disconnected)
        if self._connection is not None:
            self._connection.give_up(_broken_off(error))
        self._refuse(f"{self._broker} broke the connection off before it let us in ({error})", _hint(self._broker))

    def _refuse(self, why: str, remedy: str) -> None:
        if not self._connected.done():
            self._connected.set_exception(ConnectFailedError(why, remedy))


def _failure(future: asyncio.Future[None]) -> BaseException | None:
    """What a future failed with. asyncio complains of failures that nobody has looked at."""
    return None if future.cancelled() else future.exception()


def _unwelcome(broker: Broker, reason: ReasonCode) -> tuple[str, str]:
    """Why it does not let us in, and what to do."""
    match reason.getName():
        case "Unsupported protocol version":
            return f"{broker} speaks another version of MQTT", _protocol(broker)
        case "Bad user name or password":
            return f"{broker} does not accept username or password", "check username and password_file in [mqtt]"
        case "Not authorized":
            return f"{broker} says not authorised", "check username, password_file and the broker's access rules"
        case name:
            return f"{broker} does not let us in: {name.lower()}", "the broker's log may say more"


def _hint(broker: Broker) -> str:
    """What may be wrong if a broker hangs up at once."""
    if broker.tls is None:
        return f'{_protocol(broker)}; if this is its TLS port, url must begin with "mqtts://"'
    return _protocol(broker) + ("" if broker.tls.cert_file else ", or a certificate of ours (cert_file)")


def _protocol(broker: Broker) -> str:
    other = "3.1.1" if broker.protocol == "5" else "5"
    return f'it may need protocol = "{other}" in the table [mqtt]'


def _dismissed(broker: Broker, reason: ReasonCode) -> ConnectionLostError:
    if reason.value == TAKEN_OVER:
        return ConnectionLostError(f"another client uses the id {broker.client_id}: give each gateway an id of its own")
    return ConnectionLostError(f"the broker disconnected: {reason}", accuses=reason.value not in BLAMELESS)


def _broken_off(error: BaseException | None) -> ConnectionLostError:
    match error:
        case None:
            return ConnectionLostError("disconnected")
        case aiomqtt.MqttCodeError(rc=ReasonCode(value=reason)) if reason == KEEPALIVE_TIMEOUT:
            return SilentError("the broker is silent")
        case aiomqtt.MqttCodeError():
            return HungUpError("the other side closed the connection")
        case OSError():
            return HungUpError(f"the connection broke: {error.strerror or error}")
        case _:
            return ConnectionLostError(f"the broker sends what is not MQTT: {error}", accuses=True)
