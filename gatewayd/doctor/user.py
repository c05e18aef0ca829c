"""The user that the gateway runs as, who need not be the one who asks."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

NAME, GROUP = "gatewayd", "dialout"
"""As the unit has them (User=, SupplementaryGroups=)."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody, with all groups."""

    name: str
    uid: int
    groups: frozenset[int]

    @classmethod
    def of_service(cls) -> Self:
        """Whom the unit names, if there is such a user on this machine; else the one who asks."""
        try:
            entry = pwd.getpwnam(NAME)
        except KeyError:
            return cls(_name(os.getuid()), os.getuid(), frozenset({os.getgid(), *os.getgroups()}))
        groups = {*os.getgrouplist(NAME, entry.pw_gid), *_found(lambda: grp.getgrnam(GROUP).gr_gid)}
        return cls(NAME, entry.pw_uid, frozenset(groups))

    def may(self, path: Path, wanted: int) -> bool:
        """Whether a path's permissions allow what is `wanted` (os.R_OK, W_OK, X_OK). Raises OSError."""
        if self.uid == 0:
            return True
        found = path.stat()
        if found.st_uid == self.uid:
            granted = stat.S_IMODE(found.st_mode) >> 6
        elif found.st_gid in self.groups:
            granted = stat.S_IMODE(found.st_mode) >> 3
        else:
            granted = stat.S_IMODE(found.st_mode)
        return granted & wanted == wanted

    def reaches(self, path: Path, wanted: int) -> bool:
        """The same, with all folders on the way."""
        return all(self.may(folder, os.X_OK) for folder in path.absolute().parents) and self.may(path, wanted)


def _found(what: Callable[[], int]) -> set[int]:
    try:
        return {what()}
    except KeyError:
        return set()


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
