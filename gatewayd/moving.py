"""Moving: a gateway's state goes to another machine as one file, and its old home is closed, so that it runs once."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path
from typing import IO

from gatewayd.errors import GatewaydError
from gatewayd.state import LOCK, MOVED, OUTBOX, SOCKET, held, homes

_LEFT_BEHIND = frozenset({LOCK, SOCKET, MOVED, f"{OUTBOX}.reserve"})


class MoveError(GatewaydError):
    """A gateway cannot be moved."""


def move_out(config: Path, archive: Path) -> Path:
    """Pack the state of a gateway that does not run, and close its home; gives that. Raises GatewaydError."""
    home = next((each for each in homes(config) if (each / OUTBOX).exists()), None)
    if home is None:
        looked = " nor ".join(map(str, homes(config)))
        raise MoveError(f"there is no state of a gateway at {looked}: run this as root, or name the config of one")
    with held(home):
        try:
            _pack(home, archive)
            _note(home / MOVED, f"{archive}\n")
        except OSError as error:
            raise MoveError(f"{home} cannot be packed into {archive} ({error.strerror}); it was not moved") from error
    return home


def move_in(config: Path, archive: Path) -> Path:
    """Unpack the state of a gateway where there is none yet; gives its home. Raises GatewaydError."""
    home = next((each for each in homes(config) if each.exists()), homes(config)[0])
    with held(home):
        if there := sorted(each.name for each in home.iterdir() if each.name not in _LEFT_BEHIND):
            raise MoveError(f"{home} holds the state of a gateway already ({', '.join(there)}): move that away first")
        try:
            _unpack(archive, home)
        except (OSError, EOFError, tarfile.TarError) as error:
            raise MoveError(f"{archive} cannot be unpacked into {home} ({error}); empty that and try again") from error
        _give(home)
    return home


def _pack(home: Path, archive: Path) -> None:
    """The archive is complete and on the disk, or it is not there."""
    part = archive.with_name(f"{archive.name}.part")
    with _private(part) as file:
        with tarfile.open(fileobj=file, mode="w") as packed:
            for each in sorted(home.iterdir()):
                if each.name not in _LEFT_BEHIND:
                    packed.add(each, each.name)
        file.flush()
        os.fsync(file.fileno())
    part.replace(archive)


def _unpack(archive: Path, home: Path) -> None:
    """Write the files of the archive, and nothing else that one may ask for: links, devices, places elsewhere."""
    with tarfile.open(archive) as packed:
        for member in packed:
            path = Path(member.name)
            content = packed.extractfile(member) if member.isfile() else None
            if path.is_absolute() or ".." in path.parts or not (content or member.isdir()):
                raise tarfile.ReadError(f"{member.name!r} in it is none of ours")
            if content is None:
                (home / path).mkdir(mode=0o700)
            else:
                with content, _private(home / path) as file:
                    shutil.copyfileobj(content, file)


def _private(path: Path) -> IO[bytes]:
    """A new file that only its owner may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb")


def _note(path: Path, text: str) -> None:
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _give(home: Path) -> None:
    """What root unpacked belongs to whom the folder belongs to."""
    owner = home.stat()
    if os.geteuid() == 0:
        for each in home.rglob("*"):
            os.chown(each, owner.st_uid, owner.st_gid, follow_symlinks=False)
