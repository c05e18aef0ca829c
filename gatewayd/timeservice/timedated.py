"""systemd-timedated: asks the kernel for those who may not. One question over D-Bus: too little for a library."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

BUS = Path("/run/dbus/system_bus_socket")
PATIENCE = 5.0
"""Seconds for all of it: the bus starts timedated when it is asked for."""


class _Method(NamedTuple):
    path: str
    destination: str
    interface: str
    member: str


_TIMEDATE = "org.freedesktop.timedate1"
_HELLO = _Method("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus", "Hello")
_GET = _Method("/org/freedesktop/timedate1", _TIMEDATE, "org.freedesktop.DBus.Properties", "Get")
_RETURN, _ERROR = 2, 3
_LARGEST = 1 << 16
"""Bytes of a message that are believed."""


def synchronized(bus: Path = BUS, patience: float = PATIENCE) -> bool | None:
    """Whether a time service keeps the clock; None where nobody can be asked."""
    try:
        with socket.socket(socket.AF_UNIX) as channel:
            return _Conversation(channel, patience).ask(bus)
    except (OSError, EOFError, ValueError, struct.error):
        return None


class _Conversation:
    """What is said over one connection. Raises OSError, EOFError, ValueError or struct.error."""

    def __init__(self, channel: socket.socket, patience: float) -> None:
        self._channel = channel
        self._until = time.monotonic() + patience

    def ask(self, bus: Path) -> bool | None:
        self._wait()
        self._channel.connect(os.fspath(bus))
        self._channel.sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
        if not self._line().startswith(b"OK "):
            return None
        get = _call(2, _GET, _TIMEDATE, "NTPSynchronized")
        self._channel.sendall(b"BEGIN\r\n" + _call(1, _HELLO) + get)
        if self._answer() is None:
            return None
        answer = self._answer()
        return None if answer is None else _boolean(answer)

    def _answer(self) -> bytes | None:
        """The next answer, with the order of its bytes before it; None for an error. Signals are passed over."""
        while True:
            head = self._take(16)
            order = "<" if head[:1] == b"l" else ">"
            body, _, fields = struct.unpack(f"{order}III", head[4:])
            if body + fields > _LARGEST:
                raise ValueError(f"{body + fields} bytes are no answer")
            rest = self._take(_padded(fields) + body)
            if head[1] == _ERROR:
                return None
            if head[1] == _RETURN:
                return order.encode() + rest[_padded(fields) :]

    def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n") and len(line) < _LARGEST:
            line += self._take(1)
        return line

    def _take(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            self._wait()
            more = self._channel.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def _wait(self) -> None:
        self._channel.settimeout(max(0.001, self._until - time.monotonic()))


def _boolean(answer: bytes) -> bool:
    """The answer, if it is a variant that holds a boolean."""
    if answer[1:4] != b"\1b\0":
        raise ValueError(f"{answer!r} is no boolean")
    (value,) = struct.unpack_from(f"{chr(answer[0])}I", answer, 5)
    return bool(value)


def _call(serial: int, method: _Method, *texts: str) -> bytes:
    """A call of a method whose arguments are texts."""
    fields = [
        bytes([1]) + b"\1o\0" + _text(method.path),
        bytes([2]) + b"\1s\0" + _text(method.interface),
        bytes([3]) + b"\1s\0" + _text(method.member),
        bytes([6]) + b"\1s\0" + _text(method.destination),
    ]
    if texts:
        fields.append(bytes([8]) + b"\1g\0" + bytes([len(texts)]) + b"s" * len(texts) + b"\0")
    packed, body = _joined(fields, 8), _joined(map(_text, texts), 4)
    head = struct.pack("<BBBBIII", ord("l"), 1, 0, 1, len(body), serial, len(packed))
    return head + packed.ljust(_padded(len(packed)), b"\0") + body


def _joined(parts: Iterable[bytes], to: int) -> bytes:
    """One after the other, each at a multiple of `to`."""
    joined = b""
    for part in parts:
        joined = joined.ljust(_padded(len(joined), to), b"\0") + part
    return joined


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode() + b"\0"


def _padded(size: int, to: int = 8) -> int:
    """Up to the next multiple."""
    return -(-size // to) * to
