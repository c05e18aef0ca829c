"""The disk below the state folder: whether it can be written, has room for all that may come, outlives a reboot."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gatewayd.config import Settings
from gatewayd.daemon.allowance import allowance
from gatewayd.doctor.finding import Finding, ok, problem, warning
from gatewayd.state.storage import SPARE, taken

CHECK = "disk"
_MEMORY = frozenset({"tmpfs", "ramfs"})


@dataclass(frozen=True, slots=True)
class Facts:
    """The file system below `folder`: its type, whether it is read-only, its free bytes and inodes.

    Of what the gateway may write, `budget` bytes in all, `used` are taken already.
    """

    folder: Path
    kind: str
    read_only: bool
    free: int
    inodes: int | None
    budget: int
    used: int


def look(folder: Path, settings: Settings) -> Facts:
    """Look at the disk on which the state folder is, or will be. Raises OSError."""
    there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    found = os.statvfs(there)
    return Facts(
        folder=there,
        kind=_kind(there),
        read_only=bool(found.f_flag & os.ST_RDONLY),
        free=found.f_bavail * found.f_frsize,
        inodes=found.f_favail if found.f_files else None,
        budget=sum(allowance(settings).values()),
        used=taken(folder),
    )


def judged(facts: Facts) -> Iterator[Finding]:
    """What that means."""
    wanted = facts.budget - facts.used
    if facts.read_only:
        fix = f"see `dmesg` for errors of the disk; then: mount -o remount,rw $(findmnt -no TARGET -T {facts.folder})"
        yield problem(CHECK, f"{facts.folder} is on a read-only file system", fix)
    elif facts.free < SPARE or facts.inodes == 0:
        left = "no inodes" if facts.inodes == 0 else _mb(facts.free)
        yield problem(CHECK, f"{facts.folder} has {left} left", "remove what is not needed: du -xh / | sort -h | tail")
    elif facts.free < wanted + SPARE:
        fix = "lower max_size of [outbox], [record] or [evidence], or use a larger disk"
        yield warning(
            CHECK, f"{facts.folder} has {_mb(facts.free)} left, of {_mb(wanted)} that may yet be written", fix
        )
    else:
        yield ok(CHECK, f"{facts.folder} has {_mb(facts.free)} left; at most {_mb(wanted)} may yet be written")
    if facts.kind in _MEMORY:
        fix = "set [gateway] state_dir to a folder on a disk"
        yield warning(CHECK, f"{facts.folder} is in memory ({facts.kind}): a reboot loses all that waits", fix)


def _kind(path: Path) -> str:
    """The type of the file system, as the kernel lists its mounts; the last one of the longest place counts."""
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    found = [line.split()[1:3] for line in mounts.splitlines()]
    holding = [(len(place), kind) for place, kind in found if path.is_relative_to(place)]
    longest = max((length for length, _ in holding), default=0)
    return next((kind for length, kind in reversed(holding) if length == longest), "")


def _mb(size: int) -> str:
    return f"{max(0, size) / 1e6:.0f} MB"
