"""Syntax: what the TOML parser objects to, said so that it helps."""

from __future__ import annotations

import re
import tomllib

from gatewayd.config.findings import Position
from gatewayd.config.text.mistakes import mistaken
from gatewayd.config.text.positions import repeated
from gatewayd.config.words import quoted

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_KEY = re.compile(r"'((?:[^'\\]|\\.)*)'")
_BACKSLASH = ("Unescaped '\\'", "Invalid hex value")

_WORD = re.compile(r"[^\W\d_][^,}\]#]*|[°%/][^,}\]#]*")
"""What was meant to be text, up to where the value would end."""
_CURLY = re.compile(r"(?P<sign>[\u2018-\u201f«»])(?P<text>[^\u2018-\u201f«»\"']*)")
_CLOSED_BY_CURLY = re.compile(r"\"(?P<text>[^\"\u201c-\u201f]*)(?P<sign>[\u201c-\u201f])[^\"]*$")
"""Quotes as word processors make them; the second is one that should have closed a text."""
_AGAIN = {
    "Cannot mutate immutable namespace": ("is already given in", "keep all its keys in one place"),
    "Cannot redefine namespace": ("is already given in", "keep all its keys in one place"),
    "Cannot overwrite a value": ("is already given in", "keep one of them"),
    "Cannot declare (": ("is already there in", "keep one of them, with all its keys"),
}
"""How the parser's words begin when something is there twice, and ours with a remedy."""
_KNOWN = {
    "Unclosed inline table": ("expected , or } here", "put a comma between two keys"),
    "Invalid statement": ("this is neither [table] nor key = value", "begin a comment with #"),
    "Invalid initial character for a key part": ("expected a key", "write key = value"),
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
    lines = text.split("\n")
    if at and at[1]:
        place = int(at[1]), int(at[2])
        before = "\n".join([*lines[: place[0] - 1], lines[place[0] - 1][: place[1] - 1]])
        return _twice(said, before) or (*_plain(said, lines[place[0] - 1], place[1]), place)
    lines = text.rstrip("\n").split("\n")
    end = (len(lines), len(lines[-1]) + 1)
    if again := _twice(said, text):
        return again
    what, fix = _plain(said, lines[-1], end[1])
    return (what, fix, end) if fix else (f"the file ends too early ({what})", "is it complete?", end)


def line_of(error: tomllib.TOMLDecodeError) -> int:
    """The line that the parser objects to; 0: the end of the file."""
    at = _AT.search(str(error))
    return int(at[1]) if at and at[1] else 0


def _twice(said: str, before: str) -> tuple[str, str, Position] | None:
    """What is written again by the last statement `before` the error, if that is what the parser says."""
    words = next((words for beginning, words in _AGAIN.items() if said.startswith(beginning)), None)
    again = repeated(before) if words else None
    if words is None or again is None:
        return None
    path, (line, _), statement = again
    name = ".".join(part for part in path if isinstance(part, str))
    shown = f"[{name}]" if said.startswith("Cannot declare") else name
    return f"{shown} {words[0]} line {line}", words[1], statement


def _plain(said: str, line: str, column: int) -> tuple[str, str]:
    """The parser's words in ours, as far as we know better, and a remedy."""
    rest = line[column - 1 :].strip()
    known = mistaken(said, line, column) or _of_quotes(line, column) or _of_braces(said, line, rest)
    if known:
        return known
    if said.startswith("Duplicate inline table key"):
        return f"the key {quoted(_KEY.findall(said)[0])} is already given in this table", "keep one of them"
    for beginning, words in _KNOWN.items():
        if said.startswith(beginning):
            return words
    if said.startswith(_BACKSLASH) and "\\" in line:
        return "a backslash in double quotes has a meaning of its own", "write the text in single quotes: 'C:\\new'"
    if said == "Invalid value":
        return "this is not a value", _as_value(rest)
    return said[:1].lower() + said[1:], ""


def _as_value(rest: str) -> str:
    """How to write what was meant to be a text, or true."""
    found = _WORD.match(rest)
    word = found[0].strip() if found else ""
    if word.lower() in ("true", "false"):
        return f"write {word.lower()}"
    return f"text must be in quotes: {quoted(word)}" if word else ""


def _of_quotes(line: str, column: int) -> tuple[str, str] | None:
    """What a word processor makes of quotes: where the error is, or in a text that is not closed at the line's end."""
    curly = _CURLY.match(line, column - 1)
    if curly is None and column > len(line):
        curly = _CLOSED_BY_CURLY.search(line)
    return (f"{curly['sign']} is not a plain quote", f"write {quoted(curly['text'])}") if curly else None


def _of_braces(said: str, line: str, rest: str) -> tuple[str, str] | None:
    """A table in braces that goes on in the next line, or might."""
    if "{" not in line or not said.startswith(("Invalid initial character for a key part", "Unclosed inline table")):
        return None
    if rest.startswith("}"):
        return "a table in braces must not end with a comma", "remove it"
    if rest and not rest.startswith("#"):
        return None
    fix = "write { ... } without a line break, or its keys below a [table]"
    return "a table in braces must be on one line", fix
