"""Rows: what the outbox hands out to be sent, and the classes whose order and completeness a receiver can prove."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from gatewayd.records import AnyRecord


class MessageClass(enum.StrEnum):
    """Messages of one class are numbered together and arrive in order."""

    EVENT = "event"
    """Alarms, losses, new epochs."""
    SUMMARY = "summary"
    READINGS = "readings"


@dataclass(frozen=True, slots=True)
class Row:
    """A record with its number: `seq` counts from 1 within (`epoch`, `message_class`) and never changes.

    `late`: it could not be sent when it was new. `volatile`: it is not stored, since the disk cannot be written.
    """

    id: int
    message_class: MessageClass
    seq: int
    record: AnyRecord
    late: bool
    epoch: str
    volatile: bool = False
