"""The encryption of BTHome v2: AES-CCM with a key that both sides know, and a counter against what is replayed.

Source: https://bthome.io/encryption (home-assistant/bthome.io, src/encryption.html, commit 082f275).
"""

from __future__ import annotations

import json
from typing import NamedTuple

from gatewayd_plugins.ble.decoders.decoded import Undecodable

TAG_SIZE = 4
COUNTER_SIZE = 4
COUNTERS = 1 << 8 * COUNTER_SIZE
SERVICE_BYTES = bytes.fromhex("d2fc")
"""The service's UUID, 0xFCD2, as it is sent."""
BEGINNING = 100
"""A counter below it belongs to a device that has just been started anew."""


class Opened(NamedTuple):
    """What was under a seal: the payload, and the counter that it was sealed with."""

    payload: bytes
    counter: int


class Seal:
    """Opens what one device has sealed; `address` is its six bytes."""

    def __init__(self, key: bytes, address: bytes) -> None:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - 6 MB that most sites do without
        from cryptography.hazmat.primitives.ciphers.aead import AESCCM  # noqa: PLC0415

        self._cipher = AESCCM(key, tag_length=TAG_SIZE)
        self._altered = InvalidTag
        self._address = address

    def open(self, information: int, sealed: bytes) -> Opened:
        """Undo the encryption of what follows the byte of device information. Raises Undecodable."""
        text, end = len(sealed) - COUNTER_SIZE - TAG_SIZE, len(sealed) - TAG_SIZE
        if text < 0:
            raise Undecodable("it is too short to be encrypted")
        counter = sealed[text:end]
        nonce = self._address + SERVICE_BYTES + bytes([information]) + counter
        try:
            payload = self._cipher.decrypt(nonce, sealed[:text] + sealed[end:], None)
        except self._altered:
            raise Undecodable("the key does not fit, or it was altered on the way") from None
        return Opened(payload, int.from_bytes(counter, "little"))


class Replay:
    """Knows the last counter of a device, and refuses what was recorded before and is sent again.

    The last packet itself may be heard again: devices repeat it. With `restarts` a counter may begin anew.
    """

    def __init__(self, *, restarts: bool = False) -> None:
        self._restarts = restarts
        self._last: int | None = None

    def check(self, counter: int) -> None:
        """Note a counter whose packet is genuine. Raises Undecodable when it is not above the last one."""
        restarted = self._restarts and counter < BEGINNING
        if self._last is not None and counter < self._last and not restarted:
            what = "its counter is below the last one: it was recorded and is replayed, or the device was restarted"
            raise Undecodable(what if self._restarts else f"{what} (then set accept_restart = true)")
        self._last = counter

    def memory(self) -> bytes:
        """The counter, to be known after a restart of ours."""
        return b"" if self._last is None else json.dumps({"version": 1, "counter": self._last}).encode()

    def recall(self, memory: bytes) -> None:
        """Take up a counter that was remembered; what is not one is forgotten."""
        try:
            remembered = json.loads(memory)
            if remembered["version"] == 1 and 0 <= int(remembered["counter"]) < COUNTERS:
                self._last = int(remembered["counter"])
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return
