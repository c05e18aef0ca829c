"""Units: the UCUM codes of acceleration and of speed of rotation, with what brings them to the one we compute in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

STANDARD_GRAVITY = 9806.65
"""In mm/s2."""

ACCELERATIONS: Mapping[str, float] = MappingProxyType(
    {
        "m/s2": 1000.0,
        "mm/s2": 1.0,
        "cm/s2": 10.0,
        "[g]": STANDARD_GRAVITY,
        "m[g]": STANDARD_GRAVITY / 1000.0,
        **dict.fromkeys(["g", "[g_n]", "g_n"], STANDARD_GRAVITY),
        "mg": STANDARD_GRAVITY / 1000.0,
    }
)
"""In mm/s2. In UCUM `g` is the gram; as the unit of a vibration nobody means that."""

SPEEDS: Mapping[str, float] = MappingProxyType(
    {
        **dict.fromkeys(["Hz", "1/s", "/s", "s-1", "{rev}/s", "{rot}/s"], 1.0),
        **dict.fromkeys(["1/min", "/min", "min-1", "{rev}/min", "{rot}/min", "rpm", "{rpm}"], 1.0 / 60.0),
    }
)
"""In Hz, which are revolutions per second."""
