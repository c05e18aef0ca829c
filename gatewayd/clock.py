"""The one clock: nanoseconds since boot, the boot's identity, and how both map to wall time."""

from __future__ import annotations

import enum
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gatewayd import timeservice

RELEASED = 1_793_491_200_000_000_000
"""2026-11-01 in nanoseconds since 1970: a wall clock that is behind this version of gatewayd was never set."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def now() -> int:
    """Nanoseconds since boot, going on while the machine sleeps and never stepping (CLOCK_BOOTTIME)."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


@cache
def boot() -> str:
    """The kernel's identity of this boot: times of different boots cannot be compared."""
    return _BOOT_ID.read_text().strip()


def wall_offset() -> int | None:
    """What to add to a time of this boot to get nanoseconds since 1970; None while the wall clock is not set."""
    wall = time.time_ns()
    return wall - now() if wall >= RELEASED else None


class ClockState(enum.StrEnum):
    """How far wall times can be trusted."""

    UNSET = "unset"
    """The wall clock was not set: there are no wall times."""
    SET = "set"
    """It shows some time, for which nobody vouches."""
    SYNCHRONIZED = "synchronized"
    """A time service keeps it."""


@dataclass(frozen=True, slots=True)
class Dating:
    """How times of a boot become wall times.

    `offset` is what to add to them to get nanoseconds since 1970 (None: not known); `vouched` is whether a time service
    kept the wall clock when that was noted.
    """

    offset: int | None = None
    vouched: bool = False

    @property
    def state(self) -> ClockState:
        """The same in a word."""
        if self.offset is None:
            return ClockState.UNSET
        return ClockState.SYNCHRONIZED if self.vouched else ClockState.SET


def dating() -> Dating:
    """How times of this boot are dated now."""
    offset = wall_offset()
    return Dating(offset, offset is not None and synchronized())


def synchronized() -> bool:
    """Whether a time service keeps the wall clock, as far as one can tell."""
    return timeservice.synchronized()
