"""What is told of the delivery itself: losses, and epochs of sequence numbers."""

from __future__ import annotations

from gatewayd.records.record import Record


class Loss(Record, frozen=True, kw_only=True, tag="loss"):
    """Messages `first`..`last` of a class (of `epoch`) will not arrive, or only after someone has acted, and why."""

    time: int
    message_class: str
    epoch: str
    first: int
    last: int
    count: int
    why: str


class EpochBegun(Record, frozen=True, kw_only=True, tag="epoch"):
    """Sequence numbers begin anew; `ends` gives the last number of each class of the epoch before, where known."""

    time: int
    epoch: str
    previous: str | None
    ends: dict[str, int]
    why: str
