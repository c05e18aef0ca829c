"""Whereabouts: which of the gateways of this machine runs with a config, whatever has become of that file meanwhile."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from gatewayd.control.asking import ControlError, ask
from gatewayd.errors import ConfigError
from gatewayd.state.places import EVIDENCE, OUTBOX, SOCKET, UnknownSocketError, any_evidence, sockets

PATIENCE = 1.0
"""Seconds for one of them to say which config it runs with."""
SERVICE = "gatewayd"
"""The user that the unit runs as."""
BOUND = Path("/proc/self/net/unix")
"""All Unix sockets, a line each: among others its flags and, last, the path that it was bound to."""
LISTENS = "00010000"


def doors(config: Path | None) -> list[Path]:
    """Where the control socket of the gateway that is meant may be.

    Of those that run and may be asked it is the one that runs with this config; else it is where the file says. Raises
    UnknownSocketError as `places.sockets` does, if none runs with it.
    """
    if config is None:
        return sockets(None, _lives)
    try:
        places = sockets(config)
    except UnknownSocketError as error:
        if found := _running_with(config, ()):
            return [found]
        raise _as_checked(config, error) from error
    found = _running_with(config, places)
    return places if found is None else [found]


def evidence(config: Path | None) -> list[Path]:
    """Where the evidence of the gateway that is meant may be, whether it runs or not; otherwise as `doors`."""
    return any_evidence(_lives) if config is None else [door.with_name(EVIDENCE) for door in doors(config)]


def _running_with(config: Path, places: Sequence[Path]) -> Path | None:
    """The socket of the gateway that says it runs with this config; those at `places` are asked first."""
    likely, ours = set(map(os.path.realpath, places)), os.path.realpath(config)
    for door in sorted(_listening(_trusted(config)), key=lambda door: os.path.realpath(door) not in likely):
        with suppress(ControlError):
            answer = ask([door], "config", PATIENCE)
            if isinstance(answer, str) and os.path.realpath(answer) == ours:
                return door
    return None


def _trusted(config: Path) -> set[int]:
    """Whose gateway may say that it runs with a config: any other user could make one that answers in its place."""
    users = {0, os.geteuid()}
    with suppress(OSError):
        users.add(config.stat().st_uid)
    with suppress(KeyError):
        users.add(pwd.getpwnam(SERVICE).pw_uid)
    return users


def _listening(users: set[int]) -> Iterator[Path]:
    """The control sockets of these users, each beside an outbox: other programs are not spoken to."""
    for door in _bound():
        with suppress(OSError):  # what is gone, or may not be looked at
            if door.stat().st_uid in users and door.with_name(OUTBOX).exists():
                yield door


def _lives(folder: Path) -> bool:
    """Whether somebody listens at the control socket of a folder, or where a link in its place leads."""
    return os.path.realpath(folder / SOCKET) in map(os.path.realpath, _bound())


def _bound() -> Iterator[Path]:
    """Where somebody listens at what is called as our sockets are."""
    try:
        lines = os.fsdecode(BOUND.read_bytes()).split("\n")
    except OSError:
        return
    for fields in (line.split(maxsplit=7) for line in lines):
        door = Path(fields[7]) if len(fields) == 8 and fields[3] == LISTENS else Path()
        if door.name == SOCKET and door.is_absolute():
            yield door


def _as_checked(config: Path, error: UnknownSocketError) -> UnknownSocketError:
    """The error in the words of `gatewayd check`, with line and column, where that says more."""
    if isinstance(error.__cause__, PermissionError | FileNotFoundError):
        return error
    from gatewayd.config.text.documents import documents  # noqa: PLC0415 - much is imported for it

    try:
        documents(config)
    except ConfigError as checked:
        return UnknownSocketError(f"{checked}\nno gateway that could be asked runs with this config")
    return error
