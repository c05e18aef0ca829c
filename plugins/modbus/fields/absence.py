"""Absence: the numbers by which a device says that there is no value, such as 32767 for no sensor."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gatewayd.plugin import OptionError
from gatewayd_plugins.modbus.fields.capacity import Capacity
from gatewayd_plugins.modbus.fields.options import Code, Codes

NO_SENSOR = "no sensor"
_PATTERN = re.compile(r"0[xX][0-9a-fA-F]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class AbsentCode:
    """A number, before it is scaled, that is no value, and why: `reason` names the code as the integrator wrote it.

    A zero is no value whatever its sign, a negative zero only for itself.
    """

    number: float
    reason: str

    def is_meant_by(self, number: float) -> bool:
        """Whether a number is this code."""
        return number == self.number and math.copysign(1.0, number) <= math.copysign(1.0, self.number)


def absent_codes(absent: Codes | None, capacity: Capacity, path: Sequence[str]) -> tuple[AbsentCode, ...]:
    """The codes that an option `absent` gives. Raises OptionError at the one below `path` that cannot be."""
    if absent is None:
        return ()
    if isinstance(absent, Mapping):
        return tuple(_code(code, f"{why} (code {code})", capacity, [*path, code]) for code, why in absent.items())
    listed = absent if isinstance(absent, list) else [absent]
    return tuple(_code(code, f"{NO_SENSOR} (code {code})", capacity, path) for code in listed)


def _code(written: Code, reason: str, capacity: Capacity, path: Sequence[str]) -> AbsentCode:
    if isinstance(written, str) and _PATTERN.fullmatch(written):
        return AbsentCode(_of_pattern(written, capacity, path), reason)
    try:
        number = _exactly(written)
    except ValueError:
        what = f"{written!r} is not a number"
        raise OptionError(path, what, 'give the raw number, such as 32767, or its bits as "0x7FFF"') from None
    if not capacity.span[0] <= number <= capacity.span[1]:
        raise OptionError(path, f"{capacity} is never {written}", _in_span(capacity, number))
    if capacity.type.whole and number != int(number):
        raise OptionError(path, f"{capacity} is never {written}", "give the raw number, before it is scaled")
    return AbsentCode(_rounded(number, capacity), reason)


def _of_pattern(written: str, capacity: Capacity, path: Sequence[str]) -> float:
    pattern = int(written, 16)
    if pattern >> capacity.width:
        fix = f"give {-(-capacity.width // 4)} digits at most"
        raise OptionError(path, f"{written} has more bits than {capacity}", fix)
    number = capacity.of_pattern(pattern)
    if not np.isfinite(number):
        raise OptionError(path, f"{written} is no number in {capacity}, which is bad anyhow", "leave it out")
    return number


def _exactly(written: Code) -> int | float:
    """The number as it is written: one of 64 bits is more than a float holds."""
    if isinstance(written, int):
        return written
    try:
        return int(written) if isinstance(written, str) else written
    except ValueError:
        return float(written)


def _in_span(capacity: Capacity, number: float) -> str:
    low, high = capacity.span
    if capacity.type.family == "int" and high < number < 2**capacity.width and number == int(number):
        return f'what is {number:.0f} without a sign is "{int(number):#x}", or {int(number) - 2**capacity.width}'
    return f"its numbers are from {low:g} to {high:g}: give the raw one, before it is scaled"


def _rounded(number: float, capacity: Capacity) -> float:
    """As the type holds it: -999.9 is another number in 32 bits."""
    return float(number if capacity.type.whole else np.array(number, capacity.type.dtype))
