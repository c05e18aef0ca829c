"""Dialling: a TCP or TLS socket to the broker, opened beside the event loop and given up at once when cancelled."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress

from gatewayd.uplink.mqtt.broker import Broker
from gatewayd.uplink.mqtt.tls import ConnectFailedError, context_of, secured


async def dial(broker: Broker) -> socket.socket:
    """Give a connected socket, non-blocking and without Nagle's delay. Raises ConnectFailedError.

    Looking a name up blocks for as long as the resolver likes, so a thread does all this that nobody has to wait for.
    """
    call = _Call(broker)
    threading.Thread(target=call.make, name=f"dial {broker}", daemon=True).start()
    try:
        async with asyncio.timeout(broker.profile.dial_limit):
            return await call.answer
    except TimeoutError:
        raise ConnectFailedError(f"{broker} gave no answer within {broker.profile.dial_limit:g} s") from None


class _Call:
    """One attempt; its socket is closed when nobody waits for it any more."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[socket.socket] = self._loop.create_future()

    def make(self) -> None:
        outcome: socket.socket | ConnectFailedError
        try:
            outcome = _opened(self._broker)
        except OSError as error:
            outcome = ConnectFailedError(_words(error, self._broker))
        except ValueError as error:  # also UnicodeError: the host's name cannot be put into a question for its address
            outcome = ConnectFailedError(
                f"no address found for {self._broker.host!r}: it is not a name of a host ({error})"
            )
        except ConnectFailedError as failure:
            outcome = failure
        # The loop may be closed by now: then the process ends, and its sockets with it.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._deliver, outcome)

    def _deliver(self, outcome: socket.socket | ConnectFailedError) -> None:
        if isinstance(outcome, ConnectFailedError):
            if not self.answer.done():
                self.answer.set_exception(outcome)
        elif self.answer.done():
            outcome.close()
        else:
            self.answer.set_result(outcome)


def _opened(broker: Broker) -> socket.socket:
    context = None if broker.tls is None else context_of(broker.tls)
    plain = socket.create_connection((broker.host, broker.port), timeout=broker.profile.address_limit)
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wrapped = plain if context is None else secured(plain, broker, context)
    except BaseException:  # nobody has the socket yet who could close it; it is raised again
        plain.close()
        raise
    wrapped.setblocking(False)
    return wrapped


def _words(error: OSError, broker: Broker) -> str:
    match error:
        case socket.gaierror():
            return f"no address found for {broker.host!r}: {error.strerror}"
        case ConnectionRefusedError():
            return f"refused: nothing listens at {broker}"
        case TimeoutError():
            return f"{broker} gave no answer within {broker.profile.address_limit:g} s"
        case _:
            return f"{broker} cannot be reached: {error.strerror or error}"
