"""Summaries of periods, and readings."""

from __future__ import annotations

import msgspec

from gatewayd.records.record import Record


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
    suspended: dict[str, str] = msgspec.field(default_factory=dict)


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
