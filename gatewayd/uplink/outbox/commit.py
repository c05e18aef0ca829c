"""What a transaction of the outbox did, and what a new outbox must know of the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatewayd.records import Saved
from gatewayd.uplink.outbox.readback import Numbers, SizedRow


@dataclass(frozen=True, slots=True)
class Predecessor:
    """What is known of the outbox before: its epoch, the last number of each class, the state that it kept."""

    epoch: str | None = None
    ends: Numbers = field(default_factory=dict)
    saved: Mapping[tuple[str, str], Saved] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Commit:
    """What a transaction did: the new rows, and up to which number those of some classes were dropped."""

    rows: list[SizedRow]
    dropped: Numbers
