"""Addresses: where the gateway itself may listen, written as `"127.0.0.1:9180"` or `"[::1]:9180"`."""

from __future__ import annotations

import errno
import ipaddress
import re
import socket

from gatewayd.config.kinds import Bound

_FORM = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})")


def address(text: str) -> tuple[str, int]:
    """The host and the port. Raises ValueError: names are not looked up, since what they mean may change."""
    parts = _FORM.fullmatch(text)
    if parts is None or not 0 < int(parts[3]) < 65_536:
        raise ValueError(f"{text!r} is not an address with a port")
    if parts[1] is not None:
        return str(ipaddress.IPv6Address(parts[1])), int(parts[3])
    return str(ipaddress.IPv4Address(parts[2])), int(parts[3])


def is_of_this_machine(host: str) -> bool:
    """Whether one could listen there at all."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind((host, 0))
    except OSError as error:
        return error.errno != errno.EADDRNOTAVAIL
    return True


def _is_address(text: str) -> bool:
    try:
        address(text)
    except ValueError:
        return False
    return True


LISTENING = Bound('an address of this machine and a port, such as "127.0.0.1:9180"', _is_address)
