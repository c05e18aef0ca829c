"""Files: whether the gateway can read its config and write its state folder, and what damage it has set aside."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gatewayd.doctor.finding import Finding, ok, problem, warning
from gatewayd.doctor.user import User

CHECK = "files"


@dataclass(frozen=True, slots=True)
class Facts:
    """Of the files to read those that `user` cannot; the state folder, its mode, whether `user` may write it.

    `mode` is None while the folder is not there; then `writable` is about whether it can be made.
    """

    user: str
    unreadable: tuple[Path, ...]
    state: Path
    mode: int | None
    writable: bool
    damaged: tuple[Path, ...]


def look(user: User, to_read: Iterable[Path], state: Path) -> Facts:
    """Look at them. Raises OSError."""
    there = next(each for each in (state, *state.absolute().parents) if each.exists())
    return Facts(
        user=user.name,
        unreadable=tuple(path for path in to_read if path.exists() and not user.reaches(path, os.R_OK)),
        state=state,
        mode=state.stat().st_mode & 0o777 if state.exists() else None,
        writable=user.reaches(there, os.W_OK | os.X_OK),
        damaged=tuple(sorted(state.glob("*.damaged-*"))) if os.access(state, os.R_OK) else (),
    )


def judged(facts: Facts) -> Iterator[Finding]:
    """What that means."""
    for path in facts.unreadable:
        fix = f"chgrp {facts.user} {path} && chmod g+r {path}, and let the group enter its folder (chmod g+x)"
        yield problem(CHECK, f"{path} cannot be read by {facts.user}", fix)
    if not facts.writable:
        fix = f"install -d -o {facts.user} -g {facts.user} -m 700 {facts.state} (systemd does that by StateDirectory=)"
        what = "cannot be written" if facts.mode is not None else "is not there and cannot be made"
        yield problem(CHECK, f"the state folder {facts.state} {what} by {facts.user}", fix)
    elif facts.mode is not None and facts.mode & 0o077:
        fix, what = f"chmod 700 {facts.state}", "write" if facts.mode & 0o022 else "look into"
        yield warning(CHECK, f"others may {what} the state folder {facts.state} (mode {facts.mode:o})", fix)
    elif not facts.unreadable:
        yield ok(CHECK, f"{facts.user} can read the config and write {facts.state}")
    if facts.damaged:
        names = ", ".join(path.name for path in facts.damaged)
        fix = "the disk may be failing: dmesg, and a new card; remove these files once nobody needs them"
        yield warning(CHECK, f"damage was set aside in {facts.state}: {names}", fix)
