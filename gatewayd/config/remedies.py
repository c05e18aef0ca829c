"""Remedies: how to write a value that is of a wrong type, or almost right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from gatewayd.config.keys import Shape
from gatewayd.config.kinds import decode
from gatewayd.config.words import did_you_mean, expected, is_huge, quoted

_ALMOST = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*([A-Za-z]*)\.?\s*", re.ASCII)
"""A number with what may be its unit."""


class _Amount(msgspec.Struct, frozen=True):
    """Numbers with a unit: what they are called, the unit of a bare one, and each unit by what people write for it."""

    words: str
    example: str
    unit: str
    units: Mapping[str, str]


def _by_spelling(units: Mapping[str, str]) -> Mapping[str, str]:
    return {each: unit for unit, spellings in units.items() for each in [unit.lower(), *spellings.split()]}


_AMOUNTS = (
    _Amount(
        "a duration",
        '"10s"',
        "s",
        _by_spelling(
            {
                "ms": "msec msecs millisecond milliseconds",
                "s": "sec secs second seconds",
                "m": "min mins minute minutes",
                "h": "hr hrs hour hours",
                "d": "day days",
            }
        ),
    ),
    _Amount(
        "a size",
        '"64MB"',
        "MB",
        _by_spelling({"kB": "k", "MB": "m", "GB": "g", "KiB": "ki", "MiB": "mi", "GiB": "gi"}),
    ),
    _Amount("a speed", '"1480rpm"', "rpm", _by_spelling({"Hz": "hertz", "rpm": "rev revs upm"})),
)


def remedy(value: Any, shape: Shape) -> str:
    """How to write a value as its shape wants it, where that is easily told."""
    wanted = expected(shape.kind)
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and not is_huge(value)
    if is_number or isinstance(value, str):
        for amount in _AMOUNTS:
            if amount.words in wanted:
                return _of_amount(str(value), amount, shape)
    if isinstance(value, str):
        return _of_text(value, wanted)
    if is_number and (wanted.split(" such as ")[0] == "text" or f'"{value}"' in wanted):
        return "write it in quotes"
    if wanted.startswith("a list") and not isinstance(value, list):
        return "write it in brackets: [...]"
    return ""


def _of_amount(written: str, amount: _Amount, shape: Shape) -> str:
    parts = _ALMOST.fullmatch(written)
    number, called = parts.groups() if parts else ("", "")
    right = number.replace(",", ".") + amount.units.get(called.lower(), amount.unit if not called else "")
    if right == written:
        return ""
    if not _is_right(right, shape):
        return f"write it like {amount.example}"
    if called:
        return f'write "{right}"'
    if "number of values" in expected(shape.kind) and number.isdecimal():
        return f'write "{right}", or {int(number)} for so many values'
    return f'write it with its unit: "{right}"'


def _is_right(written: str, shape: Shape) -> bool:
    try:
        read = msgspec.convert(written, shape.kind, dec_hook=decode)
    except msgspec.ValidationError:
        return False
    return all(bound.holds(read) for bound in shape.bounds)


def _of_text(value: str, wanted: str) -> str:
    if wanted.startswith("a list"):
        return f"write it in brackets: [{quoted(value)}]"
    if wanted == "a path" and value.startswith("~"):
        return f"write the whole path: {quoted(_whole(value), most=4096)}"
    choices = re.findall(r'"([^"]*)"', wanted) if wanted.startswith("one of") else []
    if choices:
        return did_you_mean(value, choices)
    number = value.strip().removeprefix("-").replace(".", "", 1).isdecimal()
    if (number and "number" in wanted) or (value in ("true", "false") and "true or false" in wanted):
        return "write it without quotes"
    return ""


def _whole(path: str) -> str:
    """What a shell makes of a path with ~."""
    try:
        return str(Path(path).expanduser())
    except RuntimeError:  # there is no such user
        return f"./{path}"
