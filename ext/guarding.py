"""What the guard of sensors and its twin have in common: what is checked, what can be found, and the saved form."""

from __future__ import annotations

import struct
from math import inf, isnan
from operator import index
from typing import Any, NamedTuple

from gatewayd_ext.checks import LARGEST, LATEST
from gatewayd_ext.ring_state import sealed, unsealed

FINE, OUT_OF_RANGE, CLIPPED, STUCK, FLAT, JUMPS, DROPOUTS = range(7)
"""What is found of a channel; `gatewayd.records.SensorFault` has the same numbers."""

MINUTE = 60_000_000_000
RESTS = 60
"""So many values must not have moved."""
FEW = 4
"""The same few values: as many as that at most."""
PAUSE = 8
"""A rest of so many values teaches nothing any more: what is usual is so while the channel moves."""
TAUGHT = 64
"""So many values must have come (of steps: must have moved) before anything is judged by what was learned."""
REMEMBERED = 256
"""Values over which the usual noise, level and spread, and the share of missing values, are averaged."""
NOVELTY = 64
"""The same of the share of new values."""
STEPS = 4096
"""Steps within which the largest one falls into oblivion."""
IMPLAUSIBLE = 4.0
"""A step is implausible that is so many times as long as the largest that is remembered."""
PERSISTS = 3
"""The value in a row at which an implausible step is taken for a real one."""
SPIKES = 3
"""So many within ten minutes, or a hundred intervals, are a fault."""
PATIENCE = 10
"""Intervals after which the last value says nothing any more about the next."""


class Checks(NamedTuple):
    """What is checked of one channel; what is infinite or 0 is not.

    Values are to be within `low` and `high`; at one of these they are clipped, but at a `low` of 0. `rest` is for how
    many ns the channel may stay at one value, -1: for a minute (or 60 values) where it used to move. `jump` is by how
    much it can change in a second; 0: four times the largest step that is remembered. `missing` is the share of
    polls that may be without a value.
    """

    low: float = -inf
    high: float = inf
    rest: int = -1
    jump: float = 0.0
    missing: float = 0.2


NOTHING = Checks(-inf, inf, 0, inf, inf)
"""Of a channel that is not checked."""


class Fact(NamedTuple):
    """What is known of a channel: what is found since when, its last value, and whether it was always this one.

    `spike` is the value of the last spike, `missing` the share of polls without a value.
    """

    fault: int
    since: int
    value: float
    same: bool
    spike: float
    missing: float


FIELDS = (
    *("seen", "taught", "time", "last", "step", "moves", "noise", "largest", "level", "spread", "novelty"),
    *("known", "recent0", "recent1", "recent2", "recent3"),
    *("same", "same_since", "few", "few_since", "few_counts", "still", "still_since", "still_counts"),
    *("rests", "rested"),
    *("away", "astray", "shared", "spike", "spikes", "spiked0", "spiked1", "spiked2"),
    *("missing", "fault", "since", "value", "resting"),
)
"""What is remembered of each channel (see `reference_memory.Remembered`), in the order in which it is saved."""
REALS = (
    *("last", "step", "noise", "largest", "level", "spread", "novelty", "recent0", "recent1", "recent2", "recent3"),
    *("rested", "spike", "missing", "value"),
)
"""Those of them that are float64; all others are int64."""
TIMES = ("time", "same_since", "few_since", "still_since", "spiked0", "spiked1", "spiked2", "since")
"""Those that are times, in ns."""

ROW = struct.Struct("<" + "".join("d" if name in REALS else "q" for name in FIELDS))

_MAGIC = b"gwguard\x01"


def check_checks(interval: Any, checks: Any) -> None:
    """Raise TypeError or ValueError unless a guard can be made of these."""
    if not 0 < index(interval) < LATEST >> 7:
        raise ValueError(f"interval must be above 0 and below 2**55 ns, got {interval}")
    if not isinstance(checks, tuple) or not all(isinstance(each, Checks) for each in checks):
        raise TypeError(f"checks must be a tuple of Checks, got {checks!r}")
    for each in checks:
        if any(map(isnan, each)) or not (-1 <= index(each.rest) < LATEST and each.jump >= 0 and each.missing >= 0):
            raise ValueError(f"no channel can be checked for {each}")


def check_missed(missed: int) -> None:
    """Raise ValueError for a number of polls that cannot be, TypeError for what is no whole number."""
    if not 0 <= index(missed) < LARGEST:
        raise ValueError(f"missed must be 0 or more and below 2**31, got {missed}")


def packed(interval: int, checks: tuple[Checks, ...], rows: bytes) -> bytes:
    """The saved form of what is remembered of all channels."""
    return sealed(_header(interval, checks) + rows)


def unpacked(interval: int, checks: tuple[Checks, ...], data: bytes, later: int) -> bytes:
    """The rows that `packed` was given, all times `later` by so many ns.

    Raises ValueError for damaged data, for those of another guard, and for times that no clock gives.
    """
    packed_rows = unsealed(_header(interval, checks), data, "the saved guard is not one of these checks")
    if len(packed_rows) != ROW.size * len(checks):
        raise ValueError("the saved guard is longer or shorter than its channels need")
    rows = [dict(zip(FIELDS, row, strict=True)) for row in ROW.iter_unpack(packed_rows)]
    for row in rows:
        row |= {name: row[name] + later for name in TIMES}
        if not 0 <= row["known"] <= FEW:
            raise ValueError(f"the saved guard remembers {row['known']} values, of {FEW} at most")
        if not all(-LATEST < row[name] < LATEST for name in TIMES):
            raise ValueError("the saved guard holds times that no clock gives")
    return b"".join(ROW.pack(*row.values()) for row in rows)


def _header(interval: int, checks: tuple[Checks, ...]) -> bytes:
    wanted = [struct.pack("<ddqdd", *each) for each in checks]
    return _MAGIC + struct.pack("<qq", interval, len(checks)) + b"".join(wanted)
