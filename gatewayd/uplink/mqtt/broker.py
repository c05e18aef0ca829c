"""The broker as the config names it: where it is, how it is spoken to, and who we are to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import urlsplit

PORTS = {"mqtt": 1883, "mqtts": 8883}
KEEPALIVE = 20
"""Seconds of silence after which the broker is pinged; it declares us lost after 1.5 times as many."""


@dataclass(frozen=True, slots=True)
class Tls:
    """How the broker's certificate is verified (`ca_file`, else the system's authorities) and ours, if it wants one."""

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None


class MqttSettings(Protocol):
    """What the config says about the broker."""

    @property
    def url(self) -> str: ...  # noqa: D102
    @property
    def username(self) -> str | None: ...  # noqa: D102
    @property
    def password(self) -> str | None: ...  # noqa: D102
    @property
    def protocol(self) -> str: ...  # noqa: D102
    @property
    def prefix(self) -> str: ...  # noqa: D102
    @property
    def ca_file(self) -> Path | None: ...  # noqa: D102
    @property
    def cert_file(self) -> Path | None: ...  # noqa: D102
    @property
    def key_file(self) -> Path | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """`protocol` is "5" or "3.1.1"; no `tls` means plain text; `prefix` is the first level of all our topics.

    The client id is the gateway's id, so that a broker's access rules can tie it to the topics below that level.
    """

    host: str
    port: int
    client_id: str
    tls: Tls | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    protocol: str = "5"
    prefix: str = "gatewayd"
    keepalive: int = KEEPALIVE

    @classmethod
    def of(cls, settings: MqttSettings, gateway_id: str) -> Self:
        """The broker of a validated config."""
        url = urlsplit(settings.url)
        tls = Tls(settings.ca_file, settings.cert_file, settings.key_file) if url.scheme == "mqtts" else None
        return cls(
            host=url.hostname or "",
            port=url.port or PORTS[url.scheme],
            client_id=gateway_id,
            tls=tls,
            username=settings.username or None,
            password=settings.password or None,
            protocol=settings.protocol,
            prefix=settings.prefix,
        )

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
