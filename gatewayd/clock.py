"""The one clock: nanoseconds since boot, the boot's identity, and how both map to wall time."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def now() -> int:
    """Nanoseconds since boot, going on while the machine sleeps and never stepping (CLOCK_BOOTTIME)."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


@cache
def boot() -> str:
    """The kernel's identity of this boot: times of different boots cannot be compared."""
    return _BOOT_ID.read_text().strip()


def wall_offset() -> int:
    """What to add to a time of this boot to get nanoseconds since 1970, by what the wall clock says now."""
    return time.time_ns() - now()
