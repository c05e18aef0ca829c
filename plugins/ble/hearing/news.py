"""News: whether what a device says is new, and from the numbers of its readings how many were never heard. Pure."""

from __future__ import annotations

import enum
from collections import deque

from gatewayd_plugins.ble.decoders.decoded import Decoded, Serial

REMEMBERED = 64
"""Readings that the share of lost ones is taken of."""
FARTHEST = 1024
"""A number that is farther ahead than that, or than half of all there are, is that of a device which began anew."""
MOST_KINDS = 64
"""Kinds of advertisements of one device of which the last one is remembered."""


class News(enum.Enum):
    """What there is in an advertisement."""

    NEW = enum.auto()
    AGAIN = enum.auto()
    """The same once more, because it still holds."""
    OLD = enum.auto()
    """A reading that was heard before: the device has not measured since."""


class Hearsay:
    """What one device has said so far, as much of it as must be known to tell news from repetition."""

    def __init__(self) -> None:
        self._said: dict[frozenset[str], Decoded] = {}
        self._last: Serial | None = None
        self._heard: deque[bool] = deque(maxlen=REMEMBERED)

    def judge(self, decoded: Decoded) -> News:
        """Take one advertisement in. A device may say one reading in parts, of the same number."""
        kind, serial = decoded.kind, decoded.serial
        last = self._said.get(kind)
        if last is not None and _is_repeated(decoded, last):
            return News.OLD if serial is not None and serial.once else News.AGAIN
        if serial is not None:
            self._count(serial)
        if len(self._said) >= MOST_KINDS:
            self._said.clear()
        self._said[kind] = decoded
        return News.NEW

    def skip(self) -> None:
        """Some advertisements were heard and not taken in: the next number has no predecessor."""
        self._last = None

    @property
    def lost(self) -> float | None:
        """Of the last REMEMBERED readings the share that was not heard, in percent; None with fewer than two."""
        if len(self._heard) < 2:
            return None
        return 100.0 * self._heard.count(False) / len(self._heard)

    def _count(self, serial: Serial) -> None:
        if self._last is not None:
            ahead = (serial.number - self._last.number) % serial.span
            if not ahead:
                return
            if ahead <= min(serial.span // 2, FARTHEST):
                self._heard.extend([False] * min(ahead - 1, REMEMBERED))
        self._heard.append(True)
        self._last = serial


def _is_repeated(decoded: Decoded, last: Decoded) -> bool:
    if decoded.serial is None or last.serial is None:
        return decoded.serial is last.serial and decoded.values == last.values
    return decoded.serial.number == last.serial.number
