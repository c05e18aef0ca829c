"""Serial ports: whether those of the config are there, may be opened, and are used by nobody else."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gatewayd.doctor.finding import Finding, ok, problem, warning
from gatewayd.doctor.user import User

CHECK = "serial port"
STABLE = Path("/dev/serial/by-id")


@dataclass(frozen=True, slots=True)
class Facts:
    """A port of the config: whether it is there, may be opened by `user`, and by which other programs it is held.

    `group` is the one that may open it; `stable` are the names of adapters that outlive replugging, by their device.
    """

    path: str
    there: bool
    accessible: bool
    user: str
    group: str
    holders: tuple[str, ...]
    stable: Mapping[str, str]


def look(paths: Iterable[str], user: User) -> Iterator[Facts]:
    """Look at these. Raises OSError."""
    stable = {os.path.realpath(each): str(each) for each in STABLE.glob("*")}
    for path in paths:
        port = Path(path)
        there = port.exists()
        yield Facts(
            path=path,
            there=there,
            accessible=there and user.may(port, os.R_OK | os.W_OK),
            user=user.name,
            group=_group(port) if there else "",
            holders=tuple(sorted(_holders(os.path.realpath(path)))) if there else (),
            stable=stable,
        )


def judged(facts: Facts) -> Iterator[Finding]:
    """What that means."""
    if not facts.there:
        others = ", ".join(sorted(facts.stable.values()))
        fix = f"name one of these: {others}" if others else "plug the adapter in; `dmesg` tells whether it was found"
        yield problem(CHECK, f"{facts.path} is not there", fix)
        return
    if not facts.accessible:
        fix = f"usermod -aG {facts.group} {facts.user}, then start gatewayd again"
        yield problem(CHECK, f"{facts.path} cannot be opened by {facts.user}", fix)
    if facts.holders:
        fix = "stop it: two programs on one port take each other's answers"
        yield problem(CHECK, f"{facts.path} is also used by {', '.join(facts.holders)}", fix)
    steady = facts.stable.get(os.path.realpath(facts.path))
    if steady and Path(facts.path).parent != STABLE and Path(facts.path).name.startswith(("ttyUSB", "ttyACM")):
        yield warning(CHECK, f"{facts.path} may get another number when it is plugged in again", f"name it {steady}")
    elif facts.accessible and not facts.holders:
        yield ok(CHECK, f"{facts.path} is there, and {facts.user} may open it")


def _group(port: Path) -> str:
    try:
        return port.group()
    except KeyError:
        return str(port.stat().st_gid)


def _holders(port: str) -> set[str]:
    """Programs other than gatewayd that have a device open, as far as we may see that (as root: all)."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.path.realpath(each) == port for each in (process / "fd").iterdir()):
                name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
                if b"gatewayd" not in (process / "cmdline").read_bytes():
                    found.add(f"{name} (process {process.name})")
        except OSError:  # it has ended, or is none of our business
            continue
    return found
