"""Early: signals are heeded before anything large is imported; what they order is done at once or remembered."""

from __future__ import annotations

import os
import select
import signal
import time
from contextlib import suppress
from types import FrameType

STOP = (signal.SIGTERM, signal.SIGINT)
_remembered: list[int] = []
"""The signals to read the config again that have come so far."""


def heed() -> None:
    """From now on SIGTERM and SIGINT end the process with exit code 0, and SIGHUP is remembered.

    Nothing is open yet that would have to be closed. It holds until a handler of the daemon takes its place.
    """
    for number in STOP:
        signal.signal(number, _leave)
    signal.signal(signal.SIGHUP, _remember)


def reload_was_ordered() -> bool:
    """Whether the config was to be read again since this was asked last: it may have been read before that."""
    ordered = bool(_remembered)
    _remembered.clear()
    return ordered


def _remember(number: int, _frame: FrameType | None) -> None:
    _remembered.append(number)


def _leave(_number: int, _frame: FrameType | None) -> None:
    """At once: an exception could be lost in a callback of the import system, and nothing waits to be undone."""
    with suppress(OSError):
        if select.select([], [2], [], 0)[1]:  # a terminal or journal that takes nothing must not hold us up
            os.write(2, _last_word())
    os._exit(0)


def _last_word() -> bytes:
    """As `gatewayd.logs.logs` would write it, which is not there yet."""
    if os.isatty(2):
        return b"stopped before it had begun\n"
    priority = b"<6>" if "JOURNAL_STREAM" in os.environ else b""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()).encode()
    return priority + b'{"timestamp":"%b","level":"info","event":"gateway_stopped","why":"stop"}\n' % now
