"""UUIDs: what services and characteristics are called, by four digits or in full. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gatewayd.plugin import OptionError

BLUETOOTH_BASE = "-0000-1000-8000-00805f9b34fb"
"""The end of the UUIDs that Bluetooth itself has given away, which are written by their first digits alone."""


def full_uuid(text: str, path: Sequence[str]) -> str:
    """A UUID of 128 bits in small letters. Raises OptionError when `text` is none."""
    short = text.strip().lower().removeprefix("0x")
    if re.fullmatch(r"[0-9a-f]{4}|[0-9a-f]{8}", short):
        return short.rjust(8, "0") + BLUETOOTH_BASE
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", short):
        return short
    fix = 'write four digits, "2a19", or all of "0000fcd2-0000-1000-8000-00805f9b34fb"'
    raise OptionError(path, f"{text!r} is not a UUID", fix)


def short(uuid: str) -> str:
    """A full UUID by its four or eight digits, where it is one of Bluetooth's own."""
    digits = uuid.removesuffix(BLUETOOTH_BASE)
    return digits if digits == uuid else digits.removeprefix("0000")
