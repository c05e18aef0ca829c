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


class Summary(Record, frozen=True, kw_only=True, tag="summary"):
    """One source over one period `start` <= t < `end`, with its features and its open alarms (names of rules).

    `channels` are those that had values, good or bad.
    `polls` were made, of which `failed` got no answer; `missed` more were due and did not happen.
    """

    source: str
    start: int
    end: int
    channels: tuple[ChannelSummary, ...]
    alarms: tuple[str, ...] = ()
    polls: int = 0
    failed: int = 0
    missed: int = 0


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


AnyRecord = Alarm | Verdict | Summary | Readings | Loss | EpochBegun


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
