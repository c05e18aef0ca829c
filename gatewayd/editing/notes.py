"""Notes: what a sample says of each key.

In a sample `## text` is for people, and says what the keys below it mean, or the table. `# key = value` is a default,
`## key = value` an example of what has none, `key = value` an example that belongs to the sample.
"""

from __future__ import annotations

import enum
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import msgspec

_HEADER = re.compile(r"\[+([^\[\]]+)\]+\s*(?:#.*)?")
_KEY = re.compile(r"(#{0,2}) ?([A-Za-z_][\w.-]*)\s*=\s*(.+)")


class Told(enum.Enum):
    """What the value beside a key is."""

    GIVEN = ""
    DEFAULT = "#"
    EXAMPLE = "##"


class Note(msgspec.Struct, frozen=True):
    """A key (or a table, where `told` is None) at `path`, with what is said of it, and the value beside it."""

    path: tuple[str, ...]
    text: str
    told: Told | None = None
    value: Any = None


def notes(sample: str) -> Iterator[Note]:
    """All that a sample says, in its order."""
    table: tuple[str, ...] = ()
    prose: list[str] = []
    is_old = False
    for line in sample.splitlines():
        if key := _keyed(line):
            told, path, value, aside = key
            yield Note((*table, *path), " ".join([*prose, *aside]), told, value)
            is_old = True
        elif header := _HEADER.fullmatch(line):
            table = tuple(_path(header[1]))
            yield Note(table, " ".join(prose))
            prose, is_old = [], False
        elif line.startswith("## "):
            prose = [*([] if is_old else prose), line.removeprefix("## ").strip()]
            is_old = False
        else:
            prose, is_old = [], False


def with_defaults(sample: str) -> str:
    """The sample with its defaults written out."""
    return re.sub(r"^# (?=[A-Za-z_][\w.-]*\s*=)", "", sample, flags=re.MULTILINE)


def _keyed(line: str) -> tuple[Told, list[str], Any, list[str]] | None:
    """A line with a key: how it is told, its path below the table, its value, what is said behind it."""
    parts = _KEY.fullmatch(line)
    if parts is None:
        return None
    try:
        data = tomllib.loads(f"value = {parts[3]}")
    except tomllib.TOMLDecodeError:  # words, or the first line of several
        return None if parts[1] == "##" else (Told(parts[1]), _path(parts[2]), None, [])
    return Told(parts[1]), _path(parts[2]), data["value"], _aside(parts[3])


def _aside(written: str) -> list[str]:
    """The comment behind a value: what follows the shortest part that is a value by itself."""
    for mark in re.finditer("#", written):
        try:
            tomllib.loads(f"value = {written[: mark.start()]}")
        except tomllib.TOMLDecodeError:
            continue
        return [written[mark.end() :].strip()]
    return []


def _path(written: str) -> list[str]:
    return [part.strip().strip("\"'") for part in written.split(".")]
