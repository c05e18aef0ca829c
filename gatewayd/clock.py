"""The one clock: nanoseconds since boot, the boot's identity, and how both map to wall time."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

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
