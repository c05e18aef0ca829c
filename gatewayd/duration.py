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
