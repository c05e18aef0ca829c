"""Positions: where in a TOML text each key, table and array element stands. Asked for only when something is wrong."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from gatewayd.config.findings import KeyPath, Position

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACES = re.compile(r"[ \t]*")
_BASIC = re.compile(r'"(?:[^"\\]|\\.)*"')
_LITERAL = re.compile(r"'[^']*'")
_LONG_BASIC = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}(?!")', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''.*?'{3,5}(?!')", re.DOTALL)
_PLAIN = re.compile(r"[^,\]}#\n]+")
_SCALARS = (_LONG_BASIC, _LONG_LITERAL, _BASIC, _LITERAL, _PLAIN)
"""What a value may be besides an array or a table, in the order in which to try."""
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


def positions(text: str) -> Mapping[KeyPath, Position]:
    """The position of everything in a text that is known to be TOML, by its path; a table's is that of its header."""
    return _Scan(text).all()


def repeated(text: str) -> tuple[KeyPath, Position, Position] | None:
    """What the last statement of a text writes again: its path, where it is written first, and where the statement is.

    What is written again may be the statement's own path or one on the way to it. None when it is nothing.
    """
    scan = _Scan(text)
    found = scan.all()
    path, statement = scan.last
    while path and found.get(path, statement) >= statement:
        path = path[:-1]
    return (path, found[path], statement) if path else None


class _Scan:
    """One pass over a text. What is no TOML ends it early: some positions are better than none."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._last: tuple[KeyPath, int] = ((), 0)
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]
        self._found: dict[KeyPath, int] = {}
        self._lists: dict[KeyPath, int] = {}

    def all(self) -> Mapping[KeyPath, Position]:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            before = self._at
            if self._text[self._at] == "[":
                table = path = self._header()
            else:
                path = self._pair(table)
            self._last = (path, before)
            self._skip(_BLANK)
            if self._at == before:
                break
        return {path: self._position(at) for path, at in self._found.items()}

    @property
    def last(self) -> tuple[KeyPath, Position]:
        """The path of the last statement, and where that begins."""
        path, at = self._last
        return path, self._position(at)

    def _position(self, at: int) -> Position:
        line = bisect_right(self._lines, at)
        return line, at - self._lines[line - 1] + 1

    def _note(self, path: KeyPath, at: int) -> None:
        self._found.setdefault(path, at)

    def _skip(self, what: re.Pattern[str]) -> str:
        match = what.match(self._text, self._at)
        if match is None:
            return ""
        self._at = match.end()
        return match[0]

    def _take(self, token: str) -> bool:
        if not self._text.startswith(token, self._at):
            return False
        self._at += len(token)
        return True

    def _header(self) -> KeyPath:
        """`[a.b]` or `[[a.b]]`; gives the path of the table that begins."""
        at = self._at
        several = self._take("[[")
        if not several:
            self._take("[")
        path: KeyPath = ()
        for _, key in self._key():
            path = self._inside((*path, key))
            self._note(path, at)
        self._take("]]" if several else "]")
        return self._next(path, at) if several else self._newest(path)

    def _inside(self, path: KeyPath) -> KeyPath:
        """The path itself, going through the newest table of a list of tables on the way."""
        parent = path[:-1]
        return (*self._newest(parent), path[-1])

    def _newest(self, path: KeyPath) -> KeyPath:
        return (*path, self._lists[path]) if path in self._lists else path

    def _next(self, path: KeyPath, at: int) -> KeyPath:
        number = self._lists[path] = self._lists.get(path, -1) + 1
        self._note((*path, number), at)
        return (*path, number)

    def _pair(self, table: KeyPath) -> KeyPath:
        path = table
        for at, key in self._key():
            path = (*path, key)
            self._note(path, at)
        self._skip(_SPACES)
        if self._take("="):
            self._skip(_SPACES)
            self._value(path)
        return path

    def _key(self) -> Iterator[tuple[int, str]]:
        """The parts of a dotted key, each with where it begins."""
        while True:
            self._skip(_SPACES)
            at = self._at
            if bare := self._skip(_BARE):
                yield at, bare
            elif quoted := self._skip(_BASIC):
                yield at, _ESCAPE.sub(_unescaped, quoted[1:-1])
            elif literal := self._skip(_LITERAL):
                yield at, literal[1:-1]
            else:
                return
            self._skip(_SPACES)
            if not self._take("."):
                return

    def _value(self, path: KeyPath) -> None:
        if self._take("["):
            self._array(path)
        elif self._take("{"):
            self._inline_table(path)
        else:
            any(self._skip(form) for form in _SCALARS)

    def _array(self, path: KeyPath) -> None:
        number = 0
        self._skip(_BLANK)
        while self._at < len(self._text) and not self._take("]"):
            before = self._at
            self._note((*path, number), self._at)
            self._value((*path, number))
            number += 1
            self._skip(_BLANK)
            self._take(",")
            self._skip(_BLANK)
            if self._at == before:
                return

    def _inline_table(self, path: KeyPath) -> None:
        self._skip(_BLANK)
        while self._at < len(self._text) and not self._take("}"):
            before = self._at
            self._pair(path)
            self._skip(_BLANK)
            self._take(",")
            self._skip(_BLANK)
            if self._at == before:
                return


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _ESCAPED.get(match[3], match[3])
