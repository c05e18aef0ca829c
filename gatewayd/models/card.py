"""What is known of a model: the card of each thing that it has learned, and how it stands now."""

from __future__ import annotations

import enum

import msgspec

from gatewayd.records import Cause, Stamp


class ModelState(enum.StrEnum):
    """What a model does now."""

    WAITING = "waiting"
    """It could neither learn nor judge lately: it rests, or what it needs is bad."""
    LEARNING = "learning"
    """It learns for the first time (or at this operating point): there is no score."""
    JUDGING = "judging"
    """It judges; it may learn a new version besides."""


class ChannelCard(msgspec.Struct, frozen=True, kw_only=True):
    """What was normal of one channel: its `middle`, and the edges `low` and `high` of that, in `unit`.

    The edges are those of values that are smoothed over twelve rows. A channel that is not `judged` says nothing: it
    never changed, or had hardly a value, as the `remark` says.
    """

    channel: str
    unit: str
    middle: float
    low: float
    high: float
    judged: bool = True
    remark: str = ""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a model: what was learned once, at one operating point.

    `why` says what it was made for, `point` the operating point in words (empty when there is one only). It was learned
    from `begun` to `learned`, from `rows` rows that cover `seconds` of healthy running; `passed_over` rows were not fit
    for it. `spread` tells how far the parts of that time are from each other, 1 being the most that counts as one
    normal; `doubts` say in words what speaks against it, and `accepted` that an operator has taken it all the same.
    """

    version: int
    why: str
    point: str
    begun: Stamp
    learned: Stamp
    rows: int
    seconds: float
    passed_over: int
    channels: tuple[ChannelCard, ...]
    spread: float
    doubts: tuple[str, ...]
    definition: str
    accepted: bool = False

    @property
    def doubtful(self) -> bool:
        """Whether something speaks against it that nobody has accepted."""
        return bool(self.doubts) and not self.accepted


class PointStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a model stands at one operating point: the `version` in force (0: none yet).

    `progress` (0 to 1) is that of learning, None while it learns nothing there.
    """

    point: str
    version: int
    progress: float | None


class ModelStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a model stands now.

    `why` says in words what it waits for or what it learns, `since` when it came into this state. `point` is the
    operating point it is at and `points` are all of them (one without a name where there is but one). `version` is in
    force at this point (0: none), `progress` (0 to 1) that of learning there, None while nothing is learned. `score`
    and `causes` are the last ones, None and empty while it does not judge. `adapted` is how much of what adaptation may
    follow is used up (0 to 1); `frozen`: an operator has stopped adaptation. `versions` are all that can be put in
    force, the oldest first. `passed_over` counts rows that were out of order.
    """

    name: str
    channel: str
    state: ModelState
    why: str
    since: Stamp | None
    point: str
    points: tuple[PointStatus, ...]
    version: int
    progress: float | None
    score: float | None
    causes: tuple[Cause, ...]
    adapted: float
    frozen: bool
    doubts: tuple[str, ...]
    versions: tuple[Card, ...]
    passed_over: int
