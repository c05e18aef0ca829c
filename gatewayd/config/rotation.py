"""Rotation: how the speed of a shaft and the severity of vibration are written in a config."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Self

_IN_HERTZ = {"Hz": 1.0, "rpm": 1.0 / 60.0}
_SPEED = re.compile(r"(\d{1,9}(?:\.\d{1,9})?) ?(Hz|rpm)")
_CHANNEL = re.compile(r"(?!\d+([.,]\d+)?\s*[A-Za-z/]*\Z).+\..+")
"""The name of a channel, and nothing that may be meant as a number."""


class Shaft:
    """Where the speed of a shaft comes from.

    It is `speed` (Hz), it is in `channel`, or it is `between` two speeds and looked for there; the others are empty.
    """

    __slots__ = ("between", "channel", "speed")

    def __init__(self, speed: float = 0.0, channel: str = "", between: Sequence[float] = ()) -> None:
        self.speed = speed
        self.channel = channel
        self.between = tuple(between)

    def __str__(self) -> str:
        return self.channel or str(self.between or self.speed)

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read it from a config. Raises ValueError."""
        if isinstance(value, dict):
            speeds = value.get("estimate")
            if len(value) == 1 and isinstance(speeds, list) and len(speeds) == 2:
                return cls(between=[_speed(each) for each in speeds])
        elif isinstance(value, str) and _CHANNEL.fullmatch(value):
            return cls(channel=value)
        return cls(_speed(value))


class Zones:
    """The limits between the zones of severity: those of a `group` of machines, or three `limits` in mm/s."""

    __slots__ = ("group", "limits")

    def __init__(self, group: str = "", limits: Sequence[float] = ()) -> None:
        self.group = group
        self.limits = tuple(limits)

    def __str__(self) -> str:
        return self.group or str(self.limits)

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read them from a config. Raises ValueError."""
        if isinstance(value, str):
            return cls(value)
        if isinstance(value, list) and len(value) == 3 and all(map(_is_number, value)):
            return cls(limits=list(map(float, value)))
        raise ValueError(f"{value!r} is neither the name of a group nor three limits")


def _speed(text: object) -> float:
    parts = _SPEED.fullmatch(text) if isinstance(text, str) else None
    if parts is None or float(parts[1]) == 0.0:
        raise ValueError(f'{text!r} is not a speed; write it as "1480rpm" or "24.7Hz"')
    return float(parts[1]) * _IN_HERTZ[parts[2]]


def _is_number(value: object) -> bool:
    """Whether it is a finite number; TOML's whole numbers may be too large for a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e300 and math.isfinite(value)
