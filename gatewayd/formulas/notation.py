"""Notation: a formula's text becomes numbers, names of channels, words and signs.

A channel's name has a dot. A `-` within it belongs to the name if there is such a channel, the longest one counts; else
it is a minus. So is every `-` with a space before it. What stands in backticks is a name, whatever is in it.
"""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

from gatewayd.features.notation import respelled

_SPACE = re.compile(r"\s*")
_NUMBER = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_QUOTED = re.compile(r"`([^`]*)`")
_BRACKET = re.compile(r"\([^()]*\)")
_SIGN = re.compile(r"\*\*|<=|>=|==|!=|[-+*/()<>,]")
_AFTER_A_NUMBER = re.compile(r"[\w.]+", re.ASCII)

INSTEAD = {"^": "**", "&": "and", "|": "or", "!": "not", "=": "==", "{": "(", "}": ")", "[": "(", "]": ")", ";": ","}
"""What people write for what we understand."""


class FormulaError(ValueError):
    """A formula that cannot be read: `what` is wrong `at` which character (from 0), and how to `fix` it, if known."""

    def __init__(self, what: str, at: int, fix: str = "") -> None:
        self.what = what
        self.at = at
        self.fix = fix
        super().__init__(f"{what}; {fix}" if fix else what)


class Sort(enum.Enum):
    """What a token is."""

    NUMBER = enum.auto()
    CHANNEL = enum.auto()
    WORD = enum.auto()
    SIGN = enum.auto()
    END = enum.auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a formula, as it is spelt, and `at` which character it begins."""

    sort: Sort
    text: str
    at: int
    number: float = 0.0

    def __str__(self) -> str:
        return "the end" if self.sort is Sort.END else f'"{self.text}"'


def tokens(text: str, known: Container[str]) -> Iterator[Token]:
    """The pieces of a formula, at last one that is its end; `known` are the channels. Raises FormulaError."""
    at = _end(_SPACE, text, 0)
    while at < len(text):
        token, end = _token(text, at, known)
        yield token
        at = _end(_SPACE, text, end)
    yield Token(Sort.END, "", len(text))


def _token(text: str, at: int, known: Container[str]) -> tuple[Token, int]:
    """The piece at `at`, and where it ends."""
    if found := _NUMBER.match(text, at):
        return _number(text, found), found.end()
    if found := _QUOTED.match(text, at):
        return Token(Sort.CHANNEL, respelled(found[1].strip()), at), found.end()
    if found := _NAME.match(text, at):
        return _name(text, at, found[0], known)
    if found := _SIGN.match(text, at):
        return Token(Sort.SIGN, found[0], at), found.end()
    sign = text[at]
    if sign == "`":
        raise FormulaError("a name in backticks has no end", at, "close it with `")
    fix = f'write "{INSTEAD[sign]}"' if sign in INSTEAD else ""
    raise FormulaError(f'"{sign}" has no meaning in a formula', at, fix)


def _number(text: str, found: re.Match[str]) -> Token:
    number = float(found[0])
    if rest := _AFTER_A_NUMBER.match(text, found.end()):
        name = found[0] + rest[0]
        fix = "a name that begins with a digit is written in backticks; between a number and a name stands an operator"
        raise FormulaError(f'"{name}" is no number', found.start(), fix)
    if not math.isfinite(number):
        raise FormulaError(f'"{found[0]}" is too large a number', found.start())
    return Token(Sort.NUMBER, found[0], found.start(), number)


def _name(text: str, at: int, run: str, known: Container[str]) -> tuple[Token, int]:
    """The channel or word at the beginning of a `run` of letters, digits, dots and dashes."""
    for name in _beginnings(run):
        found, end = _with_bracket(text, at, name)
        if found in known:
            return Token(Sort.CHANNEL, found, at), end
    name = _unknown(text, at, run, known)
    if "." not in name:
        return Token(Sort.WORD, name, at), at + len(name)
    found, end = _with_bracket(text, at, name)
    return Token(Sort.CHANNEL, found, at), end


def _with_bracket(text: str, at: int, name: str) -> tuple[str, int]:
    """A channel with the bracket that follows at once, such as that of `band_rms(10, 1000)`, and where it ends."""
    bracket = _BRACKET.match(text, at + len(name)) if "." in name else None
    if bracket is None:
        return name, at + len(name)
    return respelled(name + bracket[0]), bracket.end()


def _unknown(text: str, at: int, run: str, known: Container[str]) -> str:
    """How much of a run is one name that nobody knows: up to a dash that a number, a word or a known one follows."""
    for name in reversed(list(_beginnings(run))[1:]):
        rest = run[len(name) + 1 :]
        follows, _ = _with_bracket(text, at + len(name) + 1, rest)
        if "." not in rest or follows in known:
            return name
    return run


def _beginnings(run: str) -> Iterator[str]:
    """A run, and what is left of it without what follows its last dash, and so on."""
    while run:
        yield run
        run = run.rpartition("-")[0]


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return at if found is None else found.end()
