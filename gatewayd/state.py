"""The state folder: where the daemon keeps what must outlive it, held by one daemon at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from gatewayd.disk import aside, is_refusal
from gatewayd.errors import GatewaydError, NeedsPersonError

SOCKET = "control.sock"
OUTBOX = "outbox.db"
RECORD = "record"
EVIDENCE = "evidence"
LOCK = "lock"
MOVED = "moved"
"""The note that the gateway of this folder was moved to another machine."""
FILES = (LOCK, OUTBOX, f"{OUTBOX}-wal", f"{OUTBOX}-shm", f"{OUTBOX}.reserve")
FOLDERS = (RECORD, EVIDENCE)
_SYSTEM_FOLDER = Path("/var/lib/gatewayd")

log = structlog.get_logger()


class StateFolderError(GatewaydError):
    """The state folder cannot be used."""

    def __init__(self, folder: Path, what: str, fix: str) -> None:
        super().__init__(f"state folder {folder}: {what}; {fix}")


class MovedError(StateFolderError, NeedsPersonError):
    """The gateway of this state folder lives elsewhere now: two of them would spoil each other's numbers."""


class UnknownSocketError(GatewaydError):
    """There is no telling which gateway is meant."""


def state_folder(gateway_id: str, configured: Path | None) -> Path:
    """The configured folder, else the one systemd gives, else one below the user's own state."""
    if configured is not None:
        return configured
    if given := os.environ.get("STATE_DIRECTORY"):
        return Path(given.split(":")[0])
    return _own_folder(gateway_id)


def sockets(config: Path | None) -> list[Path]:
    """Where a running daemon's control socket may be, seen from another shell than the daemon's.

    Without a config: wherever one is. Raises UnknownSocketError when that leaves a choice, or the config is unreadable.
    """
    return _found(SOCKET) if config is None else [each / SOCKET for each in homes(config)]


def evidence(config: Path | None) -> list[Path]:
    """Where the evidence of a gateway may be, whether it runs or not; otherwise as `sockets`."""
    return _found(EVIDENCE) if config is None else [each / EVIDENCE for each in homes(config)]


def homes(config: Path) -> list[Path]:
    """The state folders that a gateway with this config may have."""
    try:
        gateway = tomllib.loads(config.read_text(encoding="utf-8"))["gateway"]
        if "state_dir" in gateway:
            return [config.parent / gateway["state_dir"]]
        return [_SYSTEM_FOLDER, _own_folder(gateway["id"])]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnknownSocketError(f"{config}: its [gateway] cannot be read ({error}); see `gatewayd check`") from error


def _found(name: str) -> list[Path]:
    found = sorted({_SYSTEM_FOLDER / name, *_own_folder("*").parent.glob(f"*/{name}")})
    there = [place for place in found if readable(place.parent) and place.exists()] or list(filter(exists, found))
    if len(there) > 1:
        folders = ", ".join(str(place.parent) for place in there)
        raise UnknownSocketError(f"several gateways are here ({folders}); name the config of the one you mean")
    return there or found


def readable(folder: Path) -> bool:
    """Whether we may look into a folder."""
    return os.access(folder, os.X_OK)


def exists(place: Path) -> bool:
    """Whether something is there, as far as one can tell: what lies in a closed folder may well be."""
    try:
        return place.exists()
    except PermissionError:
        return True


def _own_folder(gateway_id: str) -> Path:
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return home / "gatewayd" / gateway_id


@contextmanager
def held(folder: Path) -> Iterator[Path]:
    """Make the folder if need be and keep every other daemon out of it.

    Raises StateFolderError when it cannot be made, another daemon holds it, or its gateway was moved away.
    """
    with contextlib.ExitStack() as stack:
        lock = _lock(folder)
        if lock is not None:
            stack.callback(os.close, lock)
            _take(lock, folder)
        if (folder / MOVED).exists():
            fix = f"run it there; to have it back here, delete {folder / MOVED}, and never run both"
            raise MovedError(folder, "its gateway was moved to another machine", fix)
        yield folder


def _lock(folder: Path) -> int | None:
    """The lock, open; None where the disk refuses to have one made, and so lets nobody else write there either."""
    lock = folder / LOCK
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        put_in_order(folder)
        return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if not is_refusal(error):
            fix = "make it writable for this user, or set [gateway] state_dir to a folder that is"
            raise StateFolderError(folder, f"cannot be written ({error.strerror})", fix) from error
    with contextlib.suppress(OSError):
        return os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    return None


def _take(lock: int, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        fix = "stop it, or give this one an id and a state_dir of its own"
        raise StateFolderError(folder, "another gatewayd is running on it", fix) from error


def put_in_order(folder: Path) -> None:
    """Set aside what has a name of ours and is of another kind, as a damaged file system leaves it. Raises OSError."""
    wrong = [
        *(folder / name for name in FILES if (folder / name).exists() and not (folder / name).is_file()),
        *(folder / name for name in FOLDERS if (folder / name).exists() and not (folder / name).is_dir()),
        *([folder / SOCKET] if (folder / SOCKET).exists() and not (folder / SOCKET).is_socket() else []),
    ]
    for path in wrong:
        log.error("state_set_aside", path=str(path), kept=str(aside(path)), reason="it is none of what gatewayd makes")
