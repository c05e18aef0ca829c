"""Answers: what a broker has reason to send to one who subscribes to nothing. It is not trusted with our memory."""

from __future__ import annotations

from gatewayd.uplink.mqtt.connection import UnaskedError

MOST_BYTES = 2048
"""Bytes of one packet; a broker that speaks MQTT 5 is told so, and leaves out what it would like to explain."""
MOST_SURPLUS = 100
"""Answers beyond the questions: a broker may err now and then, and a flood must end."""
LONGEST_HEADER = 5
"""Bytes: the kind, and the length in up to four."""
CONNACK, PUBACK, PINGRESP, DISCONNECT = 2, 4, 13, 14
EXPECTED = frozenset({CONNACK, PUBACK, PINGRESP, DISCONNECT})
FLAGGED = {3: range(16), 6: (2,), 8: (2,), 10: (2,)}
"""Kinds of packets whose first byte has more in it than the kind (MQTT 5, section 2.1.3): PUBLISH, PUBREL, ..."""
NAMES = (
    *("reserved", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP"),
    *("SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"),
)


class Answers:
    """Follows the packets of a stream by their headers alone (MQTT 5, section 2.1), before anybody keeps them."""

    def __init__(self) -> None:
        self._header = bytearray()
        self._rest = 0
        self._surplus = 0

    def asked(self) -> None:
        """We sent a packet; each of ours gets one answer at most."""
        self._surplus -= 1

    def sound(self, data: bytes) -> tuple[int, UnaskedError | None]:
        """How many of these next bytes of the stream are what we wait for, and what is wrong with those behind."""
        start = position = 0
        while position < len(data):
            if self._rest:
                step = min(self._rest, len(data) - position)
                self._rest -= step
                position += step
                continue
            start = start if self._header else position
            self._header.append(data[position])
            position += 1
            if (wrong := self._header_goes_on()) is not None:
                return start, wrong
        return len(data), None

    def _header_goes_on(self) -> UnaskedError | None:
        """What is wrong with the header as far as it is here; a whole one is taken."""
        header = self._header
        if len(header) == 1:
            return _wrong_kind(header[0])
        if header[-1] & 0x80:
            return _not_mqtt(header) if len(header) == LONGEST_HEADER else None
        self._rest = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(header[1:]))
        kind, size = header[0] >> 4, len(header) + self._rest
        header.clear()
        self._surplus += 1
        if size > MOST_BYTES:
            return UnaskedError(f"sends a packet of {size:,} bytes ({NAMES[kind]}), where {MOST_BYTES:,} are plenty")
        if self._surplus > MOST_SURPLUS:
            return UnaskedError("answers more often than it was asked")
        return None


def _wrong_kind(first: int) -> UnaskedError | None:
    kind, flags = first >> 4, first & 0xF
    if kind == 0 or flags not in FLAGGED.get(kind, (0,)):
        return _not_mqtt(bytes([first]))
    return None if kind in EXPECTED else UnaskedError(f"sends what nobody asked for ({NAMES[kind]})")


def _not_mqtt(header: bytes | bytearray) -> UnaskedError:
    return UnaskedError(f"sends what is not MQTT: a packet that begins with 0x{header.hex()}")
