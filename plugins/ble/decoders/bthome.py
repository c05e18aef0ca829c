"""BTHome v2: what its devices say, encrypted or not.

Source: https://bthome.io/format and https://bthome.io/encryption.
"""

from __future__ import annotations

from collections.abc import Sequence

from gatewayd.plugin import Channel
from gatewayd_plugins.ble.advertisement import Advertisement
from gatewayd_plugins.ble.decoders.bthome_encryption import Replay, Seal
from gatewayd_plugins.ble.decoders.bthome_payload import CHANNELS, EVENTS, Contents, contents
from gatewayd_plugins.ble.decoders.decoded import Decoded, Decoder, Serial, Undecodable

SERVICE = "0000fcd2-0000-1000-8000-00805f9b34fb"
VERSION = 2
ENCRYPTED = 1
WITH_ADDRESS = 2
"""The address of the device follows, last byte first: of the first devices of version 2; reserved today."""


class Bthome(Decoder):
    """`format = "bthome"`. What is not encrypted is refused of a device that has a seal: anybody can send it."""

    channels = CHANNELS
    numbered = True

    def __init__(self) -> None:
        self._seal: Seal | None = None
        self._replay: Replay | None = None

    def encrypted(self, replay: Replay) -> None:
        """The device encrypts, with counters that `replay` checks; nothing else is believed."""
        self._replay = replay

    def unlock(self, seal: Seal) -> None:
        """The key is there."""
        self._seal = seal

    @property
    def usual(self) -> Sequence[str]:
        """None: each device sends something else."""
        return ()

    def channel(self, name: str) -> Channel | None:
        """A property, or the n-th of one: `temperature_2`."""
        if name in CHANNELS:
            return CHANNELS[name]
        of, _, count = name.rpartition("_")
        if of not in CHANNELS or not (count.isascii() and count.isdigit()) or not 2 <= int(count) < 100:
            return None
        return Channel(name, CHANNELS[of].unit, labels=CHANNELS[of].labels)

    def lasts(self, name: str) -> bool:
        """All but buttons and dimmers."""
        return name.partition("_")[0] not in EVENTS

    def decode(self, advertisement: Advertisement) -> Decoded | None:
        """What it says. Raises Undecodable."""
        data = advertisement.services.get(SERVICE)
        if data is None:
            return None
        if not data or data[0] >> 5 != VERSION:
            raise Undecodable("it is not of BTHome's version 2")
        body = data[1:]
        if data[0] & WITH_ADDRESS:
            if body[:6][::-1].hex(":").upper() != advertisement.address:
                raise Undecodable("it names another address")
            body = body[6:]
        return self._encrypted(data[0], body) if data[0] & ENCRYPTED else self._plain(body)

    def _plain(self, payload: bytes) -> Decoded:
        if self._replay is not None:
            raise Undecodable("it is not encrypted, though there is a key: anybody may have sent it")
        found = contents(payload)
        serial = None if found.packet is None else Serial(found.packet, 256, once=False)
        return _decoded(found, serial)

    def _encrypted(self, information: int, sealed: bytes) -> Decoded:
        if self._seal is None or self._replay is None:
            raise Undecodable("it is encrypted, and there is no key")
        payload, counter = self._seal.open(information, sealed)
        found = contents(payload)
        self._replay.check(counter)
        return _decoded(found, Serial(counter, 1 << 32))

    def recall(self, memory: bytes) -> None:
        """Take up the counter."""
        if self._replay is not None:
            self._replay.recall(memory)

    def memory(self) -> bytes:
        """The counter."""
        return b"" if self._replay is None else self._replay.memory()


def _decoded(found: Contents, serial: Serial | None) -> Decoded:
    about = {**found.about, "data format": "BTHome v2"}
    return Decoded(found.values, found.bad, serial=serial, events=frozenset(found.events), about=about)
