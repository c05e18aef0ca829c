"""The home of a gateway as a move sees it: an open folder, in which no link is followed, whoever may write there.

Root moves gateways whose folder another user owns: what root makes in it belongs to that user.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from gatewayd.state.folder import ARRIVING, LOCK, MOVED
from gatewayd.state.places import BESIDE_OUTBOX, OUTBOX, SOCKET

PLAIN = frozenset({LOCK, SOCKET, MOVED, ARRIVING, f"{OUTBOX}.reserve"})
"""What tells nothing of a gateway, and may lie in a home that one is moved into."""
LEFT_BEHIND = PLAIN | {OUTBOX + part for part in BESIDE_OUTBOX}
"""What no archive holds; the log is in the outbox that is packed."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class OddError(Exception):
    """There is something in it that cannot be moved; never leaves this folder."""


def make(home: Path) -> None:
    """Make the folder if need be; it belongs to the owner of the one that it lies in. Raises OSError."""
    for folder in reversed([each for each in (home, *home.parents) if not each.exists()]):
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            owner = folder.parent.stat()
            os.chown(folder, owner.st_uid, owner.st_gid, follow_symlinks=False)


@contextmanager
def opened(folder: Path) -> Iterator[int]:
    """The home, open. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def inside(folder: int, *names: str) -> Iterator[int]:
    """A folder below an open one. Raises OSError."""
    with ExitStack() as stack:
        for name in names:
            folder = os.open(name, _FOLDER, dir_fd=folder)
            stack.callback(os.close, folder)
        yield folder


def there(folder: int, but: frozenset[str] = PLAIN) -> list[str]:
    """What lies in a home and belongs to its gateway."""
    return [name for name in names_in(folder) if name not in but]


def names_in(folder: int) -> list[str]:
    """All that lies in an open folder. Raises OSError."""
    with os.scandir(folder) as found:
        return sorted(each.name for each in found)


def files(folder: int, names: list[str], above: str = "") -> Iterator[str]:
    """The files of these names, and in folders of these names. Raises OddError for what is neither, OSError."""
    for name in names:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode):
            with inside(folder, name) as below:
                yield from files(below, names_in(below), f"{above}{name}/")
        elif stat.S_ISREG(mode):
            yield f"{above}{name}"
        else:
            raise _odd(f"{above}{name}")


def read(folder: int, path: str) -> IO[bytes]:
    """A file below an open folder. Raises OddError if it is none, OSError."""
    *above, name = path.split("/")
    try:
        with inside(folder, *above) as below:
            file = os.fdopen(os.open(name, _READ, dir_fd=below), "rb")
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENOTDIR}:
            raise _odd(path) from error
        raise
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise _odd(path)
    return file


def _odd(path: str) -> OddError:
    return OddError(f"{path} in it is neither a file nor a folder; remove it, or put what is meant there")


@contextmanager
def written(folder: int, path: str, owner: os.stat_result) -> Iterator[IO[bytes]]:
    """A new file below an open folder, on the disk at the end, for its owner alone. Raises OSError."""
    *above, name = path.split("/")
    with ExitStack() as stack:
        for each in above:
            folder = stack.enter_context(_folder(folder, each, owner))
        with os.fdopen(os.open(name, _NEW, 0o600, dir_fd=folder), "wb") as file:
            _give(file.fileno(), owner)
            yield file
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def _folder(folder: int, name: str, owner: os.stat_result) -> Iterator[int]:
    """A folder in an open one, made if need be."""
    try:
        os.mkdir(name, 0o700, dir_fd=folder)
        new = True
    except FileExistsError:
        new = False
    with inside(folder, name) as below:
        if new:
            _give(below, owner)
        yield below


def synced(folder: int) -> None:
    """See that the names of all that is below an open folder survive a power cut. Raises OSError."""
    for *_, handle in os.fwalk(".", dir_fd=folder):
        os.fsync(handle)


def clear(folder: int) -> None:
    """Remove all that an archive may hold, and last the sign that one is being unpacked. Raises OSError."""
    for name in (*there(folder), ARRIVING):
        try:
            if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                shutil.rmtree(name, dir_fd=folder)
            else:
                os.unlink(name, dir_fd=folder)
        except FileNotFoundError:
            continue


def _give(handle: int, owner: os.stat_result) -> None:
    if os.geteuid() == 0:
        os.fchown(handle, owner.st_uid, owner.st_gid)
