"""Limits: how much time and how many messages the gateway grants the process of an isolated line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """In seconds, bytes, messages a second, lines of text a second."""

    start: float = 60.0
    """Until a process is ready: on the smallest machines, at boot, imports alone take 20 s."""
    beat: float = 1.0
    """Between two signs of life."""
    silence: float = 10.0
    """Without a sign of life: it computes or blocks without awaiting."""
    stop: float = 7.0
    """To stop when it is asked to: two more than a line has for that itself."""
    kill: float = 5.0
    """To be gone when it was killed; the kernel may hold one that waits for a driver."""
    steady: float = 60.0
    """After so long without trouble the trouble is over."""
    longest_wait: float = 60.0
    """Between two starts, of which the first waits are 1, 2, 4 ... seconds."""
    message: int = 1 << 24
    """The bytes of one message."""
    bytes: int = 1 << 24
    """A second; for some seconds it may be more, see `Budget`."""
    messages: float = 100.0
    """A second, over twice as many as there are polls."""
    lines: float = 1.0
    """Of what it prints, into the log; the first 60 at once, so that a traceback is whole."""
