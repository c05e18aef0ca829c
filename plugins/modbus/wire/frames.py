"""Frames: where the answer begins in what has come in on a serial line, be it over TCP. Pure.

Before it there may be our own request, as adapters for two wires may hear themselves, and noise of the line being
switched, at which pymodbus would give up. `echo` says that our request may be there; where an answer is like the
request, as when a single register is written, one must know.
"""

from __future__ import annotations

import re

_ASCII = re.compile(rb":(?:[0-9A-Fa-f]{2}){4,}\r\n")
"""A whole frame: unit, function, something of it, check."""


def begin_of_rtu(sent: bytes, data: bytes, *, echo: bool = True) -> int | None:
    """Where an answer to what was `sent` may begin in `data`; None: not in what has come so far."""
    if not sent or (echo and sent.startswith(data)):
        return None
    begin = len(sent) if echo and data.startswith(sent) else 0
    for place in range(begin, len(data) - 1):
        if data[place] == sent[0] and data[place + 1] & 0x7F == sent[1]:
            return place
    return None


def begin_of_ascii(sent: bytes, data: bytes, *, echo: bool = True) -> int | None:
    """Where the first whole frame begins that may be an answer to what was `sent`; None: there is none so far."""
    for found in _ASCII.finditer(data):
        if echo and found[0] == sent:
            echo = False
        elif _whose(found[0]) == _whose(sent):
            return found.start()
    return None


def hears_itself(sent: bytes, data: bytes) -> bool:
    """Whether what came in begins with what was sent, to which no answer is like it."""
    return bool(sent) and data.startswith(sent)


def _whose(frame: bytes) -> tuple[int, int]:
    """The unit and the function, without what marks an exception."""
    return int(frame[1:3] or b"0", 16), int(frame[3:5] or b"0", 16) & 0x7F
