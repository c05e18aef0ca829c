"""Kinds: the types of config values that TOML does not have, how they are written, and what bounds they may have."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import msgspec

from gatewayd.config.rotation import Shaft, Zones
from gatewayd.duration import Duration

NO_TIME = Duration(0)

_SIZES = {"kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,9})?) ?(kB|MB|GB|KiB|MiB|GiB)")


class Size(int):
    """A number of bytes, written with its unit: `"64MB"`, `"64MiB"`."""

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read a size from a config. Raises ValueError."""
        parts = _SIZE.fullmatch(text) if isinstance(text, str) else None
        if parts is None:
            raise ValueError(f'{text!r} is not a size; write it as "64MB" or "64MiB"')
        return cls(float(parts[1]) * _SIZES[parts[2]])


class Extent:
    """How far back a window reaches: for a time, or over a number of values (the other one is 0)."""

    __slots__ = ("samples", "time")

    def __init__(self, time: Duration = NO_TIME, samples: int = 0) -> None:
        self.time = time
        self.samples = samples

    def __str__(self) -> str:
        return str(self.samples) if self.samples else f"{self.time}s"

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read an extent from a config. Raises ValueError."""
        if isinstance(value, int) and not isinstance(value, bool):
            return cls(samples=value)
        return cls(_duration(value))

    def reaches(self) -> bool:
        """Whether it reaches back at all, and not too far."""
        return self.samples >= 2 if self.samples else 0 < self.time <= Duration.parse("30d")

    def teaches(self) -> bool:
        """Whether it is long enough to learn from, and ever over."""
        return self.samples >= 50 if self.samples else Duration(60) <= self.time <= Duration.parse("365d")


class Notation(msgspec.Struct, frozen=True):
    """How values of a type are read from what TOML has, and what they are called."""

    parse: Callable[[Any], Any]
    words: str


def _duration(text: object) -> Duration:
    duration = Duration.parse(text)
    if not math.isfinite(duration):
        raise ValueError(f"{text!r} is for ever")
    return duration


def _path(text: object) -> Path:
    """Nobody expands ~ for us: it would be the name of a folder."""
    if not isinstance(text, str) or not text or "\0" in text or text.startswith("~"):
        raise ValueError(f"{text!r} is not a path")
    return Path(text)


NOTATIONS: dict[Any, Notation] = {
    Duration: Notation(_duration, 'a duration such as "10s"'),
    Size: Notation(Size.parse, 'a size such as "64MB"'),
    Extent: Notation(Extent.parse, 'a duration such as "10s", or a number of values such as 100'),
    Path: Notation(_path, "a path"),
    Shaft: Notation(
        Shaft.parse,
        'a speed such as "1480rpm", a channel such as "pump1.speed", or { estimate = ["20Hz", "30Hz"] }',
    ),
    Zones: Notation(
        Zones.parse,
        'a group such as "ISO 10816-7 category 1 up to 200 kW", or three limits in mm/s such as [2.5, 4.0, 6.6]',
    ),
}


def decode(kind: type, value: Any) -> Any:
    """msgspec's way to values of our own kinds."""
    if kind not in NOTATIONS:
        raise NotImplementedError(f"options of type {kind.__name__} cannot be written in a config")
    return NOTATIONS[kind].parse(value)


class Bound(msgspec.Struct, frozen=True):
    """What a value must fulfil beyond its type (as `Annotated[..., Bound]`), and what is called right.

    `form` is the same for editors, as JSON Schema, as far as that can say it; never stricter.
    """

    words: str
    holds: Callable[[Any], bool]
    form: Mapping[str, Any] = MappingProxyType({})

    def __hash__(self) -> int:
        return hash((self.words, self.holds))


def lasting(least: str, most: str) -> Bound:
    """A duration within limits."""
    low, high = Duration.parse(least), Duration.parse(most)
    return Bound(f'a duration from "{least}" to "{most}"', lambda value: low <= value <= high)


def sized(least: str, most: str) -> Bound:
    """A size within limits."""
    low, high = Size.parse(least), Size.parse(most)
    return Bound(f'a size from "{least}" to "{most}"', lambda value: low <= value <= high)


def spelt(pattern: str, words: str, simply: str = "") -> Bound:
    """Text of a form; `simply`: the same for editors, some of which know plain letters only."""
    form = re.compile(pattern)
    return Bound(words, lambda value: form.fullmatch(value) is not None, {"pattern": f"^(?:{simply or pattern})$"})


FINITE = Bound("a finite number", math.isfinite)
POSITIVE = Bound("a number above 0", lambda value: math.isfinite(value) and value > 0, {"exclusiveMinimum": 0})
NOT_NEGATIVE = Bound("a number of 0 or more", lambda value: math.isfinite(value) and value >= 0, {"minimum": 0})
NOT_EMPTY = Bound("a list [...] of one element or more", bool, {"minItems": 1})
NAME = spelt(r"[A-Za-z0-9_-]{1,64}", "a name of letters, digits, _ and -")
PLAIN_TEXT = spelt(
    r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*",  # the last ones turn the direction of writing
    "text without control characters",
)
CHANNEL_NAME = spelt(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", "a name of letters, digits, _ and -")
GATEWAY_ID = spelt(
    r"\w[^/+#\s\x00-\x1f\x7f-\x9f]*",
    "a name that begins with a letter or digit, without spaces, /, + and #",
    r"[^/+#\s]{1,64}",
)
NOT_LONG = Bound("64 characters at most", lambda text: len(text) <= 64, {"maxLength": 64})
TOPIC_PREFIX = spelt(
    r"[^/+#\s\x00-\x1f\x7f$][^/+#\s\x00-\x1f\x7f]*(/[^/+#\s\x00-\x1f\x7f]+)*",
    'the first part of a topic, such as "gatewayd" or "plant/gatewayd"',
    r"[^/+#\s$][^/+#\s]*(/[^/+#\s]+)*",
)
