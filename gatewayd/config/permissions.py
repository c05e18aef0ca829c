"""Permissions: what others on the machine could change, and secrets that anybody could read."""

from __future__ import annotations

import os
import pwd
import shlex
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from gatewayd.config.findings import Place
from gatewayd.errors import Problem

SERVICE = "gatewayd"
"""The user that the unit names."""


def open_to_changes(files: Iterable[Path]) -> Iterator[Problem]:
    """Files of the config, and folders that they are in, that others could change: they say what the gateway does.

    What belongs to somebody else is told only: that is how a container sees files of its host.
    """
    files = list(files)
    trusted = _trusted()
    for path in dict.fromkeys((*files, *(each.parent for each in files))):
        found = _found(path)
        if found is None or (found.st_mode & stat.S_ISVTX and path not in files):
            continue
        if found.st_mode & stat.S_IWOTH:
            yield Problem(str(path), 0, 0, "anybody on this machine may write it", f"chmod o-w {_shown(path)}")
        elif found.st_uid not in trusted:
            what = f"{_name(found.st_uid)} could change it, who is neither root nor the user that runs gatewayd"
            yield Problem(str(path), 0, 0, what, f"chown root {_shown(path)}", fatal=False)


def _trusted() -> set[int]:
    """Users who may say what the gateway does: root, ourselves, the service, and who became root by sudo."""
    trusted = {0, os.geteuid()}
    with suppress(KeyError):
        trusted.add(pwd.getpwnam(SERVICE).pw_uid)
    if os.geteuid() == 0 and (given := os.environ.get("SUDO_UID", "")).isdecimal():
        trusted.add(int(given))
    return trusted


def _name(uid: int) -> str:
    try:
        return f"the user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"the user {uid}"


def check_secret(path: Path, place: Place) -> None:
    """Note that a file with a secret may be written by anybody, which is refused, or read, which is told."""
    found = _found(path)
    mode = 0 if found is None else found.st_mode
    fix = f"chmod o= {_shown(path)}"
    if mode & stat.S_IWOTH:
        place.wrong(f"anybody may write {_shown(path)}, which is a secret", fix)
    elif mode & stat.S_IROTH:
        place.wrong(f"anybody may read {_shown(path)}, which is a secret", fix, fatal=False)


def _found(path: Path) -> os.stat_result | None:
    """Of what cannot be looked at, others say what is wrong with it."""
    try:
        return path.stat()
    except OSError:
        return None


def _shown(path: Path) -> str:
    return shlex.quote(str(path).encode(errors="replace").decode())
