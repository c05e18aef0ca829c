"""Reasons: why a broker does not let us in, or ends the connection, in words, and what to do about it."""

from __future__ import annotations

from gatewayd.uplink.mqtt.broker import Broker
from gatewayd.uplink.mqtt.connection import ConnectionLostError

LEAST_PACKET = 1000
"""Bytes that the broker must take of one packet: those of an alarm are up to 750, and would all be set aside."""
PROTOCOL_ERROR, KEEPALIVE_TIMEOUT, TAKEN_OVER, RATE_TOO_HIGH, QUOTA_EXCEEDED = 0x82, 0x8D, 0x8E, 0x96, 0x97
BLAMELESS = frozenset(
    {0x89, 0x8B, KEEPALIVE_TIMEOUT, TAKEN_OVER, RATE_TOO_HIGH, QUOTA_EXCEEDED, 0x98, 0x9C, 0x9D, 0x9F, 0xA0}
)
"""Reasons for which a broker disconnects that have nothing to do with what was sent: it stops, moves, is busy, ..."""


def unwelcome(broker: Broker, reason: str) -> tuple[str, str]:
    """Why it does not let us in, and what to do; `reason` is MQTT's name for it."""
    match reason:
        case "Unsupported protocol version":
            return f"{broker} speaks another version of MQTT", protocol_hint(broker)
        case "Bad user name or password":
            return f"{broker} does not accept username or password", "check username and password_file in [mqtt]"
        case "Not authorized":
            return f"{broker} says not authorised", "check username, password_file and the broker's access rules"
        case name:
            return f"{broker} does not let us in: {name.lower()}", "the broker's log may say more"


def too_little(broker: Broker, size: int) -> tuple[str, str]:
    """That it takes packets of so few bytes that nothing would get through, and what to do."""
    why = f"{broker} takes no packet larger than {size} bytes, too little for an alarm"
    return why, f"let it take {LEAST_PACKET} at least (mosquitto: max_packet_size)"


def hint(broker: Broker) -> str:
    """What may be wrong if a broker hangs up at once."""
    if broker.tls is None:
        return f'{protocol_hint(broker)}; if this is its TLS port, url must begin with "mqtts://"'
    certificate = "another certificate than ours" if broker.tls.cert_file else "a certificate of ours"
    return f"{protocol_hint(broker)}, or {certificate} (cert_file)"


def protocol_hint(broker: Broker) -> str:
    """The other version of MQTT, as something to try."""
    other = "3.1.1" if broker.protocol == "5" else "5"
    return f'it may need protocol = "{other}" in the table [mqtt]'


def dismissed(broker: Broker, code: int, reason: str) -> ConnectionLostError:
    """It has disconnected us, with this reason code of MQTT."""
    if code == TAKEN_OVER:
        return ConnectionLostError(f"another client uses the id {broker.client_id}: give each gateway an id of its own")
    return ConnectionLostError(f"the broker disconnected: {reason}", accuses=code not in BLAMELESS)
