"""Permissions: what anybody on the machine could change, and secrets that anybody could read."""

from __future__ import annotations

import shlex
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from gatewayd.config.findings import Place
from gatewayd.config.text.documents import FOLDER
from gatewayd.errors import Problem


def open_to_changes(files: Iterable[Path]) -> Iterator[Problem]:
    """Files of the config, and `conf.d`, that anybody may write: they would say what the gateway does."""
    files = list(files)
    for path in dict.fromkeys((*files, *(each.parent for each in files if each.parent.name == FOLDER))):
        if _mode(path) & stat.S_IWOTH:
            yield Problem(str(path), 0, 0, "anybody on this machine may write it", f"chmod o-w {_shown(path)}")


def check_secret(path: Path, place: Place) -> None:
    """Note that a file with a secret may be written by anybody, which is refused, or read, which is told."""
    mode = _mode(path)
    fix = f"chmod o= {_shown(path)}"
    if mode & stat.S_IWOTH:
        place.wrong(f"anybody may write {_shown(path)}, which is a secret", fix)
    elif mode & stat.S_IROTH:
        place.wrong(f"anybody may read {_shown(path)}, which is a secret", fix, fatal=False)


def _mode(path: Path) -> int:
    """Of what cannot be looked at, others say what is wrong with it."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def _shown(path: Path) -> str:
    return shlex.quote(str(path).encode(errors="replace").decode())
