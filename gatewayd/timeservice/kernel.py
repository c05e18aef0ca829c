"""The kernel: how far off the wall clock may be, as the time service has told it (chrony, timesyncd, ntpd, PTP ...)."""

from __future__ import annotations

import ctypes
import struct
from functools import cache

MOST_OFF = 16_000_000
"""Microseconds that the clock may be off at most to count as synchronized; so timedated (8) has it, too.

Without news from the time service the kernel takes it to be off by 0.5 ms a second more: these are about nine hours.
"""
_SIZE = 208
"""Bytes of a `struct timex` on 64-bit Linux."""
_MAXERROR = 24
"""Where in it `maxerror` lies."""


def synchronized() -> bool | None:
    """Whether a time service keeps the clock; None where the kernel may not be asked (ProtectClock= of systemd)."""
    timex = ctypes.create_string_buffer(_SIZE)  # its first field, `modes`, is 0: nothing is to be changed
    if _libc().adjtimex(timex) < 0:
        return None
    (off,) = struct.unpack_from("q", timex, _MAXERROR)
    return bool(off < MOST_OFF)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)
