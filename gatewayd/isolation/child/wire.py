"""The wire: the child's end of the socket to the gateway.

What it sends it sends at once, and waits while the gateway cannot take it: there is nothing that could overflow.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

from gatewayd.isolation.messages import HEAD, Message, Order, Setup, framed, orders

GATEWAY_GONE = 70
CHUNK = 1 << 16


class Wire:
    """One end of a socket; without another end this process has no purpose and ends."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._end.set_inheritable(False)
        self._lock = threading.Lock()
        self._received = bytearray()

    def fileno(self) -> int:
        """The descriptor to wait at for orders."""
        return self._end.fileno()

    def send(self, message: Message) -> None:
        """Tell the gateway something; any thread may."""
        try:
            with self._lock:
                self._end.sendall(framed(message))
        except OSError:
            os._exit(GATEWAY_GONE)

    def first(self) -> Setup:
        """Wait for the first message."""
        while True:
            self._receive(0)
            for order in self._whole():
                if isinstance(order, Setup):
                    return order

    def orders(self) -> Iterator[Order]:
        """What has come in, without waiting."""
        self._receive(socket.MSG_DONTWAIT)
        return self._whole()

    def _receive(self, flags: int) -> None:
        try:
            chunk = self._end.recv(CHUNK, flags)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk:
            os._exit(GATEWAY_GONE)
        self._received += chunk

    def _whole(self) -> Iterator[Order]:
        while len(self._received) >= HEAD.size:
            end = HEAD.size + HEAD.unpack_from(self._received)[0]
            if len(self._received) < end:
                return
            order = orders.decode(memoryview(self._received)[HEAD.size : end].tobytes())
            del self._received[:end]
            yield order
