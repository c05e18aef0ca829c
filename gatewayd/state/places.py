"""Places: where the state folder of a gateway is, and what lies in it, seen from any shell."""

from __future__ import annotations

import errno
import os
import stat
import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from gatewayd.errors import GatewaydError

SOCKET = "control.sock"
OUTBOX = "outbox.db"
BESIDE_OUTBOX = ("-wal", "-shm", "-journal", ".reserve", ".copy", ".copy-wal", ".copy-shm", ".copy-journal", ".new")
"""What is, or may be, beside an outbox: endings of its name."""
RECORD = "record"
EVIDENCE = "evidence"
Lives = Callable[[Path], bool]
"""Whether a gateway runs with a state folder."""
_SYSTEM_FOLDER = Path("/var/lib/gatewayd")


class UnknownSocketError(GatewaydError):
    """There is no telling which gateway is meant."""


def state_folder(gateway_id: str, configured: Path | None) -> Path:
    """The configured folder, else the one systemd gives, else one below the user's own state."""
    if configured is not None:
        return configured
    return given_folder() or _own_folder(gateway_id)


def given_folder() -> Path | None:
    """The one that systemd has made for the unit, if this runs in one."""
    given = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(given) if given else None


def sockets(config: Path | None, lives: Lives = lambda _: True) -> list[Path]:
    """Where a running daemon's control socket may be, seen from another shell than the daemon's.

    Without a config: wherever one is, if there are several that of the only one that lives. Raises UnknownSocketError
    when that leaves a choice, or the config is unreadable.
    """
    return _found(SOCKET, lives) if config is None else [each / SOCKET for each in homes(config)]


def any_evidence(lives: Lives) -> list[Path]:
    """Where evidence of a gateway may be, whether it runs or not. Raises UnknownSocketError as `sockets` does."""
    return _found(EVIDENCE, lives)


def homes(config: Path) -> list[Path]:
    """The state folders that a gateway with this config may have. Raises UnknownSocketError."""
    gateway = _read(config)
    if "state_dir" in gateway:
        return [config.parent / gateway["state_dir"]]
    return sorted([_SYSTEM_FOLDER, _own_folder(gateway["id"])], key=_is_signpost)


def gateway_id(config: Path) -> str:
    """The id of the gateway of a config. Raises UnknownSocketError."""
    return _read(config)["id"]


def _read(config: Path) -> dict[str, str]:
    """The [gateway] of a config, with an id, or what is wrong with the config in words."""
    try:
        return _gateway(config)
    except FileNotFoundError as error:
        raise UnknownSocketError(f"{error.filename}: there is no such file; check its name") from error
    except PermissionError as error:
        who = "run this as root or as the user that gatewayd runs as"
        raise UnknownSocketError(f"{error.filename}: may not be read: {who}") from error
    except OSError as error:
        raise UnknownSocketError(f"{config}: cannot be read ({error.strerror}); see `gatewayd check`") from error
    except (ValueError, RecursionError) as error:
        raise UnknownSocketError(f"{config}: its [gateway] cannot be read ({error}); see `gatewayd check`") from error


def _gateway(config: Path) -> dict[str, str]:
    """The [gateway] of a config, with an id. Raises OSError, ValueError."""
    gateway: dict[str, Any] = {}
    for path in config_files(config):
        table = tomllib.loads(_text(path)).get("gateway", {})
        if not isinstance(table, dict):
            raise ValueError("it is no table")  # noqa: TRY004 - it is a wrong file, not a wrong program
        gateway |= table
    if "id" not in gateway:
        raise ValueError("it has no id")
    for key in ("id", "state_dir"):
        if not isinstance(gateway.get(key, ""), str):
            raise ValueError(f"{key} is no text")  # noqa: TRY004
    if "\0" in gateway.get("state_dir", ""):
        raise ValueError("state_dir is no path")
    return gateway


def _text(path: Path) -> str:
    """The text of a file, not of what would be waited for or never ends. Raises OSError, ValueError."""
    kind = path.stat().st_mode
    shells = any(path.is_relative_to(each) for each in ("/dev", "/proc"))
    written = stat.S_ISFIFO(kind) and shells  # as of <(...), which has somebody who writes
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind) or written):
        raise ValueError("it is a pipe or a device, not a file")
    return path.read_text(encoding="utf-8-sig")


def config_files(config: Path) -> list[Path]:
    """The files that a config is made of, as far as one can tell without reading it."""
    return [config, *sorted(each for each in config.parent.glob("conf.d/*.toml") if not each.name.startswith("."))]


def _is_signpost(folder: Path) -> bool:
    """Whether the socket there is that of a gateway with another folder (see `gatewayd.state.signpost`)."""
    with suppress(PermissionError):
        return (folder / SOCKET).is_symlink()
    return False


def _found(name: str, lives: Lives) -> list[Path]:
    given = given_folder()
    if given is not None:
        return [given / name]
    found = sorted({_SYSTEM_FOLDER / name, *_own_folder("*").parent.glob(f"*/{name}")})
    there = [place for place in found if readable(place.parent) and exists(place)] or list(filter(exists, found))
    if len(there) > 1 and len(alive := [place for place in there if lives(place.parent)]) == 1:
        return alive
    if len(there) > 1:
        folders = ", ".join(str(place.parent) for place in there)
        raise UnknownSocketError(f"several gateways are here ({folders}); name the config of the one you mean")
    return there or found


def readable(folder: Path) -> bool:
    """Whether we may look into a folder."""
    return os.access(folder, os.X_OK)


def exists(place: Path) -> bool:
    """Whether something is there, as far as one can tell: what lies in a closed folder, or on a bad disk, may be."""
    try:
        return place.exists()
    except OSError as error:
        return error.errno != errno.ENAMETOOLONG


def _own_folder(gateway_id: str) -> Path:
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return home / "gatewayd" / gateway_id
