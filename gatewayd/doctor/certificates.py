"""Certificates: for how long those of the config and the broker's own are valid; one that expires ends the uplink."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gatewayd import clock
from gatewayd.doctor.finding import Finding, ok, problem, warning
from gatewayd.uplink import Broker
from gatewayd.uplink.mqtt.dial import dial
from gatewayd.uplink.mqtt.tls import ConnectFailedError

CHECK = "certificate"
SOON = 30
"""Days before the end at which it is time to act."""
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_VERSION, _UTC_TIME = 0xA0, 0x17
"""Tags of ASN.1 (X.690): the first field of a certificate, which may be left out; a time whose year has two digits."""
_VALIDITY = 3
"""Where it stands in a certificate without its version, after its number, algorithm and issuer (RFC 5280, 4.1)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Until when each certificate is valid (seconds since 1970), by its name; what time it is now."""

    until: dict[str, float]
    now: float


def look(broker: Broker) -> Facts:
    """Read them; the broker's by a handshake, after which nothing is said. Raises OSError."""
    until: dict[str, float] = {}
    if (tls := broker.tls) is not None:
        if ends := _in(tls.cert_file):  # it and those that vouch for it
            until[f"ours, {tls.cert_file},"] = min(ends)
        if ends := _in(tls.ca_file):  # before one of them expires another is put beside it
            until[f"that of the authority, {tls.ca_file},"] = max(ends)
        with suppress(ConnectFailedError, ValueError):  # why there is no connection is the next check
            until[f"that of {broker}"] = expiry(asyncio.run(_shown_by(broker)))
    return Facts(until, time.time())


def judged(facts: Facts) -> Iterator[Finding]:
    """What that means."""
    if facts.now * 1e9 < clock.RELEASED:  # the clock is a finding of its own
        return
    for name, until in facts.until.items():
        day = datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%d")
        left = int((until - facts.now) // 86_400)
        if left < 0:
            yield problem(CHECK, f"{name} has expired on {day}", "renew it; it is read anew at each connection")
        elif left < SOON:
            fix = "have it renewed before; files are read anew at each connection"
            yield warning(CHECK, f"{name} expires on {day}, in {left} days", fix)
        else:
            yield ok(CHECK, f"{name} is valid until {day}")


def expiry(certificate: bytes) -> float:
    """The end of a certificate's time (DER), in seconds since 1970. Raises ValueError."""
    try:
        ((_, outer),) = _fields(certificate)
        fields = _fields(_fields(outer)[0][1])
        ((_, _), (tag, text)) = _fields(fields[_VALIDITY + (fields[0][0] == _VERSION)][1])
    except IndexError as error:
        raise ValueError("it is no certificate") from error
    form = "%y%m%d%H%M%SZ" if tag == _UTC_TIME else "%Y%m%d%H%M%SZ"
    return datetime.strptime(text.decode("ascii"), form).replace(tzinfo=UTC).timestamp()


def _fields(content: bytes) -> list[tuple[int, bytes]]:
    """What a sequence consists of: tags and contents (DER, X.690). Raises IndexError."""
    found = []
    while content:
        tag, length, begin = content[0], content[1], 2
        if length & 0x80:
            begin += length & 0x7F
            length = int.from_bytes(content[2:begin], "big")
        found.append((tag, content[begin : begin + length]))
        content = content[begin + length :]
    return found


def _in(file: Path | None) -> list[float]:
    """The ends of the certificates in a file, if there is one; none if one is not any: `gatewayd check` tells of that.

    Raises OSError.
    """
    if file is None:
        return []
    found = _PEM.findall(file.read_text(encoding="ascii", errors="replace"))
    with suppress(ValueError):
        return [expiry(ssl.PEM_cert_to_DER_cert(each)) for each in found]
    return []


async def _shown_by(broker: Broker) -> bytes:
    """The certificate that the broker shows. Raises ConnectFailedError."""
    with await dial(broker) as connection:
        shown = connection.getpeercert(binary_form=True) if isinstance(connection, ssl.SSLSocket) else None
    return shown or b""
