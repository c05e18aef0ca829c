"""Durations as people write them: `"500ms"`, `"10s"`, `"5m"`, `"24h"`, `"7d"`."""

from __future__ import annotations

import re
from typing import Self

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_FORM = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


class Duration(float):
    """A length of time in seconds. In a config it is written with its unit, so that nobody mistakes it."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read a duration from a config. Raises ValueError, with what would be right."""
        parts = _FORM.fullmatch(text) if isinstance(text, str) else None
        if parts is None:
            raise ValueError(f'{text!r} is not a duration; write it as "500ms", "10s", "5m" or "24h"')
        return cls(float(parts[1]) * _SECONDS[parts[2]])

    @property
    def nanoseconds(self) -> int:
        """The same, as the engine counts."""
        return round(self * 1_000_000_000)


def written(seconds: float) -> str:
    """A length of time as it is written in a config: in the largest unit that needs no fraction, else in seconds."""
    milliseconds = round(seconds * 1000.0)
    if abs(milliseconds - seconds * 1000.0) > 1e-6:
        return f"{seconds:.9f}".rstrip("0") + "s"
    for unit in ("d", "h", "m", "s", "ms"):
        whole, rest = divmod(milliseconds, round(_SECONDS[unit] * 1000))
        if not rest and (whole or unit == "s"):
            break
    return f"{whole}{unit}"
