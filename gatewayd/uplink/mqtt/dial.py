"""Dialling: a TCP or TLS socket to the broker, opened beside the event loop and given up at once when cancelled."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from contextlib import suppress

from gatewayd.errors import GatewaydError
from gatewayd.uplink.mqtt.broker import Broker, Tls

ADDRESS_LIMIT = 5.0
"""Seconds that one address of the broker has to answer, and again for the TLS handshake."""
DIAL_LIMIT = 15.0
"""Seconds for all of it: name, addresses, handshake."""


class ConnectFailedError(GatewaydError):
    """The broker cannot be reached, or does not let us in; the text says why, and what to do where we know."""


async def dial(broker: Broker) -> socket.socket:
    """Give a connected socket, non-blocking and without Nagle's delay. Raises ConnectFailedError.

    Looking a name up blocks for as long as the resolver likes, so a thread does all this that nobody has to wait for.
    """
    call = _Call(broker)
    threading.Thread(target=call.make, name=f"dial {broker}", daemon=True).start()
    try:
        async with asyncio.timeout(DIAL_LIMIT):
            return await call.answer
    except TimeoutError:
        raise ConnectFailedError(f"{broker} gave no answer within {DIAL_LIMIT:.0f} s") from None


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
    context = None if broker.tls is None else _context(broker.tls)
    plain = socket.create_connection((broker.host, broker.port), timeout=ADDRESS_LIMIT)
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        secured = plain if context is None else _secured(plain, broker, context)
    except BaseException:
        plain.close()
        raise
    secured.setblocking(False)
    return secured


def _secured(plain: socket.socket, broker: Broker, context: ssl.SSLContext) -> ssl.SSLSocket:
    """Shake hands; a port without TLS hangs up at what it gets, or waits for more of it."""
    try:
        return context.wrap_socket(plain, server_hostname=broker.host)
    except ssl.SSLCertVerificationError as error:
        why = f"TLS: the certificate of {broker} is not accepted: {error.verify_message}; {_remedy(error)}"
        raise ConnectFailedError(why) from None
    except OSError as error:
        raise ConnectFailedError(f"TLS: no handshake with {broker}: {_cause(error)}; is this its TLS port?") from None


def _remedy(error: ssl.SSLCertVerificationError) -> str:
    match error.verify_code:
        case 9 | 10:  # not yet valid, not valid any more
            return "check the clock of this machine, and the certificate's dates"
        case 62 | 64:  # made for another name, or address
            return "url must name the broker as its certificate does"
        case _:
            return "check ca_file"


def _cause(error: OSError) -> str:
    match error:
        case ssl.SSLError():
            return error.reason or str(error)
        case TimeoutError():
            return f"no answer within {ADDRESS_LIMIT:g} s"
        case _:
            return error.strerror or str(error)


def _context(tls: Tls) -> ssl.SSLContext:
    """Read anew for each connection: certificates are renewed while the gateway runs."""
    files = ", ".join(str(file) for file in (tls.ca_file, tls.cert_file, tls.key_file) if file is not None)
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if tls.cert_file is not None:
            context.load_cert_chain(tls.cert_file, tls.key_file)
    except OSError as error:
        raise ConnectFailedError(f"TLS: cannot use {files}: {error.strerror or error}") from None
    return context


def _words(error: OSError, broker: Broker) -> str:
    match error:
        case socket.gaierror():
            return f"no address found for {broker.host!r}: {error.strerror}"
        case ConnectionRefusedError():
            return f"refused: nothing listens at {broker}"
        case TimeoutError():
            return f"{broker} gave no answer within {ADDRESS_LIMIT:.0f} s"
        case _:
            return f"{broker} cannot be reached: {error.strerror or error}"
