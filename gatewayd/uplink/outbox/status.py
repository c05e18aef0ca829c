"""The outbox's status: what is shown of it to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClassStatus:
    """One class of messages in this epoch: the last number given, and how many wait, are lost, are set aside."""

    given: int
    waiting: int
    lost: int
    set_aside: int


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """How the outbox is doing.

    `waiting` rows, the oldest for `oldest` seconds; `bytes` of the file are in use; `lost` and `set_aside` since the
    epoch began; since the start `committed` rows in `commits` transactions, which wrote `written` bytes, and `unstored`
    ones that were sent from memory. `failing` says why the disk cannot be written.
    """

    epoch: str
    waiting: int
    oldest: float | None
    bytes: int
    lost: int
    set_aside: int
    committed: int
    commits: int
    written: int
    unstored: int
    failing: str
    classes: Mapping[str, ClassStatus]
