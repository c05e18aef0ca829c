"""The clock: whether it is set, is kept by a time service, and outlives a power cut."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gatewayd import clock
from gatewayd.doctor.finding import Finding, ok, problem, warning
from gatewayd.timeservice import TimeService, Voucher

CHECK = "clock"
SERVE = "let NTP keep it: apt install systemd-timesyncd (or chrony), then timedatectl set-ntp true"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the clock shows (nanoseconds since 1970), what the time service says, whether the clock has a battery."""

    wall: int
    synchronized: bool | None
    voucher: Voucher | None
    battery: bool


def look() -> Facts:
    """Look at the machine's."""
    synchronized, voucher = TimeService().ask()
    return Facts(time.time_ns(), synchronized, voucher, any(Path("/sys/class/rtc").glob("rtc*")))


def judged(facts: Facts) -> Iterator[Finding]:
    """What that means."""
    shown = datetime.fromtimestamp(facts.wall // 1_000_000_000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    if facts.wall < clock.RELEASED:
        yield problem(CHECK, f"it shows {shown}, which is before this gatewayd was made: messages have no times", SERVE)
    elif facts.synchronized:
        yield ok(CHECK, f"{shown}, kept by a time service, as {facts.voucher} says")
    elif facts.synchronized is None:
        why = "nobody can be asked whether that is right (not the kernel, no timesyncd, no timedated)"
        yield warning(CHECK, f"{shown}, but {why}", SERVE)
    else:
        fix = f"timedatectl timesync-status (or chronyc sources) says why; if there is none, {SERVE}"
        yield warning(CHECK, f"{shown}, but no time service keeps it: messages say that it is only set", fix)
    if not facts.battery:
        yield ok(CHECK, "it has no battery: after a power cut times are known once a time service has answered")
