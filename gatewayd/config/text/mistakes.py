"""Mistakes: what people write into a config that is right elsewhere, but no TOML."""

from __future__ import annotations

import re

from gatewayd.config.words import quoted

_CONFLICT = re.compile(r"(<{7}|={7}|>{7}|\|{7})(?: |$)")
_NUMBER = re.compile(r"=[ \t]*([+-]?\d[\d_]*(?:\.\d+)?)([ \t]*)$")
_FRACTION = re.compile(r"\.\d+")
_DECIMALS = re.compile(r",(\d+)[ \t]*(?:#.*)?$")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_UNIT = re.compile(r"([^\W\d_][^,\s#]*|[°%/][^,\s#]*)[ \t]*(?:#.*)?")

Mistake = tuple[str, str]
"""What is wrong, and what would be right."""


def mistaken(said: str, line: str, column: int) -> Mistake | None:
    """What is written in a line, at a column of which the parser has `said` something; None when we know no better."""
    before, rest = line[: column - 1], line[column - 1 :].strip()
    if _CONFLICT.match(line):
        return "this is the mark of a merge conflict", "keep one of the two versions, and remove the marks"
    if rest.startswith("{") and not before.strip():
        return "this is JSON, not TOML", "write [table] and key = value, as `gatewayd sample` does"
    if rest and said.startswith("Expected ']' at the end of a table declaration"):
        return "this cannot be in the name of a table", "a name has letters from a to z, digits, _ and -"
    fraction = _FRACTION.match(rest)
    if fraction and said == "Invalid value":
        return "a number does not begin with a point", f"write 0{fraction[0]}"
    number = _NUMBER.search(before)
    return _behind(number[1], number[2], rest) if number and said.startswith("Expected newline") else None


def _behind(number: str, space: str, rest: str) -> Mistake | None:
    """What comes after a number: 6,0 and 06 and 5. and 6.0 bar."""
    if part := _DECIMALS.match(rest):
        return "a number has a decimal point, not a comma", f"write {number}.{part[1]}"
    if part := _DIGITS.match(rest):
        return "a number does not begin with 0", f"write {number.replace('0', '')}{part[0].lstrip('0') or '0'}"
    if rest == ".":
        return "a number does not end with a point", f"write {number}.0"
    if unit := _UNIT.fullmatch(rest):
        text = quoted(f"{number}{space}{unit[1]}")
        return "a number has no unit", f"text must be in quotes: {text}; or write {number} alone"
    return None
