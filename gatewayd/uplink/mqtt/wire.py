"""The wire: the socket as paho sees it, which reads ahead, lets no more in than it should, and sends together."""

from __future__ import annotations

import ssl
from contextlib import suppress
from socket import socket

from gatewayd.uplink.mqtt.answers import Answers
from gatewayd.uplink.mqtt.connection import UnaskedError

CHUNK = 16_384
"""Bytes that are read at once: all that a TLS record holds, for no event of the socket tells of what is left there."""
SHARE = 1024
"""Bytes that are given in one turn of the event loop: the whole window, acknowledged at once, is 80."""


class Wire:
    """A non-blocking socket for paho.

    paho asks for each acknowledgement in three small reads and sends each packet by itself: without this that would be
    four system calls and a TCP segment per message.
    """

    def __init__(self, sock: socket) -> None:
        self._socket = sock
        self._ahead = b""
        self._position = self._end = 0
        self._over = False
        self._wrong: UnaskedError | None = None
        self._answers = Answers()
        self._unsent = bytearray()

    def turn(self) -> None:
        """Read what is here, or the first of it, and give the next share of it out. Raises OSError."""
        if not self.more():
            with suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                data = self._socket.recv(CHUNK)
                self._over = not data
                sound, self._wrong = self._answers.sound(data)
                self._ahead, self._position = data[:sound], 0
        self._end = min(len(self._ahead), self._position + SHARE)

    def recv(self, buffer_size: int) -> bytes:
        """Give up to `buffer_size` bytes; empty at the end. Raises BlockingIOError if this turn's share is used up."""
        if not self.pending():
            if self._over:
                return b""
            raise BlockingIOError
        start = self._position
        self._position = min(start + buffer_size, self._end)
        return self._ahead[start : self._position]

    def pending(self) -> int:
        """How many bytes are left of this turn's share."""
        return self._end - self._position

    def more(self) -> bool:
        """Whether something is here that was not given yet, of which no event of the socket will tell."""
        return self._position < len(self._ahead)

    def check(self) -> None:
        """Raise UnaskedError if nothing is here but what nobody asked for; that is not given to anybody."""
        if self._wrong is not None and not self.more():
            raise self._wrong

    def send(self, buffer: bytes | bytearray) -> int:
        """Take all of it, which is a packet; it is sent by the next `flush`."""
        self._answers.asked()
        self._unsent += buffer
        return len(buffer)

    def flush(self) -> bool:
        """Send what the socket takes now; whether that is all. Raises OSError."""
        if self._unsent:
            with suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                del self._unsent[: self._socket.send(self._unsent)]
        return not self._unsent

    def fileno(self) -> int:
        """The socket's number; -1 once it is closed."""
        return self._socket.fileno()

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 - the name and the form of a socket's
        """As a socket does."""
        self._socket.setblocking(flag)

    def close(self) -> None:
        """Send what is left, if that goes at once, and close."""
        with suppress(OSError):
            self.flush()
        self._socket.close()
