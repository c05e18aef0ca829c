"""Dialling: a TCP or TLS socket to the broker, opened beside the event loop and given up at once when cancelled."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress

from gatewayd.uplink.mqtt.broker import Broker
from gatewayd.uplink.mqtt.tls import ConnectFailedError, context_of, secured

NAME = "check the host in [mqtt] url, and DNS on this machine: getent hosts HOST"
PORT = "check the port in [mqtt] url (1883, with TLS 8883), and that the broker runs"
NETWORK = "check the network and firewalls: nc -vz HOST PORT"
THREADS = "look for what has so many threads (ps -eLf), or allow more of them (TasksMax in the unit)"
MOST_HANGING = 3
"""Attempts of one gateway at one broker that may hang although they were given up."""


async def dial(broker: Broker) -> socket.socket:
    """Give a connected socket, non-blocking and without Nagle's delay. Raises ConnectFailedError.

    Looking a name up blocks for as long as the resolver likes, so a thread does all this that nobody has to wait for.
    """
    call = _begun(broker)
    try:
        async with asyncio.timeout(broker.profile.dial_limit):
            return await call.answer
    except TimeoutError:
        raise ConnectFailedError(f"{broker} gave no answer within {broker.profile.dial_limit:g} s", NETWORK) from None


def _begun(broker: Broker) -> _Call:
    call = _Call(broker)
    hanging = sum(call.repeats(thread) for thread in threading.enumerate())
    if hanging >= MOST_HANGING:
        why = f"{hanging} attempts to find an address for {broker.host!r} have not ended"
        raise ConnectFailedError(why, NAME)
    try:
        call.start()
    except RuntimeError as error:
        raise ConnectFailedError(str(error), THREADS) from error
    return call


class _Call(threading.Thread):
    """One attempt; its socket is closed when nobody waits for it any more."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(name=f"dial {broker}", daemon=True)
        self._broker = broker
        self._whose = broker.host, broker.port, broker.client_id
        self._loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[socket.socket] = self._loop.create_future()

    def repeats(self, earlier: threading.Thread) -> bool:
        """Whether a thread is an attempt at the same, for which nobody waits any more."""
        return isinstance(earlier, _Call) and earlier._whose == self._whose and earlier.answer.done()  # noqa: SLF001

    def run(self) -> None:
        """Try it, and tell the loop what came of it."""
        outcome: socket.socket | ConnectFailedError
        try:
            outcome = _opened(self._broker)
        except OSError as error:
            outcome = _failure(error, self._broker)
        except ValueError as error:  # also UnicodeError: the host's name cannot be put into a question for its address
            why = f"no address found for {self._broker.host!r}: it is not a name of a host ({error})"
            outcome = ConnectFailedError(why, NAME)
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


def _failure(error: OSError, broker: Broker) -> ConnectFailedError:
    match error:
        case socket.gaierror():
            return ConnectFailedError(f"no address found for {broker.host!r}: {error.strerror}", NAME)
        case ConnectionRefusedError():
            return ConnectFailedError(f"refused: nothing listens at {broker}", PORT)
        case TimeoutError():
            return ConnectFailedError(f"{broker} gave no answer within {broker.profile.address_limit:g} s", NETWORK)
        case _:
            return ConnectFailedError(f"{broker} cannot be reached: {error.strerror or error}", NETWORK)
