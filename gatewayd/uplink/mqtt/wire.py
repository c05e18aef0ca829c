"""The wire: the socket as paho sees it, which reads ahead and sends packets together."""

from __future__ import annotations

import ssl
from contextlib import suppress
from socket import socket

CHUNK = 4096


class Wire:
    """A non-blocking socket for paho.

    paho asks for each acknowledgement in three small reads and sends each packet by itself: without this that would be
    four system calls and a TCP segment per message.
    """

    def __init__(self, sock: socket) -> None:
        self._socket = sock
        self._ahead = b""
        self._position = 0
        self._unsent = bytearray()

    def recv(self, buffer_size: int) -> bytes:
        """Give up to `buffer_size` bytes; empty at the end of the stream. Raises what the socket raises."""
        if self._position >= len(self._ahead):
            self._ahead = self._socket.recv(CHUNK)
            self._position = 0
        start = self._position
        self._position = start + buffer_size
        return self._ahead[start : self._position]

    def pending(self) -> int:
        """How many bytes are already here, so that no event of the socket will tell of them."""
        here = max(0, len(self._ahead) - self._position)
        return here + self._socket.pending() if isinstance(self._socket, ssl.SSLSocket) else here

    def send(self, buffer: bytes | bytearray) -> int:
        """Take all of it; it is sent by the next `flush`."""
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
