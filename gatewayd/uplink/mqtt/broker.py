"""The broker as the config names it: where it is, how it is spoken to, and who we are to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import urlsplit

from gatewayd.uplink.mqtt.profile import LAN, PROFILES, Profile

PORTS = {"mqtt": 1883, "mqtts": 8883}


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
    def profile(self) -> str: ...  # noqa: D102
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
    profile: Profile = LAN

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
            profile=PROFILES[settings.profile],
        )

    @property
    def exposed(self) -> bool:
        """Whether what we say can be read on the way: plain text that leaves this machine."""
        return self.tls is None and not _on_this_machine(self.host)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _on_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
