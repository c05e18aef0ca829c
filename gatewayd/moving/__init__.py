"""Moving: a gateway's state goes to another machine as one file, and its old home is closed, so that it runs once."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import ExitStack, closing, suppress
from functools import partial
from pathlib import Path
from typing import IO

from gatewayd.errors import GatewaydError
from gatewayd.moving import home as inner
from gatewayd.moving.archive import Archive, SpoiltError, opened, pack
from gatewayd.moving.home import OddError
from gatewayd.state.disk import sync_folder
from gatewayd.state.folder import ARRIVING, MOVED, held, locked, refuse_moved
from gatewayd.state.places import OUTBOX, exists, gateway_id, homes

_LOG = f"{OUTBOX}-wal"


class MoveError(GatewaydError):
    """A gateway cannot be moved."""


def move_out(config: Path, archive: Path) -> Path:
    """Pack the state of a gateway that does not run, and close its home; gives that. Raises GatewaydError."""
    home = next((each for each in homes(config) if exists(each / OUTBOX)), None)
    if home is None:
        looked = " nor ".join(map(str, homes(config)))
        raise MoveError(f"there is no state of a gateway at {looked}: run this as root, or name the config of one")
    if archive.parent.resolve().is_relative_to(home.resolve()):
        raise MoveError(f"{archive} lies in the state folder {home} itself; name a place outside of it")
    if os.path.lexists(archive):
        raise MoveError(f"{archive} is there already; name another file, or remove it")
    with held(home), inner.opened(home) as folder:
        try:
            _leave(folder, gateway_id(config), archive)
        except (OSError, OddError, ValueError, sqlite3.Error) as error:
            raise MoveError(f"{home} cannot be packed into {archive} ({_words(error)}); it was not moved") from error
    return home


def move_in(config: Path, archive: Path) -> Path:
    """Unpack the state of a gateway where there is none yet; gives its home. Raises GatewaydError.

    All of the archive is checked before anything is made.
    """
    home = next((each for each in homes(config) if exists(each)), homes(config)[0])
    try:
        with opened(archive) as packed:
            _suits(packed, config, archive)
            packed.check()
            _settle(packed, home)
    except (OSError, SpoiltError) as error:
        why = f"{archive} cannot be unpacked into {home} ({_words(error)})"
        raise MoveError(f"{why}; nothing was changed there") from error
    return home


def _leave(folder: int, gateway: str, archive: Path) -> None:
    """The archive is complete and on the disk, and the home is closed; or neither.

    A power cut in between leaves the home closed, and the whole archive as `<archive>.part`.
    """
    part = archive.with_name(f"{archive.name}.part")
    with tempfile.TemporaryDirectory(prefix=f".{archive.name}-", dir=archive.parent) as scratch, ExitStack() as undo:
        names = inner.files(folder, inner.there(folder, inner.LEFT_BEHIND))
        files = {name: partial(inner.read, folder, name) for name in names}
        outbox = _checkpointed(folder, Path(scratch) / OUTBOX)
        undo.callback(part.unlink, missing_ok=True)
        with _new(part) as file:
            pack(file, gateway, files | {OUTBOX: partial(outbox.open, "rb")})
            file.flush()
            os.fsync(file.fileno())
        sync_folder(archive.parent)
        _note(folder, f"{archive}\n")
        undo.callback(os.unlink, MOVED, dir_fd=folder)
        part.replace(archive)
        undo.pop_all()
        sync_folder(archive.parent)


def _checkpointed(folder: int, copy: Path) -> Path:
    """A copy of the outbox with all that its log holds; the outbox itself is not touched. Raises OSError."""
    for path in (OUTBOX, _LOG):
        with suppress(FileNotFoundError), inner.read(folder, path) as source, _new(copy.with_name(path)) as target:
            shutil.copyfileobj(source, target)
    try:
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # no index of the log in shared memory
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.DatabaseError as error:
        fix = "start gatewayd here once, which puts that in order, and stop it"
        raise OddError(f"its outbox is damaged ({error}); {fix}") from error
    return copy


def _new(path: Path) -> IO[bytes]:
    """A new file that only its owner may read, in place of what a move before has left."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), "wb")


def _note(folder: int, text: str) -> None:
    """Close a home, for good."""
    with ExitStack() as undo, inner.written(folder, MOVED, os.fstat(folder)) as file:
        undo.callback(os.unlink, MOVED, dir_fd=folder)
        file.write(text.encode())
        file.flush()
        undo.pop_all()
    os.fsync(folder)


def _suits(packed: Archive, config: Path, archive: Path) -> None:
    """Whether it holds a gateway, and this one."""
    if OUTBOX not in {each.name for each in packed.contents.files}:
        raise SpoiltError(f"there is no {OUTBOX} in it")
    for each in packed.contents.files:
        if each.name.partition("/")[0] in inner.LEFT_BEHIND:
            raise SpoiltError(f"{each.name!r} in it is none of ours")
    theirs, ours = packed.contents.gateway, gateway_id(config)
    if theirs != ours:
        raise MoveError(f"{archive} is gateway {theirs!r}, and {config} is of {ours!r}; give that the id of the other")


def _settle(packed: Archive, home: Path) -> None:
    """Unpack into a home in which there is no gateway. Raises MoveError if there is one."""
    inner.make(home)
    with locked(home), inner.opened(home) as folder:
        refuse_moved(home)
        if ARRIVING in inner.names_in(folder):  # a power cut has ended another move into it
            inner.clear(folder)
        if there := inner.there(folder):
            raise MoveError(f"{home} holds the state of a gateway already ({', '.join(there)}): move that away first")
        with ExitStack() as undo:
            undo.callback(inner.clear, folder)
            _arrive(packed, folder)
            undo.pop_all()


def _arrive(packed: Archive, folder: int) -> None:
    """Unpack beside, and take it over when all is well and on the disk: the outbox last, without which nothing runs."""
    os.mkdir(ARRIVING, 0o700, dir_fd=folder)
    with inner.inside(folder, ARRIVING) as beside:
        packed.unpack(lambda entry: inner.written(beside, entry.name, os.fstat(folder)))
        inner.synced(beside)
        os.fsync(folder)
        for name in sorted(inner.names_in(beside), key=lambda name: (name == OUTBOX, name)):
            os.rename(name, name, src_dir_fd=beside, dst_dir_fd=folder)
    os.fsync(folder)
    os.rmdir(ARRIVING, dir_fd=folder)
    os.fsync(folder)


def _words(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)
