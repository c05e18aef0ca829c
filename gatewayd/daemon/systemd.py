"""Talk to systemd: readiness, a line of status, and the watchdog (sd_notify's protocol, a datagram each)."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable

import structlog

REPORT = 10.0
"""Seconds between reports when the service manager does not watch for them."""

log = structlog.get_logger()


def notify(**states: str | int) -> bool:
    """Send `READY=1`, `STATUS=...` and the like; False when no service manager listens."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    if address.startswith("@"):  # Linux's abstract namespace
        address = "\0" + address[1:]
    message = "\n".join(f"{key}={value}" for key, value in states.items())
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.setblocking(False)
        try:
            channel.sendto(message.encode(), address)
        except OSError:  # a manager that restarts right now is told again next time
            return False
    return True


def reloading() -> dict[str, int]:
    """What is sent when the config is read again; READY=1 is to follow, whatever comes of it."""
    return {"RELOADING": 1, "MONOTONIC_USEC": time.monotonic_ns() // 1000}


def watchdog_period() -> float | None:
    """Seconds after which systemd takes a silent daemon for hung; None when it does not watch this process."""
    period = os.environ.get("WATCHDOG_USEC")
    if not period or os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    return int(period) / 1e6


async def report(trouble: Callable[[], str], headline: Callable[[], str]) -> None:
    """Tell again and again, in one line, how it is doing; without trouble that feeds the watchdog.

    What the trouble is goes into the log as well: a watchdog that is not fed ends the process without a reason.
    """
    period, told = watchdog_period(), False
    while True:
        await asyncio.sleep(period / 3 if period else REPORT)
        if why := trouble():
            notify(STATUS=f"in trouble: {why}")
            if not told:
                log.error("progress_missed", reason=why)
        else:
            notify(WATCHDOG=1, STATUS=headline())
            if told:
                log.info("progress_made")
        told = bool(why)
