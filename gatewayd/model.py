"""The records that flow from the sources through the engine to the uplink, and nothing else.

Times are integers: nanoseconds of the machine's boot-time clock (`gatewayd.clock`), taken once, at the read.
A record that outlives the process also names the boot that its times belong to; wall-clock time is only
worked out when a record is encoded for the uplink.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

NO_REASONS: Mapping[str, str] = MappingProxyType({})


class Quality(enum.IntEnum):
    """How far a value may be trusted. The numbers are stored and sent: never renumber them."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2
    ABSENT = 255
    """No new value in this poll; counted nowhere."""


class Kind(enum.StrEnum):
    """What a channel carries: one number a poll, or a burst of evenly spaced numbers."""

    SCALAR = "scalar"
    WAVEFORM = "waveform"


# --- what sources yield -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Channel:
    """A named numeric stream that a source declares before any I/O.

    `name` is unique within its source (`pressure`; the gateway calls it `pump1.pressure`), `unit` a UCUM code.
    """

    name: str
    unit: str = ""
    kind: Kind = Kind.SCALAR


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one channel: a block of one, for simple plugins."""

    channel: str
    value: float
    quality: Quality = Quality.GOOD
    reason: str = ""
    time: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One poll's values of many channels at one time.

    `values` and `qualities` follow the order of `channels`; no `qualities` means that all are good. `reasons`
    says why a channel is not good. `time` is when the device was read; the gateway fills in the present.
    """

    channels: tuple[str, ...]
    values: Sequence[float] | Floats
    qualities: Sequence[int] | Bytes | None = None
    reasons: Mapping[str, str] = field(default_factory=lambda: NO_REASONS)
    time: int | None = None


@dataclass(frozen=True, slots=True)
class Waveform:
    """A burst of evenly spaced values of one channel: `rate` in Hz, `time` that of the first value."""

    channel: str
    values: Sequence[float] | Floats
    rate: float
    quality: Quality = Quality.GOOD
    reason: str = ""
    time: int | None = None


# --- what the engine is fed: all of it can be recorded and replayed -----------------------------------------------


@dataclass(frozen=True, slots=True)
class Polled:
    """The outcome of one poll of a group of channels that are read together.

    `values` (float64) and `qualities` (uint8) follow the group's channels. `missed` counts the polls that were
    due since the last one and did not happen; `failed` says that the device did not answer at all. A poll that gave
    values of several times has an outcome for each, of which all but the first one's are `continued`.
    """

    group: int
    time: int
    values: Floats
    qualities: Bytes
    reasons: Mapping[str, str] = field(default_factory=lambda: NO_REASONS)
    missed: int = 0
    failed: bool = False
    continued: bool = False


@dataclass(frozen=True, slots=True)
class Burst:
    """A waveform on its way through the engine: `channel` is the plan's number of its channel."""

    channel: int
    time: int
    rate: float
    values: Floats
    quality: Quality = Quality.GOOD
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing but time passing, so that silence can be judged."""

    time: int


Input = Polled | Burst | Tick


# --- what the engine gives: records that the outbox stores as they are --------------------------------------------


class Record(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What goes upstream. `boot` is the boot that all plain times of the record belong to."""

    boot: str


class Severity(enum.StrEnum):
    """How urgent an alarm is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class AlarmState(enum.StrEnum):
    """What an alarm record reports: the beginning or the end of an alarm."""

    RAISED = "raised"
    CLEARED = "cleared"


class Stamp(msgspec.Struct, frozen=True, array_like=True):
    """A time that may belong to an earlier boot than the record that carries it."""

    boot: str
    time: int


class Alarm(Record, frozen=True, kw_only=True, tag="alarm"):
    """A rule's alarm was raised or cleared.

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


class ChannelSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One channel over one period; the numbers are None when no value of the period was good.

    Of a channel of waveforms `count` and `bad` count bursts, and there are no numbers: its features have them.
    """

    name: str
    count: int
    bad: int = 0
    mean: float | None = None
    min: float | None = None
    max: float | None = None
    last: float | None = None
    reason: str = ""


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


AnyRecord = Alarm | Summary | Readings | Loss | EpochBegun


@dataclass(frozen=True, slots=True)
class Saved:
    """A part of the engine's state under a stage and a name, valid only for the definition with this hash."""

    stage: str
    name: str
    definition: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Output:
    """What one input made the engine say; `saved` must be stored in the same transaction as `records`."""

    records: tuple[AnyRecord, ...] = ()
    saved: tuple[Saved, ...] = ()
    urgent: bool = False


NOTHING = Output()


def definition_hash(definition: Any) -> str:
    """A short stable hash of whatever defines a stage's state (anything that msgspec can encode)."""
    return hashlib.blake2b(msgspec.json.encode(definition, order="deterministic"), digest_size=8).hexdigest()
