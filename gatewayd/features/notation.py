"""Notation: how a feature is written, `rms` or `band_rms(10, 1000)`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_FEATURE = re.compile(r"\s*([A-Za-z_][\w-]*(?:\.[A-Za-z_]\w*)?)\s*(?:\(([^()]*)\))?\s*", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(_\d+)*(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Written:
    """A feature as it is written: `plugin.name` for one of a plugin; str() gives the one way to spell it."""

    name: str
    parameters: tuple[float, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(spelled, self.parameters))})" if self.parameters else self.name


def parse(text: str) -> Written:
    """Read a feature. Raises ValueError, which says what was expected."""
    parts = _FEATURE.fullmatch(text)
    if parts is None:
        raise ValueError('expected a feature such as "rms" or "band_rms(10, 1000)"')
    name, inner = parts[1], (parts[2] or "").strip()
    numbers = [each.strip() for each in inner.split(",")] if inner else []
    if not all(_NUMBER.fullmatch(each) and math.isfinite(float(each)) for each in numbers):
        raise ValueError('expected numbers in the brackets, such as "band_rms(10, 1000)"')
    return Written(name, tuple(map(float, numbers)))


def spelled(number: float) -> str:
    """A number without digits that say nothing."""
    return str(int(number)) if float(number).is_integer() and abs(number) < 1e16 else repr(number)


def respelled(channel: str) -> str:
    """The name of a channel with a feature at its end as str(Written) has it; any other name as it is."""
    name, bracket, inner = channel.partition("(")
    origin, dot, feature = name.rpartition(".")
    try:
        return f"{origin}{dot}{parse(feature + bracket + inner)}" if bracket else channel
    except ValueError:
        return channel
