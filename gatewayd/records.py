"""The records that the engine gives: what goes upstream, and what is saved with it.

A record outlives the process, so it names the boot that its times belong to; wall-clock time is only worked out when it
is encoded for the uplink.
"""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec

from gatewayd.model import Request


class Record(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What goes upstream. `boot` is the boot that all plain times of the record belong to."""

    boot: str


class Severity(enum.StrEnum):
    """How urgent an alarm is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class AlarmState(enum.StrEnum):
    """What an alarm record reports of the alarm's life.

    A latched alarm whose cause has gone has RETURNED; it is CLEARED once it is acknowledged.
    """

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned"
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    CLEARED = "cleared"


class AlarmKind(enum.StrEnum):
    """Whose trouble an alarm is about."""

    MACHINE = "machine"
    SENSOR = "sensor"


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


class Stamp(msgspec.Struct, frozen=True, array_like=True):
    """A time that may belong to an earlier boot than the record that carries it."""

    boot: str
    time: int


class Cause(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A channel that moved a score: by what `share` of it (0 to 1), with what value against what is normal.

    `normal` is the middle of what was learned, `low` and `high` its edges, all in `unit`; `part` says in a few words
    what stands out (its level, its course from value to value), `since` from when on.
    """

    channel: str
    share: float
    value: float | None = None
    normal: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    part: str = ""
    since: Stamp | None = None


class Alarm(Record, frozen=True, kw_only=True, tag="alarm"):
    """Something happened to a rule's alarm: see `AlarmState`.

    `value` is what the rule judged at that moment (in `unit`), `limit` what it was held against, `since` when the
    condition began, `raised` when the alarm was raised; `reason` says the whole in words, `text` is the integrator's.
    `causes` are those of when it was raised. `first_out`: no other of its `group` was open then. `by` is who gave the
    last order about it. A shelf is told of like an alarm of its own, which begins with `raised` and lasts `until` then
    (None: until it is ended).
    """

    rule: str
    channel: str
    state: AlarmState
    severity: Severity
    time: int
    since: Stamp
    raised: Stamp
    value: float | None
    limit: float | None
    unit: str
    reason: str
    text: str = ""
    about: AlarmKind = AlarmKind.MACHINE
    causes: tuple[Cause, ...] = ()
    group: str = ""
    first_out: bool = False
    acknowledged: bool = False
    by: str = ""
    until: Stamp | None = None

    @property
    def id(self) -> str:
        """The same in all records of an alarm, and in no other: unlike the wall clock, what it is made of stands."""
        shelf = " shelf" if self.state in (AlarmState.SHELVED, AlarmState.UNSHELVED) else ""
        raised = f"{self.rule} {self.raised.boot} {self.raised.time}{shelf}"
        return hashlib.blake2b(raised.encode(), digest_size=8).hexdigest()


class FloodState(enum.StrEnum):
    """What is told of a flood of alarms."""

    BEGUN = "begun"
    LASTING = "lasting"
    ENDED = "ended"


class Flood(Record, frozen=True, kw_only=True, tag="flood"):
    """More than `limit` alarms were raised within `within` ns, so that further ones are counted instead of told.

    How many since it began, by rule and by severity; critical ones are told and not counted here. Of the `open` rules
    an alarm that was counted is open: it is told at the end. `reason` says it in words.
    """

    state: FloodState
    time: int
    since: Stamp
    limit: int
    within: int
    rules: dict[str, int]
    severities: dict[str, int]
    open: tuple[str, ...]
    reason: str


class ChannelSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One channel over one period; the numbers are None when no value of the period was good.

    Of a channel of waveforms `count` and `bad` count bursts, `gaps` and `clipped` those of them that have gaps or are
    clipped, and there are no numbers: its features have them.
    """

    name: str
    count: int
    bad: int = 0
    mean: float | None = None
    min: float | None = None
    max: float | None = None
    last: float | None = None
    reason: str = ""
    gaps: int = 0
    clipped: int = 0


class Summary(Record, frozen=True, kw_only=True, omit_defaults=True, tag="summary"):
    """One source over one period `start` <= t < `end`, with its features and its open alarms (names of rules).

    `channels` are those that had values, good or bad.
    `polls` were made, of which `failed` got no answer; `missed` more were due and did not happen. `suspended` are rules
    that should judge and do not, or whose alarm is shelved, with the reason.
    """

    source: str
    start: int
    end: int
    channels: tuple[ChannelSummary, ...]
    alarms: tuple[str, ...] = ()
    polls: int = 0
    failed: int = 0
    missed: int = 0
    suspended: dict[str, str] = {}


class Readings(Record, frozen=True, kw_only=True, tag="readings"):
    """Every reading of chosen channels of one source, some polls together.

    `times` is int64 (polls), `values` float64 (polls, channels), `qualities` uint8 of the same shape or empty when
    all are good: little-endian bytes, so that a block stays a block all the way.
    """

    source: str
    channels: tuple[str, ...]
    times: bytes
    values: bytes
    qualities: bytes = b""


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


AnyRecord = Alarm | Flood | Verdict | ModelNews | Summary | Readings | Loss | EpochBegun


@dataclass(frozen=True, slots=True)
class Saved:
    """A part of the engine's state under a stage and a name, valid only for the definition with this hash."""

    stage: str
    name: str
    definition: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Output:
    """What one input made the engine say; `saved` must be stored in the same transaction as `records`.

    `requests` are to be computed outside, and their results fed back in.
    """

    records: tuple[AnyRecord, ...] = ()
    saved: tuple[Saved, ...] = ()
    urgent: bool = False
    requests: tuple[Request, ...] = ()


NOTHING = Output()


def definition_hash(definition: Any) -> str:
    """A short stable hash of whatever defines a stage's state (anything that msgspec can encode)."""
    return hashlib.blake2b(msgspec.json.encode(definition, order="deterministic"), digest_size=8).hexdigest()
