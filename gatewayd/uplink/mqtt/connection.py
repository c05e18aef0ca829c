"""A connection to the broker as the sender sees it: publish, and know of each message what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Never

from gatewayd.errors import GatewaydError


class RefusedError(GatewaydError):
    """A message cannot be delivered as it is: the broker refuses it, or there is no way to publish it."""


class TooLargeError(RefusedError):
    """A message of `size` bytes is larger than the broker's `limit`; it was not sent."""

    def __init__(self, size: int, limit: int) -> None:
        self.size = size
        self.limit = limit
        super().__init__(f"larger than the {limit} bytes that the broker takes")


class ThrottledError(RefusedError):
    """The broker does not take a message yet; later it may."""


class ConnectionLostError(GatewaydError):
    """The connection has ended although nobody asked for it. `accuses`: what was sent on it may be the reason."""

    def __init__(self, why: str, *, accuses: bool = False) -> None:
        self.accuses = accuses
        super().__init__(why)


class HungUpError(ConnectionLostError):
    """The other side has ended the connection without a word."""

    def __init__(self, why: str) -> None:
        super().__init__(why, accuses=True)


class SilentError(ConnectionLostError):
    """The other side owes an answer, and was waited for long enough."""


class UnaskedError(ConnectionLostError):
    """The broker does what it has no reason for (`what`, as in "sends ..."); it is no matter of what was sent."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"the broker {what}")


@dataclass(frozen=True, slots=True)
class Message:
    """What is published, always with QoS 1."""

    topic: str
    payload: bytes
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What the broker takes: messages that wait for its answer at the same time, and bytes of one packet.

    `most_bytes` is what the line takes of messages that wait for their answer, but that one may always be on its way.
    """

    in_flight: int
    size: int | None = None
    most_bytes: int = 1 << 20


class Connection:
    """An open connection. `send` puts a message on the wire and gives the number that its answer will bear."""

    def __init__(self, send: Callable[[Message], int], limits: Limits) -> None:
        self._loop = asyncio.get_running_loop()
        self.limits = limits
        self.lost: asyncio.Future[ConnectionLostError] = self._loop.create_future()
        """Done, with the reason as its result, when the connection is lost."""
        self._send = send
        self._waiting: dict[int, tuple[asyncio.Future[None], int]] = {}
        self._bytes = 0
        self._room = asyncio.Event()

    @property
    def has_room(self) -> bool:
        """Whether less is in flight than may be."""
        return len(self._waiting) < self.limits.in_flight and self._bytes < self.limits.most_bytes

    @property
    def offended(self) -> bool:
        """Whether it was lost because the broker did what it must not."""
        return self.lost.done() and isinstance(self.lost.result(), UnaskedError)

    async def room(self) -> None:
        """Wait until there is room. Raises ConnectionLostError."""
        while not self.has_room:
            self._room.clear()
            await self._room.wait()
        if self.lost.done():
            raise self.lost.result()

    async def until_lost(self) -> Never:
        """Wait until the connection is lost, which raises ConnectionLostError."""
        await asyncio.wait({self.lost})  # to await the future itself would cancel it along with us
        raise self.lost.result()

    def publish(self, message: Message) -> asyncio.Future[None]:
        """Send a message. What comes back is done at the broker's acknowledgement.

        It fails with RefusedError, TooLargeError, ThrottledError or ConnectionLostError.
        """
        answer: asyncio.Future[None] = self._loop.create_future()
        try:
            self._check(message)
            self._waiting[self._send(message)] = answer, len(message.payload)
            self._bytes += len(message.payload)
        except (RefusedError, ConnectionLostError) as failure:
            answer.set_exception(failure)
        return answer

    def answered(self, number: int, refusal: str, *, later: bool = False) -> None:
        """The broker has acknowledged the message with this number, or says why it does not; `later` it may."""
        answer, size = self._waiting.pop(number, (None, 0))
        self._bytes -= size
        self._room.set()
        if answer is None or answer.done():
            return
        if refusal:
            kind = ThrottledError if later else RefusedError
            answer.set_exception(kind(f"refused by the broker: {refusal}"))
        else:
            answer.set_result(None)

    def give_up(self, lost: ConnectionLostError) -> None:
        """Nothing will be answered any more, because the connection broke or because we have waited enough."""
        if self.lost.done():
            return
        self.lost.set_result(lost)
        waiting, self._waiting, self._bytes = self._waiting, {}, 0
        for answer, _ in waiting.values():
            if not answer.done():
                answer.set_exception(lost)
        self._room.set()

    def _check(self, message: Message) -> None:
        if self.lost.done():
            raise self.lost.result()
        if self.limits.size is not None and (size := packet_size(message)) > self.limits.size:
            raise TooLargeError(size, self.limits.size)


def packet_size(message: Message) -> int:
    """Bytes of a PUBLISH packet (MQTT 5, section 3.3): header, topic, packet number, no properties, payload."""
    rest = 2 + len(message.topic.encode()) + 2 + 1 + len(message.payload)
    return 1 + -(-rest.bit_length() // 7) + rest
