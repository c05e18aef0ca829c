"""The broker: whether it is found, reached, and lets us in. A gateway that runs is asked instead."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gatewayd.doctor.finding import Finding, ok, problem, warning
from gatewayd.uplink import Broker
from gatewayd.uplink.mqtt.client import connect
from gatewayd.uplink.mqtt.connection import ConnectionLostError, Message
from gatewayd.uplink.mqtt.tls import ConnectFailedError

CHECK = "broker"
LIMIT = 30.0
"""Seconds for all of it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The broker of the config, by which of its parts it is known; why we are not connected, if so.

    `running`: a gateway runs, and it is the one that says so.
    """

    broker: str
    plain: bool
    failure: str | None
    running: bool


def look(broker: Broker, uplink: Mapping[str, Any] | None) -> Facts:
    """Connect as the gateway would; if one runs, believe its `uplink`: a second connection would push it off."""
    if uplink is None:
        failure = asyncio.run(_attempt(broker))
    else:
        failure = None if uplink["connected"] else uplink["last_error"] or "it is connecting"
    return Facts(str(broker), broker.tls is None, failure, uplink is not None)


def judged(facts: Facts) -> Iterator[Finding]:
    """What that means."""
    if facts.failure is None:
        who = "the running gateway is connected" if facts.running else "it lets us in"
        yield ok(CHECK, f"{facts.broker}: {who}")
    else:
        why, _, remedy = facts.failure.partition("; ")
        yield problem(CHECK, f"{facts.broker}: {why}", remedy or "see docs/troubleshooting.md, the broker")
    if facts.plain and not _is_local(facts.broker):
        fix = 'use TLS: url = "mqtts://..."; whoever is on the way reads the password and all messages'
        yield warning(CHECK, f"{facts.broker} is spoken to without TLS", fix)


async def _attempt(broker: Broker) -> str | None:
    """Connect, and take leave at once: the last will is not told then, and nothing else is said."""
    will = Message(f"{broker.prefix}/{broker.client_id}/status", b"", retain=False)
    try:
        async with asyncio.timeout(LIMIT), connect(broker, will):
            return None
    except (ConnectFailedError, ConnectionLostError) as failure:
        return str(failure)
    except TimeoutError:
        return f"no answer within {LIMIT:.0f} s"


def _is_local(broker: str) -> bool:
    return broker.startswith(("127.", "localhost:", "[::1]"))
