"""State as it is saved: packed, and unpacked again where it is of the same definition and can be read."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from gatewayd.records import Saved

Kept = TypeVar("Kept")


def packed(stage: str, name: str, definition: str, kept: msgspec.Struct) -> Saved:
    """What is remembered, as a record."""
    return Saved(stage, name, definition, msgspec.msgpack.encode(kept))


def unpacked(saved: Saved | None, definition: str, form: type[Kept]) -> Kept | None:
    """What was remembered; None where nothing was, of another definition, or what cannot be read."""
    if saved is None or saved.definition != definition:
        return None
    try:
        return msgspec.msgpack.decode(saved.data, type=form)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
