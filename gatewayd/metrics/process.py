"""The process: what it takes of the machine, under the names that all of Prometheus's clients have for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gatewayd.metrics.family import Family

_SELF = Path("/proc/self")
_AFTER_NAME = 3
"""The number of the first field of `stat` that follows the name, which may have anything in it (proc(5))."""
_USER, _SYSTEM, _THREADS, _RESIDENT = 14, 15, 20, 24


def process_families() -> Iterator[Family]:
    """What the kernel tells of this process. Reads files that are never on a disk."""
    stat = (_SELF / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    user, system, threads, pages = (int(stat[field - _AFTER_NAME]) for field in (_USER, _SYSTEM, _THREADS, _RESIDENT))
    busy = (user + system) / os.sysconf("SC_CLK_TCK")
    yield _alone("process_cpu_seconds_total", "Seconds for which it has had a processor.", busy)
    yield _alone("process_resident_memory_bytes", "Bytes of memory that it has.", pages * os.sysconf("SC_PAGE_SIZE"))
    yield _alone("process_open_fds", "Files and sockets that it has open.", sum(1 for _ in (_SELF / "fd").iterdir()))
    yield _alone("process_threads", "Its threads.", threads)


def _alone(name: str, meaning: str, value: float) -> Family:
    return Family(name, meaning, (({}, value),))
