"""Judgement: faults of sensors, verdicts about bearings, news of models."""

from __future__ import annotations

import enum

from gatewayd.records.record import Record


class SensorFault(enum.IntEnum):
    """What can be wrong with a sensor: the value of its fault's channel. The numbers are sent: never renumber them."""

    NONE = 0
    OUT_OF_RANGE = 1
    CLIPPED = 2
    STUCK = 3
    FLAT = 4
    JUMPS = 5
    DROPOUTS = 6
    LOOSE = 7

    @property
    def label(self) -> str:
        """What it is called."""
        return _SENSOR_FAULTS[self]


_SENSOR_FAULTS = ("no fault", "out of range", "clipped", "stuck", "flat line", "jumps", "dropouts", "loose mount")


class Fault(enum.StrEnum):
    """What can be wrong with a rolling bearing."""

    NONE = "none"
    OUTER_RACE = "outer race"
    INNER_RACE = "inner race"
    BALL = "ball"


class Verdict(Record, frozen=True, kw_only=True, tag="verdict"):
    """What is judged of a bearing has changed: `votes` of the last `windows` windows were for `fault`.

    `score` is how far its lines stand out of what is found at other orders, `frequency` (Hz) where they are at the
    `shaft` speed (Hz); both frequencies are None where nothing is known. `reason` says the whole in words.
    """

    bearing: str
    channel: str
    fault: Fault
    before: Fault | None
    time: int
    score: float
    votes: int
    windows: int
    shaft: float | None
    frequency: float | None
    reason: str


class ModelEvent(enum.StrEnum):
    """What happened to a model."""

    LEARNING = "learning"
    LEARNED = "learned"
    WAITING = "waiting"
    FROZEN = "frozen"
    THAWED = "thawed"
    ACCEPTED = "accepted"
    ROLLED_BACK = "rolled back"


class ModelNews(Record, frozen=True, kw_only=True, tag="model"):
    """Something happened to a model at an operating point (empty when it has but one): see `ModelEvent`.

    `version` is then in force there (0: none), `rows` and `seconds` tell what it was learned from, `spread` how stable
    that was (1 is the most that counts as one normal), `doubts` what speaks against it. `reason` says the whole in
    words, `by` who ordered it.
    """

    model: str
    channel: str
    event: ModelEvent
    time: int
    point: str
    version: int
    rows: int
    seconds: float
    spread: float | None
    doubts: tuple[str, ...]
    reason: str
    by: str = ""
