"""Parsing: a text becomes a tree, or all that the parser objects to is told, line by line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from gatewayd.config.text.syntax import explained, line_of
from gatewayd.errors import ConfigError, Problem

MOST = 20
"""Mistakes of a file that are told."""
LARGEST = 100_000
"""Characters of a text that is parsed again without its mistakes: that takes a fraction of a second each."""
DEEPEST = 50
"""Tables and lists within each other: a config has six, and Python can follow a thousand."""

_HEADER = re.compile(r"[ \t]*\[")
_PAIR = re.compile(r"[ \t]*(?:[\w-]|\"[^\"]*\"|'[^']*')[^=]*=")
_LONG = ('"""', "'''")


def parsed(path: Path, text: str) -> dict[str, Any]:
    """What is in a text. Raises ConfigError."""
    problems: list[Problem] = []
    data: dict[str, Any] | None = None
    rest: str | None = text
    while data is None and rest is not None:
        try:
            data = tomllib.loads(rest)
        except tomllib.TOMLDecodeError as error:
            what, fix, place = explained(error, rest)
            problems.append(Problem(str(path), *place, what, fix))
            rest = _without(rest, line_of(error)) if len(problems) < MOST else None
        except RecursionError:
            problems.append(_too_deep(path))
            rest = None
        except ValueError:
            problems.append(Problem(str(path), 0, 0, "a number in it is too long", "is it a config file?"))
            rest = None
    if not problems and data is not None and _is_deep(data):
        problems.append(_too_deep(path))
    if problems or data is None:
        raise ConfigError(problems)
    return data


def _without(text: str, number: int) -> str | None:
    """The text without a statement of one line that is wrong; None when it is none, or nobody can tell.

    A header is replaced: what is below it does not belong to the table before.
    """
    if not number or len(text) > LARGEST:
        return None
    lines = text.split("\n")
    line, before = lines[number - 1], "\n".join(lines[: number - 1])
    header = _HEADER.match(line)
    if not (header or (_PAIR.match(line) and _is_whole(line))) or not _is_right(before):
        return None
    lines[number - 1] = f'["line {number}, which is wrong"]' if header else ""
    return "\n".join(lines)


def _is_whole(line: str) -> bool:
    """Whether a value ends in its line, as far as one can tell."""
    closed = line.count("[") == line.count("]") and line.count("{") == line.count("}")
    return closed and not any(quotes in line for quotes in _LONG)


def _is_right(text: str) -> bool:
    try:
        tomllib.loads(text)
    except ValueError:
        return False
    return True


def _is_deep(data: dict[str, Any]) -> bool:
    """Whether there are more tables and lists within each other than anybody can mean."""
    layer: list[Any] = [data]
    for _ in range(DEEPEST):
        layer = [
            inner
            for each in layer
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return any(isinstance(each, dict | list) for each in layer)


def _too_deep(path: Path) -> Problem:
    return Problem(str(path), 0, 0, "lists or tables are nested too deeply", "is it a config file?")
