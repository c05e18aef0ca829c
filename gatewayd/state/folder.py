"""The state folder: where the daemon keeps what must outlive it, held by one daemon at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from gatewayd.errors import GatewaydError, NeedsPersonError
from gatewayd.state.disk import is_refusal, make_way
from gatewayd.state.places import BESIDE_OUTBOX, EVIDENCE, OUTBOX, RECORD, SOCKET

LOCK = "lock"
MOVED = "moved"
"""The note that the gateway of this folder was moved to another machine."""
ARRIVING = "arriving"
"""Where a gateway that is moved into this folder is unpacked."""
FILES = tuple(OUTBOX + part for part in ("", *BESIDE_OUTBOX))
FOLDERS = (RECORD, EVIDENCE)
GLANCE = 0.2
"""Seconds that the lock is asked for at least: who only looks whether it is held has it for an instant."""

log = structlog.get_logger()


class StateFolderError(GatewaydError):
    """The state folder cannot be used."""

    def __init__(self, folder: Path, what: str, fix: str) -> None:
        super().__init__(f"state folder {folder}: {what}; {fix}")


class MovedError(StateFolderError, NeedsPersonError):
    """The gateway of this state folder lives elsewhere now: two of them would spoil each other's numbers."""


class UnfinishedMoveError(StateFolderError, NeedsPersonError):
    """Only a part of a gateway's state has come into this folder."""


@contextmanager
def held(folder: Path) -> Iterator[Lock]:
    """Make the folder if need be and keep every other daemon out of it.

    Raises StateFolderError when it cannot be made, another daemon holds it, its gateway was moved away, or another one
    was not moved into it completely.
    """
    with locked(folder) as lock:
        refuse_moved(folder)
        if os.path.lexists(folder / ARRIVING):
            fix = "repeat `gatewayd move in`, or empty the folder to begin anew"
            raise UnfinishedMoveError(folder, "a move into it was not completed", fix)
        _tell_of_others(folder)
        yield lock


def refuse_moved(folder: Path) -> None:
    """Raise MovedError if the gateway of this folder was moved away."""
    if os.path.lexists(folder / MOVED):
        fix = f"run it there; to have it back here, delete {folder / MOVED}, and never run both"
        raise MovedError(folder, "its gateway was moved to another machine", fix)


@contextmanager
def locked(folder: Path) -> Iterator[Lock]:
    """Make the folder if need be and keep every other daemon out of it, whatever is in it. Raises StateFolderError."""
    lock = Lock(folder)
    try:
        lock.take()
        yield lock
    finally:
        lock.close()


class Lock:
    """What keeps every other daemon out of a state folder, as long as it is there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handle: int | None = None
        self._failing = False

    def take(self) -> None:
        """Make the folder and the lock if need be, and take it. Raises StateFolderError."""
        handle = _lock(self._folder)
        if handle is not None:
            try:
                _take(handle, self._folder)
            except BaseException:  # it is raised again
                os.close(handle)
                raise
        self.close()
        self._handle = handle

    def renew(self) -> None:
        """Have it again if somebody has removed it, or the disk did not let it be made; takes as long as the disk does.

        Never raises: that it fails is told once.
        """
        if self._is_there():
            return
        try:
            self.take()
        except (StateFolderError, OSError) as error:
            if not self._failing:
                log.error("state_lock_lost", path=str(self._folder), reason=str(error))
            self._failing = True
        else:
            if self._handle is not None:
                log.warning("state_lock_renewed", path=str(self._folder))
            self._failing = False

    def close(self) -> None:
        """Let it go."""
        if self._handle is not None:
            os.close(self._handle)
        self._handle = None

    def _is_there(self) -> bool:
        """Whether who looks for the lock finds ours; yes, where the disk cannot even be asked."""
        try:
            return self._handle is not None and os.path.samestat(os.fstat(self._handle), os.lstat(self._folder / LOCK))
        except OSError as error:
            return not isinstance(error, FileNotFoundError | NotADirectoryError)


def is_held(folder: Path) -> bool:
    """Whether a daemon runs on this folder. Raises OSError where that may not be looked at."""
    try:
        handle = os.open(folder / LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _lock(folder: Path) -> int | None:
    """The lock, open; None where the disk refuses to have one made, and so lets nobody else write there either."""
    lock = folder / LOCK
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        put_in_order(folder)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if not is_refusal(error):
            fix = "make it writable for this user, or set [gateway] state_dir to a folder that is"
            if isinstance(error, NotADirectoryError | FileExistsError):
                fix = "a file has its place or that of a folder above it: set [gateway] state_dir to another path"
            raise StateFolderError(folder, f"cannot be written ({error.strerror})", fix) from error
        with contextlib.suppress(OSError):
            return os.open(lock, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        return None
    _give(handle, folder)
    return handle


def _give(lock: int, folder: Path) -> None:
    """A lock that root has made belongs to the owner of the folder, or the service could never take it."""
    owner = folder.stat()
    if os.geteuid() == 0 and os.fstat(lock).st_nlink == 1:  # one with another name is a trap
        with contextlib.suppress(OSError):  # a file system without owners
            os.fchown(lock, owner.st_uid, owner.st_gid)


def _take(lock: int, folder: Path) -> None:
    """Who only looks whether it is held has it for an instant, too."""
    until = time.monotonic() + GLANCE
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= until:
                fix = "stop it, or give this one an id and a state_dir of its own"
                raise StateFolderError(folder, "another gatewayd is running on it", fix) from error
        time.sleep(GLANCE / 10)


def _tell_of_others(folder: Path) -> None:
    """Whoever may write the folder can put a socket and an outbox of their own into it."""
    with contextlib.suppress(OSError):
        mode = stat.S_IMODE(folder.stat().st_mode)
        if mode & (stat.S_IWGRP | stat.S_IWOTH):
            log.warning("state_folder_open", path=str(folder), mode=f"{mode:04o}", hint=f"chmod go-w {folder}")


def put_in_order(folder: Path) -> None:
    """Set aside what has a name of ours and is of another kind, as a damaged file system leaves it. Raises OSError."""
    make_way(folder / LOCK, lambda lock: lock.is_file() and not lock.is_symlink())
    for name in FILES:
        make_way(folder / name, Path.is_file)
    for name in FOLDERS:
        make_way(folder / name, Path.is_dir)
    make_way(folder / SOCKET, Path.is_socket)
