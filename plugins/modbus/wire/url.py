"""URLs: what the `url` of a source says about the address of its device."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import cast
from urllib.parse import SplitResult, parse_qsl, urlsplit

from gatewayd.plugin import OptionError
from gatewayd_plugins.modbus.wire.address import Address, Framing, Parity, SerialAddress, TcpAddress
from gatewayd_plugins.modbus.wire.secure import Tls, tls

FORMS = (
    'write "tcp://host:502", "tls://host:802", "rtu:/dev/ttyUSB0?baudrate=9600&parity=N&stopbits=1" or '
    '"rtu+tcp://host:4196"; "ascii:" and "ascii+tcp:" for Modbus ASCII'
)
PORTS = {"tcp": 502, "tls": 802}
"""The ports that are usual: Modbus/TCP, Modbus/TCP Security. Converters have no usual one."""
_SETTING = {
    "baudrate": re.compile(r"[1-9]\d{2,6}"),
    "parity": re.compile(r"[NEO]"),
    "stopbits": re.compile(r"[12]"),
    "bytesize": re.compile(r"[78]"),
}
_RIGHT = {
    "baudrate": "give bits per second, such as 9600 or 19200",
    "parity": 'give "N" (none), "E" (even) or "O" (odd)',
    "stopbits": "give 1 or 2",
    "bytesize": "give 7 or 8",
}
_USUAL: Mapping[str, Mapping[str, str]] = {
    "rtu": {"baudrate": "9600", "parity": "N", "stopbits": "1"},
    "ascii": {"baudrate": "9600", "parity": "E", "stopbits": "1", "bytesize": "7"},
}
"""The settings that a url may have, and what they are when it does not."""
NO_TLS = Tls()


def parse(url: str, security: Tls = NO_TLS) -> Address:
    """The address that a `url` gives; `security` is what else is said of TLS. Raises OptionError."""
    if not url.isprintable():
        raise _wrong(url, "there are characters in it that cannot be seen")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _wrong(url, str(error)) from None
    secured = tls(security, secure=parts.scheme == "tls")
    if parts.scheme in _USUAL:
        return _serial(url, parts)
    if parts.scheme in {*PORTS, "rtu+tcp", "ascii+tcp"}:
        return _tcp(url, parts, port, secured)
    what = f"the scheme {parts.scheme!r} is unknown" if parts.scheme else "there is no scheme"
    raise _wrong(url, what)


def _tcp(url: str, parts: SplitResult, port: int | None, secured: Tls | None) -> TcpAddress:
    if not parts.hostname:
        raise _wrong(url, "the host is missing")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        raise _wrong(url, "there is more than a host and a port")
    if not _possible(parts.hostname):
        raise _wrong(url, "the host has an empty or too long part")
    port = PORTS.get(parts.scheme) if port is None else port
    if not port:
        raise _wrong(url, "the port is missing")
    inner = parts.scheme.removesuffix("+tcp")
    return TcpAddress(parts.hostname, port, Framing.TCP if inner in PORTS else Framing(inner), secured)


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
    usual = _USUAL[parts.scheme]
    settings = {**usual, **_settings(url, parts.query, usual)}
    return SerialAddress(
        parts.path,
        int(settings["baudrate"]),
        cast(Parity, settings["parity"]),
        int(settings["stopbits"]),
        Framing(parts.scheme),
        int(settings.get("bytesize", 8)),
    )


def _settings(url: str, query: str, known: Collection[str]) -> Mapping[str, str]:
    settings: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in known:
            raise _wrong(url, f"the setting {name!r} is unknown", f"known are {', '.join(known)}")
        if name in settings:
            raise _wrong(url, f"{name} is given twice", "give it once")
        if not _SETTING[name].fullmatch(value):
            raise _wrong(url, f"{name} cannot be {value!r}", _RIGHT[name])
        settings[name] = value
    return settings


def _wrong(url: str, what: str, fix: str = FORMS) -> OptionError:
    return OptionError(["url"], f"{url!r}: {what}", fix)
