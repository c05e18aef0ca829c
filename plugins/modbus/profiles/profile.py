"""Profiles: register maps of devices, as data, each with the documents that it was made from."""

from __future__ import annotations

import errno
import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec

from gatewayd.plugin import Duration, OptionError
from gatewayd_plugins.modbus.fields.options import ChannelOptions

FOLDER = Path(__file__).parent
ENDING = ".toml"


class ProfileError(ValueError):
    """A profile that does not exist, or is wrong; `fix` says what would be right."""

    def __init__(self, what: str, fix: str) -> None:
        self.fix = fix
        super().__init__(what)


@dataclass(frozen=True)
class Document:
    """What a profile was made from or checked against: `used` says what was taken from it."""

    title: str
    used: str
    edition: str = ""
    url: str = ""


@dataclass(frozen=True)
class Profile:
    """What is known of a kind of device.

    Addresses of its channels count from `base`. `options` are of the source, for those that it does not give itself;
    `expect` the ranges in which a device at work is with these channels, by which it is recognised.
    """

    title: str
    kind: str
    documents: tuple[Document, ...]
    channels: dict[str, ChannelOptions]
    serial: str = ""
    note: str = ""
    base: int = 0
    unverified: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    expect: dict[str, tuple[float, float]] = field(default_factory=dict)


def shipped() -> Sequence[str]:
    """The names of the profiles that ship with the plugin."""
    return sorted(path.stem for path in FOLDER.glob(f"*{ENDING}"))


def path_of(name: str) -> Path:
    """The file of a profile: a shipped one's name, or the absolute path of one's own. Raises ProfileError."""
    if name.endswith(ENDING):
        if not name.startswith("/"):
            raise ProfileError(f"{name!r} is not an absolute path", f'write "/etc/gatewayd/profiles/{Path(name).name}"')
        return Path(name)
    if name not in shipped():
        close = get_close_matches(name.lower(), shipped(), 1, 0.5)
        fix = f'did you mean "{close[0]}"?' if close else f"there are {', '.join(shipped())}"
        raise ProfileError(f"there is no profile {name!r}", f"{fix} (`gatewayd profiles` lists them)")
    return FOLDER / f"{name}{ENDING}"


def profile(name: str) -> Profile:
    """The profile of this name or in this file, which is read anew. Raises ProfileError."""
    path = path_of(name)
    return _shipped(path) if path.parent == FOLDER else _read(path)


@functools.cache
def _shipped(path: Path) -> Profile:
    return _read(path)


def _read(path: Path) -> Profile:
    try:
        table = tomllib.loads(_text(path))
    except OSError as error:
        raise ProfileError(f"{path} cannot be read: {error.strerror}", "give the path of a profile") from None
    except ValueError as error:
        raise ProfileError(f"{path} is not TOML: {error}", "mend it there") from None
    try:
        _refuse_unknown(table)
        return msgspec.convert(table, Profile, dec_hook=decoded)
    except (msgspec.ValidationError, OptionError) as error:
        cause = error.__cause__ if isinstance(error.__cause__, OptionError) else error
        raise ProfileError(f"{path}: {cause}", getattr(cause, "fix", "") or "mend it there") from None


def _text(path: Path) -> str:
    """The text of a file. Raises OSError, UnicodeDecodeError."""
    if path.exists() and not path.is_file():  # to open a pipe is to wait
        raise OSError(errno.EINVAL, "it is no file")
    return path.read_text(encoding="utf-8")


def decoded(kind: type, value: Any) -> Any:
    """What msgspec does not know itself: durations."""
    return kind.parse(value) if issubclass(kind, Duration) else value


def _refuse_unknown(table: Mapping[str, Any]) -> None:
    """Raise OptionError for a key that would be passed over."""
    channels = table.get("channels", {})
    tables: list[tuple[str, Any, type]] = [("", table, Profile)]
    if isinstance(channels, dict):
        tables += [(f"channels.{name}", each, ChannelOptions) for name, each in channels.items()]
    for name, each, kind in tables:
        known = {field.name for field in fields(kind)}
        for key in each if isinstance(each, dict) else ():
            if key not in known:
                raise OptionError([key], f"unknown key {key!r} in [{name}]", f"known are {', '.join(sorted(known))}")
