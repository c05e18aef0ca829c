"""The archive of a move: a plain tar file that begins with a list of all its files, by which each byte is checked."""

from __future__ import annotations

import hashlib
import os
import stat
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path, PurePosixPath
from typing import IO, Annotated, Any

import msgspec

LIST = "gatewayd-move.json"
VERSION = 1
LONGEST_LIST = 16 << 20
"""Bytes of a list that are read at most."""
_BLOCK = 512
_END = bytes(2 * _BLOCK)
_CHUNK = 1 << 20


class SpoiltError(Exception):
    """It is not, or no longer, an archive of ours; never leaves this folder."""


class Entry(msgspec.Struct, frozen=True):
    """A file: its name, its bytes, their SHA-256."""

    name: str
    size: Annotated[int, msgspec.Meta(ge=0)]
    sha256: str


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What is in an archive: the version of its form, the id of the gateway, its files in order."""

    v: int = VERSION
    gateway: str
    files: tuple[Entry, ...]


Opener = Callable[[], AbstractContextManager[IO[bytes]]]
"""Opens a file to be read."""
Sink = Callable[[Entry], AbstractContextManager[IO[bytes] | None]]
"""Opens a file to be written; None where it is only checked."""


def pack(target: IO[bytes], gateway: str, files: Mapping[str, Opener]) -> None:
    """Write an archive. Raises OSError; ValueError for a name or a size that a tar file cannot have."""
    entries = tuple(_described(name, opener) for name, opener in files.items())
    text = msgspec.json.encode(Contents(gateway=gateway, files=entries))
    content = text + b"\n" + hashlib.sha256(text).hexdigest().encode() + b"\n"
    target.write(_header(LIST, len(content)) + content + bytes(_rest(len(content))))
    for entry in entries:
        target.write(_header(entry.name, entry.size))
        with files[entry.name]() as file:
            if _copy(file, entry.size, target) != entry.sha256:
                raise OSError(f"{entry.name} was changed meanwhile")
        target.write(bytes(_rest(entry.size)))
    target.write(_END)


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """An archive to be read. Raises SpoiltError, OSError."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise SpoiltError("it is no file")
        yield Archive(file)


class Archive:
    """An archive that is as long as it should be, and whose list makes sense. Raises SpoiltError, OSError."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.contents = _list(file)
        self._begin = file.tell()
        expected = self._begin + len(_END) + sum(_BLOCK + each.size + _rest(each.size) for each in self.contents.files)
        size = os.fstat(file.fileno()).st_size
        if size != expected:
            raise SpoiltError(f"it is {size} bytes long, and should be {expected}: it was cut, or is damaged")

    def check(self) -> None:
        """Read all of it, and see that each byte is as it was packed."""
        self.unpack(lambda _: nullcontext())

    def unpack(self, sink: Sink) -> None:
        """Write each file, and check it; those before one that is damaged have been written."""
        self._file.seek(self._begin)
        for entry in self.contents.files:
            if _member(self._file) != (entry.name, entry.size):
                raise SpoiltError(f"there is no sound {entry.name!r} where it should be")
            with sink(entry) as target:
                if _copy(self._file, entry.size, target) != entry.sha256 or any(self._file.read(_rest(entry.size))):
                    raise SpoiltError(f"{entry.name!r} in it is damaged")
        if self._file.read() != _END:
            raise SpoiltError("its end is damaged")


def _described(name: str, opener: Opener) -> Entry:
    if not _is_ours(name):
        raise ValueError(f"{name} in it has a name that an archive cannot have")
    digest, size = hashlib.sha256(), 0
    with opener() as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Entry(name, size, digest.hexdigest())


def _list(file: IO[bytes]) -> Contents:
    """The list at the beginning; its names are those of files below one folder."""
    member = _member(file)
    if member is None or member[0] != LIST:
        raise SpoiltError("it does not begin with a list of its files: `gatewayd move out` has not made it")
    size = member[1]
    if size > LONGEST_LIST:
        raise SpoiltError("its list of files is too long")
    text, _, digest = file.read(size).rstrip(b"\n").rpartition(b"\n")
    if hashlib.sha256(text).hexdigest().encode() != digest or any(file.read(_rest(size))):
        raise SpoiltError("its list of files is damaged")
    contents = _understood(text)
    for each in contents.files:
        if not _is_ours(each.name):
            raise SpoiltError(f"{each.name!r} in it is none of ours")
    return contents


def _understood(text: bytes) -> Contents:
    try:
        version = msgspec.json.decode(text, type=dict[str, Any]).get("v")
        if isinstance(version, int) and version > VERSION:
            raise SpoiltError(f"a newer gatewayd has made it (version {version}, this one knows {VERSION})")
        return msgspec.json.decode(text, type=Contents)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SpoiltError(f"its list of files makes no sense ({error})") from error


def _is_ours(name: str) -> bool:
    path = PurePosixPath(name)
    odd = path.is_absolute() or ".." in path.parts or "\0" in name or name in {".", LIST}
    return str(path) == name and not odd


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict")


def _member(file: IO[bytes]) -> tuple[str, int] | None:
    """Name and size of the plain file that begins here, if one does, whose header is as we write it."""
    block = file.read(_BLOCK)
    try:
        member = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        return (member.name, member.size) if block == _header(member.name, member.size) else None
    except (tarfile.TarError, ValueError):
        return None


def _copy(source: IO[bytes], size: int, target: IO[bytes] | None) -> str:
    """Copy so many bytes, as far as there are so many, or only read them; gives their SHA-256."""
    digest, left = hashlib.sha256(), size
    while left and (chunk := source.read(min(left, _CHUNK))):
        digest.update(chunk)
        left -= len(chunk)
        if target is not None:
            target.write(chunk)
    return digest.hexdigest()


def _rest(size: int) -> int:
    return -size % _BLOCK
