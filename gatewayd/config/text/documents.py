"""Documents: the config file and those in `conf.d` beside it, read and parsed but not yet judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from gatewayd.config.findings import KeyPath, Position
from gatewayd.config.text.parsing import parsed
from gatewayd.errors import ConfigError, Problem

MOST = 4 * 1024 * 1024
"""Bytes that a config file may have."""
FOLDER = "conf.d"


class Document(msgspec.Struct):
    """One file: its text and what is in it."""

    path: Path
    text: str
    data: dict[str, Any]
    _positions: Mapping[KeyPath, Position] | None = None

    def position(self, path: KeyPath) -> Position | None:
        """Where a path is written in this file; where its table begins when it is not; None when that is not either."""
        from gatewayd.config.text.positions import positions  # noqa: PLC0415 - only for a config that is wrong

        if self._positions is None:
            self._positions = positions(self.text)
        while path and path not in self._positions:
            path = path[:-1]
        return self._positions.get(path)

    def line(self, number: int) -> str:
        """One line of its text, counted from 1."""
        return self.text.split("\n")[number - 1]


def documents(path: Path) -> list[Document]:
    """The config file, then those in `conf.d` in the order of their names. Raises ConfigError."""
    problems: list[Problem] = []
    found: list[Document] = []
    for each in [path, *_beside(path, problems)]:
        try:
            text = _read(each)
            found.append(Document(each, text, parsed(each, text)))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return found


def _beside(path: Path, problems: list[Problem]) -> list[Path]:
    folder = path.parent / FOLDER
    try:
        return sorted(each for each in folder.iterdir() if _is_part(each) and each.suffix == ".toml")
    except FileNotFoundError:
        return []
    except NotADirectoryError:
        problems += [Problem(str(folder), 0, 0, "is not a folder", "make it one, or give it another name")]
    except OSError as error:
        problems += [Problem(str(folder), 0, 0, f"cannot be read ({error.strerror})", "make it readable for this user")]
    return []


def unread(path: Path) -> Iterator[Problem]:
    """Files in `conf.d` whose names look as if they were read; documents() has looked into the folder."""
    folder = path.parent / FOLDER
    for each in sorted(folder.iterdir()) if folder.is_dir() else ():
        if _is_part(each) and each.suffix != ".toml":
            yield Problem(str(each), 0, 0, "is not read", f"call it {each.stem}.toml", fatal=False)


def _is_part(path: Path) -> bool:
    return path.suffix.lower() == ".toml" and not path.name.startswith(".")


def _read(path: Path) -> str:
    if path.is_fifo() and not path.is_relative_to("/dev"):  # a shell's <(...) and /dev/stdin have somebody who writes
        raise _refused(path, "is a pipe, which would be waited for", "name a file")
    try:
        with path.open("rb") as file:
            content = file.read(MOST + 1)
    except FileNotFoundError as error:
        raise _refused(path, "there is no such file", "check its name") from error
    except IsADirectoryError as error:
        fix = "give it another name" if path.parent.name == FOLDER else "name the config file in it"
        raise _refused(path, "is a folder", fix) from error
    except PermissionError as error:
        raise _refused(path, "may not be read by this user", "make it readable, or be another user") from error
    except OSError as error:
        raise _refused(path, f"cannot be read ({error.strerror or error})", "check the disk") from error
    if len(content) > MOST:
        raise _refused(path, f"is larger than {MOST // 1024 // 1024} MB", "is it a config file? it should have some kB")
    return _decoded(path, content)


def _decoded(path: Path, content: bytes) -> str:
    try:
        if _is_utf_16(content):
            raise _refused(path, "this is UTF-16 text, not UTF-8", "save the file as UTF-8", (1, 1))
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace")
        what = "this is not UTF-8 text" if b"\0" not in content else "this is a binary file, not text"
        raise _refused(path, what, "save the file as UTF-8", _end(before)) from error
    if "\r" in text and "\n" not in text:
        fix = "save the file with line ends of Unix (LF) or Windows (CR LF)"
        raise _refused(path, "its lines end in CR alone", fix, (1, text.index("\r") + 1))
    if "\0" in text:
        raise _refused(path, "this is a binary file, not text", "is it a config file?", _end(text[: text.index("\0")]))
    return text


def _is_utf_16(content: bytes) -> bool:
    """Whether it is of characters of two bytes, most of them plain letters: every other byte is 0."""
    most = len(content) * 3 // 8
    return len(content) > 1 and (content[::2].count(0) > most or content[1::2].count(0) > most)


def _end(text: str) -> Position:
    """The position just after a text."""
    return text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1


def _refused(path: Path, what: str, fix: str = "", place: Position = (0, 0)) -> ConfigError:
    return ConfigError([Problem(str(path), *place, what, fix)])
