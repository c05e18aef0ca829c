"""Syntax: what the TOML parser objects to, said so that it helps."""

from __future__ import annotations

import re
import tomllib

from gatewayd.config.findings import Position
from gatewayd.config.words import quoted

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_KEY = re.compile(r"'((?:[^'\\]|\\.)*)'")
_BACKSLASH = ("Unescaped '\\'", "Invalid hex value")

_WRITTEN = ("this table is already written above", "keep all its keys in one place")

_KNOWN = {
    "Cannot mutate immutable namespace": _WRITTEN,
    "Cannot redefine namespace": _WRITTEN,
    "Duplicate inline table key": ("this key is already given in this table", "keep one of them"),
    "Invalid statement": ("this is neither [table] nor key = value", "begin a comment with #"),
    "Invalid initial character for a key part": ("expected a key", "write key = value"),
    "Cannot overwrite a value": ("this key is already given above", "keep one of them"),
    "Illegal character '\\n'": ("the text is not closed", "put the closing quote at its end"),
    "Expected newline": ("the value should end here", "one key = value on a line; text must be in quotes"),
    "Expected '='": (
        "expected = after the key",
        "write key = value; a key with special characters must be in quotes",
    ),
}
"""How the parser's words begin, and ours with a remedy."""


def explained(error: tomllib.TOMLDecodeError, text: str) -> tuple[str, str, Position]:
    """What is wrong with a text, what would be right, and where."""
    said = str(error)
    at = _AT.search(said)
    said = said[: at.start()] if at else said
    if at and at[1]:
        line, column = int(at[1]), int(at[2])
        return *_plain(said, text.split("\n")[line - 1], column), (line, column)
    lines = text.rstrip("\n").split("\n")
    end = (len(lines), len(lines[-1]) + 1)
    what, fix = _plain(said, lines[-1], end[1])
    return (what, fix, end) if fix else (f"the file ends too early ({what})", "is it complete?", end)


def _plain(said: str, line: str, column: int) -> tuple[str, str]:
    """The parser's words in ours, as far as we know better, and a remedy."""
    for beginning, words in _KNOWN.items():
        if said.startswith(beginning):
            return words
    if said.startswith("Cannot declare ("):
        return f"[{'.'.join(_KEY.findall(said))}] is there twice", "keep one of them, with all its keys"
    if said.startswith(_BACKSLASH) and "\\" in line:
        return "a backslash in double quotes has a meaning of its own", "write the text in single quotes: 'C:\\new'"
    rest = line[column - 1 :].strip()
    if said == "Invalid value":
        return "this is not a value", f"text must be in quotes: {quoted(rest)}" if rest[:1].isalpha() else ""
    return said[:1].lower() + said[1:], ""
