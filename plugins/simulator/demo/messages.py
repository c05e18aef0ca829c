"""Messages: the gateway's payloads as a receiver reads them (docs/payloads.md), with what this one makes use of."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field
from msgspec.json import Decoder

Number = float | None


class Message(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Version 1 of the payloads."""

    v: Literal[1]


class Status(Message, frozen=True, kw_only=True, tag="status"):
    """`online`, `offline` (stopped on purpose) or `lost`, and how many messages still wait to be sent."""

    status: str
    waiting: int = 0


class Unit(Struct, frozen=True):
    """What the birth says of a channel."""

    unit: str


class BornSource(Struct, frozen=True):
    """What the birth says of a source."""

    channels: dict[str, Unit]


class Birth(Message, frozen=True, kw_only=True, tag="birth"):
    """What the gateway consists of."""

    sources: dict[str, BornSource]
    rules: dict[str, object]


class Sequenced(Message, frozen=True, kw_only=True):
    """What comes out of the outbox carries a number by which it is known and missed."""

    epoch: str
    of_class: str = field(name="class")
    seq: Annotated[int, Meta(ge=1)]


class Readings(Sequenced, frozen=True, kw_only=True, tag="readings"):
    """Every reading of some channels; `values` has a row for each of `offsets`, seconds since `time`."""

    source: str
    channels: list[str]
    time: datetime | None
    offsets: list[float]
    values: list[list[Number]]

    def __post_init__(self) -> None:
        """Raise ValueError unless there is a value for each channel at each time."""
        if {len(row) for row in self.values} - {len(self.channels)} or len(self.values) != len(self.offsets):
            raise ValueError("values do not fit channels and offsets")


class ChannelSummary(Struct, frozen=True):
    """One channel in one period; None where nothing good was read."""

    mean: Number
    last: Number


class Summary(Sequenced, frozen=True, kw_only=True, tag="summary"):
    """One source in one period, features among its channels."""

    source: str
    start: datetime | None
    end: datetime | None
    channels: dict[str, ChannelSummary]
    polls: int
    failed: int


class Alarm(Sequenced, frozen=True, kw_only=True, tag="alarm"):
    """Something happened to an alarm at `time`."""

    rule: str
    state: Literal["raised", "acknowledged", "returned", "shelved", "unshelved", "cleared"]
    severity: str
    time: datetime | None
    reason: str
    text: str = ""


class Flood(Sequenced, frozen=True, kw_only=True, tag="flood"):
    """So many alarms are raised that they are counted instead of told."""

    reason: str


class Verdict(Sequenced, frozen=True, kw_only=True, tag="verdict"):
    """What is judged of a bearing has changed."""

    reason: str


class Model(Sequenced, frozen=True, kw_only=True, tag="model"):
    """Something happened to a model."""

    reason: str


class Loss(Sequenced, frozen=True, kw_only=True, tag="loss"):
    """Messages that will never come."""

    why: str


class Epoch(Sequenced, frozen=True, kw_only=True, tag="epoch"):
    """The outbox had to be begun anew."""

    why: str


AnyMessage = Status | Birth | Readings | Summary | Alarm | Flood | Verdict | Model | Loss | Epoch

decode = Decoder(AnyMessage).decode
"""Read a payload; raises msgspec.DecodeError for what is none."""
