"""Conditions: is what a rule looks for there now? Each kind of condition says so in its own terms."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gatewayd.engine.alarms.delays import Delay
from gatewayd.engine.plan import Condition, PlannedRule
from gatewayd.records import AlarmKind, SensorFault

SECOND = 1_000_000_000
EVERYDAY = 1e9  # numbers from here on have an exponent
HISTORY = 256  # values that a rate of change remembers of its span, evenly spread

Past = list[tuple[int, float]]
"""Times with values: all that any condition remembers."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a condition went by: the number that it judged, its limit, and both in words.

    `lasted`: for how many ns a condition that needs time to be met has been there.
    """

    value: float | None
    limit: float | None
    words: str
    lasted: int = 0


class Judge:
    """A condition with what it must remember of the past; `unit` is that of the number that it judges."""

    unit: str

    def sample(self, time: int, value: float, *, active: bool) -> bool | None:
        """Whether a good value meets the condition, None when there is no telling; `active`: the alarm is raised."""
        raise NotImplementedError

    def tick(self, time: int) -> bool | None:  # noqa: ARG002 - most conditions have no use for it
        """Judge by time alone; None for conditions that only values can settle."""
        return None

    def finding(self) -> Finding:
        """What the last judgement that met the condition, or ended it, went by."""
        raise NotImplementedError

    def reset(self, time: int) -> None:
        """Forget the past: judgement begins anew at `time`."""

    def past(self, time: int) -> Past:  # noqa: ARG002 - limits have no past
        """What must be remembered over a stop at `time`, for `recall` in the same boot."""
        return []

    def recall(self, past: Past, time: int) -> None:
        """Go on at `time` where `past` was taken."""


def number(value: float, unit: str = "", digits: int = 6) -> str:
    """A number for people: without an exponent for everyday sizes; the unit of a plain number is not said.

    `digits` that matter are given, and all before the point. The usual six show limits as they were configured.
    """
    whole = len(f"{abs(value):.0f}") if abs(value) < EVERYDAY else 0
    figures = f"{value:.{max(digits, whole)}g}"
    return figures if unit in ("", "1") else f"{figures} {unit}"


def reading(value: float, unit: str = "") -> str:
    """A value as it was measured."""
    return number(value, unit, 5)


def duration(length: int) -> str:
    """A length of time (ns) in seconds."""
    return number(length / SECOND, "s", 3)


class Limits(Judge):
    """Above, below or outside limits; once raised, the value must come back to the deadband's far side."""

    def __init__(self, rule: PlannedRule, unit: str, _interval: int) -> None:
        self.unit = unit
        self._low, self._high, self._deadband = rule.low, rule.high, rule.deadband
        self._value = 0.0

    def sample(self, time: int, value: float, *, active: bool) -> bool:  # noqa: ARG002 - a Judge
        """Compare with the limits, inside of which an active alarm must return by the deadband."""
        self._value = value
        slack = self._deadband if active else 0.0
        return value > self._high - slack or value < self._low + slack

    def finding(self) -> Finding:
        """The value against the limit that it broke, or the nearer one that it respects again."""
        value = self._value
        if value > self._high:
            return self._found(self._high, f"above {number(self._high, self.unit)}")
        if value < self._low:
            return self._found(self._low, f"below {number(self._low, self.unit)}")
        near = self._high if self._high - value <= value - self._low else self._low
        return self._found(near, self._back())

    def _back(self) -> str:
        low = number(self._low + self._deadband, self.unit)
        high = number(self._high - self._deadband, self.unit)
        if self._low == float("-inf"):
            return f"no longer above {high}"
        if self._high == float("inf"):
            return f"no longer below {low}"
        return f"back between {low} and {high}"

    def _found(self, limit: float, side: str) -> Finding:
        return Finding(self._value, limit, f"{reading(self._value, self.unit)}, {side}")


class Faulty(Limits):
    """A sensor's fault: see `SensorFault`."""

    def finding(self) -> Finding:
        """What is found, by its name."""
        return Finding(self._value, None, SensorFault(round(self._value)).label)


class Rate(Judge):
    """Too fast a change, per second and either way, from the value of one span ago.

    Where values come less often than that, from the one before. No telling until half the span is covered, nor after a
    silence of more than half of it (and of more than an interval).
    """

    def __init__(self, rule: PlannedRule, unit: str, interval: int) -> None:
        self.unit = f"{unit or 1}/s"
        self._limit, self._span, self._deadband = rule.high, rule.span, rule.deadband
        self._reach = max(rule.span + rule.span // 2, 2 * interval)
        self._past: deque[tuple[int, float]] = deque()
        self._rate = 0.0

    def sample(self, time: int, value: float, *, active: bool) -> bool | None:
        """Compare with the value of one span ago."""
        past = self._past
        while past and (past[0][0] < time - self._reach or (len(past) > 1 and past[1][0] <= time - self._span)):
            past.popleft()
        if not past or time - past[-1][0] >= self._span // HISTORY:
            past.append((time, value))
        elapsed = time - past[0][0]
        if elapsed <= 0 or elapsed * 2 < self._span:
            return None
        self._rate = (value - past[0][1]) * SECOND / elapsed
        return abs(self._rate) > self._limit - (self._deadband if active else 0.0)

    def finding(self) -> Finding:
        """The rate against its limit."""
        met = abs(self._rate) > self._limit
        limit = number(self._limit if met else self._limit - self._deadband, self.unit)
        words = f"changing by {reading(self._rate, self.unit)}, {'more' if met else 'no longer more'} than {limit}"
        return Finding(self._rate, self._limit, words)

    def reset(self, time: int) -> None:  # noqa: ARG002 - a Judge
        """Forget the values."""
        self._past.clear()

    def past(self, time: int) -> Past:  # noqa: ARG002 - a Judge
        """The values."""
        return list(self._past)

    def recall(self, past: Past, time: int) -> None:  # noqa: ARG002 - a Judge
        """Have them back."""
        self._past.extend(past)


class Flat(Judge):
    """A value that does not move by more than the deadband for the span, as far as it was seen (a `Delay`)."""

    def __init__(self, rule: PlannedRule, unit: str, interval: int) -> None:
        self.unit = unit
        self._band = rule.deadband
        self._still = Delay(rule.span, interval)
        self._place: float | None = None
        self._value = 0.0

    def sample(self, time: int, value: float, *, active: bool) -> bool | None:
        """Compare with the value that it has stayed near to; a raised alarm goes on until it moves."""
        place, self._value = self._place, value
        if place is not None and abs(value - place) <= self._band:
            return self._still.passed(time) or active
        self._place = value
        self._still.stop()
        self._still.passed(time)
        return None if place is None else False

    def finding(self) -> Finding:
        """Where it stands and for how long, or that it moves."""
        still = self._still.held()
        moved = f"moved by more than {number(self._band, self.unit)}" if self._band else "changed"
        words = f"not {moved} for {duration(still)}" if still else f"{moved} again"
        return Finding(self._value, self._band, f"{reading(self._value, self.unit)}, {words}", lasted=still)

    def reset(self, time: int) -> None:  # noqa: ARG002 - a Judge
        """Forget where it stood."""
        self._place = None
        self._still.stop()

    def past(self, time: int) -> Past:  # noqa: ARG002 - a Judge
        """Where it stands, since when and until when."""
        return [] if self._place is None else [(each, self._place) for each in self._still.state() or ()]

    def recall(self, past: Past, time: int) -> None:  # noqa: ARG002 - a Judge
        """Stand there again; a stop that was too long is a silence like any other."""
        if past:
            (since, self._place), (last, _) = past
            self._still.restore((since, last))


class Stale(Judge):
    """No good value for the span."""

    def __init__(self, rule: PlannedRule, _unit: str, _interval: int) -> None:
        self.unit = "s"
        self._span = rule.span
        self._last: int | None = None
        self._silence = 0
        self._over = False

    def sample(self, time: int, value: float, *, active: bool) -> bool:  # noqa: ARG002 - a Judge
        """A good value ends the silence."""
        self._silence = 0 if self._last is None else time - self._last
        self._last = time if self._last is None else max(self._last, time)
        self._over = True
        return False

    def tick(self, time: int) -> bool | None:
        """Measure the silence; it begins at the first tick when there never was a value."""
        if self._last is None:
            self._last = time
        self._silence, self._over = time - self._last, False
        return True if self._silence >= self._span else None

    def finding(self) -> Finding:
        """How long it was silent, and whether it is still."""
        limit = self._span / SECOND
        if self._over:
            return Finding(None, limit, "good values again")
        words = f"no good value for {duration(self._silence)}"
        return Finding(self._silence / SECOND, limit, words, lasted=self._silence)

    def reset(self, time: int) -> None:
        """Silence counts from now."""
        self._last = time

    def past(self, time: int) -> Past:
        """The silence so far."""
        return [] if self._last is None else [(time - self._last, 0.0)]

    def recall(self, past: Past, time: int) -> None:
        """Silent for as long as before: while nobody listened, nobody was silent."""
        if past:
            self._last = time - past[0][0]


JUDGES: Mapping[Condition, Callable[[PlannedRule, str, int], Judge]] = {
    Condition.ABOVE: Limits,
    Condition.BELOW: Limits,
    Condition.OUTSIDE: Limits,
    Condition.RATE: Rate,
    Condition.FLAT: Flat,
    Condition.STALE: Stale,
}


def judge_of(rule: PlannedRule, unit: str, interval: int) -> Judge:
    """What judges a rule's channel, of this unit, that has a value every `interval` ns."""
    judge = Faulty if rule.kind is AlarmKind.SENSOR else JUDGES[rule.condition]
    return judge(rule, unit, interval)
