"""What a transaction of the outbox did, and what a new outbox must know of the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gatewayd import clock
from gatewayd.clock import Dating
from gatewayd.records import AnyRecord, EpochBegun, Saved
from gatewayd.uplink.outbox.readback import Numbers, SizedRow


@dataclass(frozen=True, slots=True)
class Predecessor:
    """What is known of the outbox before: its epoch, the last number of each class, the state that it kept.

    `gateway` is the one that both belong to. Of the outbox of another one nothing is known but its state, how its boots
    are dated, and what is to be told again.
    """

    epoch: str | None = None
    ends: Numbers = field(default_factory=dict)
    saved: Mapping[tuple[str, str], Saved] = field(default_factory=dict)
    gateway: str = ""
    datings: Mapping[str, Dating] = field(default_factory=dict)
    told: Sequence[AnyRecord] = ()

    def followed_by(self, epoch: str, why: str) -> EpochBegun:
        """What a receiver must know of an epoch that begins now."""
        return EpochBegun(
            boot=clock.boot(),
            time=clock.now(),
            epoch=epoch,
            previous=self.epoch,
            ends={str(each): last for each, last in self.ends.items()},
            why=why,
        )


@dataclass(frozen=True, slots=True)
class Commit:
    """What a transaction did: the new rows, and up to which number those of some classes were dropped."""

    rows: list[SizedRow]
    dropped: Numbers
