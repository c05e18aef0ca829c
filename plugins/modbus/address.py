"""Addresses: what the `url` of a source says about where its device is and how to talk to it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import SplitResult, parse_qsl, urlsplit

from gatewayd.plugin import OptionError

Parity = Literal["N", "E", "O"]

FORMS = 'write "tcp://host:502", "rtu:/dev/ttyUSB0?baudrate=9600&parity=N&stopbits=1" or "rtu+tcp://host:4196"'
MODBUS_PORT = 502
BITS_PER_CHARACTER = 11
SHORTEST_GAP = 0.00175
"""Seconds of silence between two frames above 19200 baud (Modbus over Serial Line V1.02, 2.5.1.1)."""
_SETTING = {
    "baudrate": re.compile(r"[1-9]\d{2,6}"),
    "parity": re.compile(r"[NEO]"),
    "stopbits": re.compile(r"[12]"),
}
_RIGHT = {
    "baudrate": "give bits per second, such as 9600 or 19200",
    "parity": 'give "N" (none), "E" (even) or "O" (odd)',
    "stopbits": "give 1 or 2",
}


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A host and port. `rtu`: behind it is a serial line, whose frames travel as they are (RTU over TCP)."""

    host: str
    port: int
    rtu: bool = False

    gap = 0.0
    """Seconds of silence between two frames: whoever owns the serial line sees to it."""

    @property
    def key(self) -> str:
        """What makes it the same connection."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.key

    @property
    def terms(self) -> str:
        """What all who share it must agree on."""
        return "rtu+tcp" if self.rtu else "tcp"

    def wire_time(self, size: int) -> float:  # noqa: ARG002 - the baud rate is not known here
        """Seconds that `size` bytes are on their way."""
        return 0.0


@dataclass(frozen=True, slots=True)
class SerialAddress:
    """A serial port of this machine and its settings; RTU has 8 data bits."""

    port: str
    baudrate: int = 9600
    parity: Parity = "N"
    stopbits: int = 1

    rtu = True

    @property
    def key(self) -> str:
        """What makes it the same port: a path below /dev/serial is a link to one that may be used as well."""
        return os.path.realpath(self.port)

    @property
    def name(self) -> str:
        """What messages call it: the integrator's path, for the port's own changes when it is plugged in again."""
        return self.port

    @property
    def terms(self) -> str:
        """What all who share it must agree on."""
        return f"baudrate={self.baudrate}&parity={self.parity}&stopbits={self.stopbits}"

    @property
    def gap(self) -> float:
        """Seconds of silence between two frames: 3.5 characters."""
        return max(self.wire_time(7) / 2, SHORTEST_GAP)

    def wire_time(self, size: int) -> float:
        """Seconds that `size` bytes are on their way."""
        return size * BITS_PER_CHARACTER / self.baudrate


Address = TcpAddress | SerialAddress


def parse(url: str) -> Address:
    """The address that a `url` gives. Raises OptionError for `url`, with what would be right."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _wrong(url, str(error)) from None
    if parts.scheme == "rtu":
        return _serial(url, parts)
    if parts.scheme in {"tcp", "rtu+tcp"}:
        return _tcp(url, parts, port)
    what = f"the scheme {parts.scheme!r} is unknown" if parts.scheme else "there is no scheme"
    raise _wrong(url, what)


def _tcp(url: str, parts: SplitResult, port: int | None) -> TcpAddress:
    rtu = parts.scheme == "rtu+tcp"
    if not parts.hostname:
        raise _wrong(url, "the host is missing")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        raise _wrong(url, "there is more than a host and a port")
    if not _possible(parts.hostname):
        raise _wrong(url, "the host has an empty or too long part")
    if port == 0 or (port is None and rtu):
        raise _wrong(url, "the port is missing")
    return TcpAddress(parts.hostname, port or MODBUS_PORT, rtu)


def _possible(host: str) -> bool:
    """Whether a name can be looked up at all."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True


def _serial(url: str, parts: SplitResult) -> SerialAddress:
    if parts.netloc or not parts.path.startswith("/"):
        raise _wrong(url, "the serial port is missing or not a path that begins with /")
    settings = _settings(url, parts.query)
    return SerialAddress(
        parts.path,
        int(settings.get("baudrate", 9600)),
        cast(Parity, settings.get("parity", "N")),
        int(settings.get("stopbits", 1)),
    )


def _settings(url: str, query: str) -> Mapping[str, str]:
    settings: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in _SETTING:
            raise _wrong(url, f"the setting {name!r} is unknown", f"known are {', '.join(_SETTING)}")
        if name in settings:
            raise _wrong(url, f"{name} is given twice", "give it once")
        if not _SETTING[name].fullmatch(value):
            raise _wrong(url, f"{name} cannot be {value!r}", _RIGHT[name])
        settings[name] = value
    return settings


def _wrong(url: str, what: str, fix: str = FORMS) -> OptionError:
    return OptionError(["url"], f"{url!r}: {what}", fix)
