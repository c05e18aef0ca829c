"""The disk: whether it refuses to be written, which is no fault of the config and may pass; what is set aside on it."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog

REFUSALS = frozenset({errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO})
"""Read-only, full, over a quota, failing."""
_PROBE = ".probe"
KEPT = 3
"""Damaged things of a name that are kept."""

log = structlog.get_logger()


def is_refusal(error: OSError) -> bool:
    """Whether it is the disk that refuses, rather than the permissions or the path that are wrong."""
    return error.errno in REFUSALS


def refuses(folder: Path) -> bool:
    """Whether the disk refuses a new file in this folder."""
    probe = folder / _PROBE
    try:
        os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        probe.unlink()
    except OSError as error:
        return is_refusal(error) or _reaches_up(error, folder)
    return False


def make_way(path: Path, is_right: Callable[[Path], bool]) -> None:
    """Set aside what has a name of ours and is of another kind, such as a link to nowhere. Raises OSError."""
    if os.path.lexists(path) and not is_right(path):
        log.error("state_set_aside", path=str(path), kept=str(aside(path)), reason="it is none of what gatewayd makes")


def aside(path: Path) -> Path:
    """Rename what is at a path so that something new can be made there. Raises OSError."""
    target = place_aside(path)
    path.rename(target)
    return target


def place_aside(path: Path, *more: str, room: int | None = None) -> Path:
    """Where to rename what is at a path to; `more` are endings of what goes with it.

    Of earlier ones, KEPT - 1 at most are kept, and only as far as all of them take no more than `room` bytes. Raises
    OSError.
    """
    earlier = kept_aside(path)
    size, left = _size(path, more), KEPT
    for old in reversed(earlier):
        size, left = size + _size(old, more), left - 1
        if left <= 0 or (room is not None and size > room):
            for each in _with(old, more):
                with suppress(FileNotFoundError):
                    remove(each)
    return path.with_name(f"{path.name}.damaged-{_number(earlier[-1]) + 1 if earlier else 1}")


def kept_aside(path: Path) -> list[Path]:
    """What was at a path and was set aside, the oldest first."""
    return sorted(path.parent.glob(f"{path.name}.damaged-*[0-9]"), key=_number)


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def sync_folder(folder: Path) -> None:
    """Make sure that names survive a power cut. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _with(path: Path, more: tuple[str, ...]) -> list[Path]:
    return [path, *(path.with_name(path.name + ending) for ending in more)]


def _size(path: Path, more: tuple[str, ...]) -> int:
    return sum(each.stat().st_size for each in _with(path, more) if each.exists())


def _number(path: Path) -> int:
    last = path.name.rpartition("-")[2]
    return int(last) if last.isdigit() else 0


def _reaches_up(error: OSError, folder: Path) -> bool:
    """Whether the folder is missing because the disk refuses to have it made."""
    return isinstance(error, FileNotFoundError) and folder != folder.parent and refuses(folder.parent)
