"""Conditions: is what a rule looks for there now? Each kind of condition says so in its own terms."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from gatewayd.engine.plan import Condition, PlannedRule

SECOND = 1_000_000_000
HISTORY = 256  # values that a rate of change remembers at most, evenly spread over its span


@dataclass(frozen=True, slots=True)
class Finding:
    """What a condition found: whether it is met, the number it went by, its limit, and both in words."""

    met: bool
    value: float | None
    limit: float | None
    words: str


class Judge(Protocol):
    """A condition with what it must remember of the past; `unit` is that of what it finds."""

    unit: str

    def sample(self, time: int, value: float, *, active: bool) -> Finding | None:
        """Judge a good value; None when there is no telling yet. `active`: the alarm is raised."""

    def tick(self, time: int, *, active: bool) -> Finding | None:
        """Judge by time alone; None for conditions that only values can settle."""

    def reset(self, time: int) -> None:
        """Forget the past: judgement begins anew at `time`."""


def number(value: float) -> str:
    """A number for people: six digits, no exponent for everyday sizes."""
    return f"{value:.6g}"


class Limits:
    """Above, below or outside limits; once raised, the value must come back by more than the deadband."""

    def __init__(self, rule: PlannedRule, unit: str) -> None:
        self.unit = unit
        self._low, self._high, self._deadband = rule.low, rule.high, rule.deadband
        self._unit = f" {unit}" if unit else ""

    def sample(self, time: int, value: float, *, active: bool) -> Finding:  # noqa: ARG002 - a Judge
        """Compare with the limits, inside of which an active alarm must return by the deadband."""
        slack = self._deadband if active else 0.0
        if value > self._high - slack:
            return Finding(True, value, self._high, self._words(value, "above", self._high - slack))
        if value < self._low + slack:
            return Finding(True, value, self._low, self._words(value, "below", self._low + slack))
        near = self._high if self._high - value <= value - self._low else self._low
        return Finding(False, value, near, f"{number(value)}{self._unit}, back within the limit")

    def tick(self, time: int, *, active: bool) -> None:
        """Limits are for values to break."""

    def reset(self, time: int) -> None:
        """There is no past to forget."""

    def _words(self, value: float, side: str, limit: float) -> str:
        return f"{number(value)}{self._unit}, {side} {number(limit)}{self._unit}"


class Rate:
    """Too fast a change: the difference from the oldest value within the span, per second, either way."""

    def __init__(self, rule: PlannedRule, unit: str) -> None:
        self.unit = f"{unit or 1}/s"
        self._limit, self._span, self._deadband = rule.high, rule.span, rule.deadband
        self._unit = f" {unit}/s" if unit else " per second"
        self._past: deque[tuple[int, float]] = deque()

    def sample(self, time: int, value: float, *, active: bool) -> Finding | None:
        """Compare with the oldest value remembered; no telling until half the span is covered."""
        past = self._past
        while past and past[0][0] < time - self._span:
            past.popleft()
        oldest = past[0] if past else (time, value)
        if not past or time - past[-1][0] >= self._span // HISTORY:
            past.append((time, value))
        elapsed = time - oldest[0]
        if elapsed <= 0 or elapsed * 2 < self._span:
            return None
        rate = (value - oldest[1]) * SECOND / elapsed
        limit = self._limit - (self._deadband if active else 0.0)
        met = abs(rate) > limit
        words = (
            f"changing by {number(rate)}{self._unit}, {'more' if met else 'no more'} than {number(limit)}{self._unit}"
        )
        return Finding(met, rate, self._limit, words)

    def tick(self, time: int, *, active: bool) -> None:
        """A change takes values."""

    def reset(self, time: int) -> None:  # noqa: ARG002 - a Judge
        """Forget the values."""
        self._past.clear()


class Flat:
    """A value that does not move by more than the deadband for the span."""

    def __init__(self, rule: PlannedRule, unit: str) -> None:
        self.unit = unit
        self._span, self._band = rule.span, rule.deadband
        self._unit = f" {unit}" if unit else ""
        self._since: int | None = None
        self._value = 0.0

    def sample(self, time: int, value: float, *, active: bool) -> Finding:  # noqa: ARG002 - a Judge
        """Compare with the value that it has stayed near to."""
        if self._since is None or abs(value - self._value) > self._band:
            self._since, self._value = time, value
            return Finding(False, value, self._band, f"{number(value)}{self._unit}, moving")
        seconds = (time - self._since) / SECOND
        words = f"{number(value)}{self._unit}, not changed by more than {number(self._band)} for {number(seconds)} s"
        return Finding(time - self._since >= self._span, value, self._band, words)

    def tick(self, time: int, *, active: bool) -> None:
        """Whether it moved is for values to say; their absence is a matter for a stale rule."""

    def reset(self, time: int) -> None:  # noqa: ARG002 - a Judge
        """Forget where it stood."""
        self._since = None


class Stale:
    """No good value for longer than the span."""

    def __init__(self, rule: PlannedRule, unit: str) -> None:  # noqa: ARG002 - made like the other conditions
        self.unit = "s"
        self._span = rule.span
        self._last: int | None = None

    def sample(self, time: int, value: float, *, active: bool) -> Finding:  # noqa: ARG002 - a Judge
        """A good value ends the silence."""
        silence = 0 if self._last is None else time - self._last
        self._last = time
        return Finding(False, silence / SECOND, self._span / SECOND, "good values again")

    def tick(self, time: int, *, active: bool) -> Finding | None:  # noqa: ARG002 - a Judge
        """Measure the silence; it begins at the first tick when there never was a value."""
        if self._last is None:
            self._last = time
        silence = time - self._last
        if silence < self._span:
            return None
        seconds = silence / SECOND
        return Finding(True, seconds, self._span / SECOND, f"no good value for {number(seconds)} s")

    def reset(self, time: int) -> None:
        """Silence counts from now."""
        self._last = time


JUDGES: Mapping[Condition, Callable[[PlannedRule, str], Judge]] = {
    Condition.ABOVE: Limits,
    Condition.BELOW: Limits,
    Condition.OUTSIDE: Limits,
    Condition.RATE: Rate,
    Condition.FLAT: Flat,
    Condition.STALE: Stale,
}
