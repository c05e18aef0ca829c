"""Alarms: what happened to them, what moved them, and floods of them."""

from __future__ import annotations

import enum
import hashlib

import msgspec

from gatewayd.records.record import Record, Stamp


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
