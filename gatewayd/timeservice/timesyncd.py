"""systemd-timesyncd: the file that it touches whenever a server's answer has kept the clock right."""

from __future__ import annotations

import time
from pathlib import Path

STAMP = Path("/run/systemd/timesync/synchronized")
LASTS = 32_000.0
"""Seconds that an answer is good for: after so many the kernel, too, no longer takes the clock to be right."""


def synchronized(stamp: Path = STAMP) -> bool | None:
    """Whether it keeps the clock; None where it does not run, or has not had an answer for long."""
    try:
        touched = stamp.stat().st_mtime
    except OSError:
        return None
    return True if abs(time.time() - touched) < LASTS else None
