"""Standard streams that are closed: nothing else may take their numbers, or what is written to them gets there."""

from __future__ import annotations

import os
import sys

STANDARD = range(3)


def opened() -> None:
    """Lead those to nowhere, as systemd does for a service without a log; before any other file is opened."""
    for number in STANDARD:
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free, which is this one
            os.set_inheritable(number, True)
    if sys.stderr is None:  # as Python found it closed
        sys.stderr = os.fdopen(2, "w", errors="backslashreplace", closefd=False)
