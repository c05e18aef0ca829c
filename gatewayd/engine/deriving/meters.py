"""Meters: by how much a total grows from one value of a channel to the next: of a rate, of a counter."""

from __future__ import annotations

from dataclasses import dataclass

from gatewayd.engine.alarms.conditions import duration, number
from gatewayd.model import Quality

SECOND = 1_000_000_000
NEAR = 0.25
"""A counter that goes back has wrapped if that is an advance of no more than this part of its range; it has been reset
if it is below this part of where it was."""


@dataclass(frozen=True, slots=True)
class Advance:
    """What is to be added to a total; `doubt` says why its `quality` is not good."""

    added: float = 0.0
    doubt: str = ""
    quality: Quality = Quality.GOOD


class Meter:
    """What turns values into advances: `last` is the value before, of `time`; `missed` are seconds that are not in."""

    def __init__(self) -> None:
        self.time: int | None = None
        self.last = 0.0
        self.missed = 0.0

    def take(self, time: int, value: float) -> Advance:
        """Take a good value in."""
        raise NotImplementedError

    def resume(self, time: int | None, last: float, *, rebooted: bool) -> None:
        """Go on where an earlier run was at a `time` of its boot."""
        raise NotImplementedError


class Rate(Meter):
    """Integrates by the trapezoidal rule what comes `per` so many ns; longer than `patience` it misses."""

    def __init__(self, per: int, patience: int) -> None:
        super().__init__()
        self._per = per
        self._patience = patience

    def take(self, time: int, value: float) -> Advance:
        """What has flowed since the value before. Time that goes back adds nothing."""
        since, before = self.time, self.last
        self.time, self.last = time, value
        if since is None or time <= since:
            return Advance()
        if time - since > self._patience:
            self.missed += (time - since) / SECOND
            return Advance(0.0, f"the last {duration(time - since)} are not in it", Quality.UNCERTAIN)
        return Advance((before / 2.0 + value / 2.0) * ((time - since) / self._per))

    def resume(self, time: int | None, last: float, *, rebooted: bool) -> None:
        """In another boot nobody knows how long nothing was measured."""
        if not rebooted:
            self.time, self.last = time, last


class Counter(Meter):
    """Goes on where a counter goes back, because it has wrapped (at `wrap`; 0: never) or has been reset.

    One reading alone that is too low is made good when the next one is not below what was there before it.
    """

    def __init__(self, wrap: float) -> None:
        super().__init__()
        self._wrap = wrap
        self._fallen: tuple[float, float] | None = None

    def take(self, time: int, value: float) -> Advance:
        """What it has counted since the reading before."""
        if value < 0.0 or value > self._wrap > 0.0:
            end = f" to {number(self._wrap)}" if self._wrap else ""
            return Advance(0.0, f"{number(value)} is no reading of a counter from 0{end}", Quality.BAD)
        first, before, fallen = self.time is None, self.last, self._fallen
        self.time, self.last, self._fallen = time, value, None
        if first:
            return Advance()
        if fallen is not None and value >= fallen[0]:
            return Advance(value - fallen[0] - fallen[1])
        if value >= before:
            return Advance(value - before)
        advance = self._back(before, value)
        self._fallen = before, advance.added
        return advance

    def resume(self, time: int | None, last: float, *, rebooted: bool) -> None:  # noqa: ARG002 - a Meter
        """It has gone on counting."""
        self.time, self.last = time, last

    def _back(self, before: float, value: float) -> Advance:
        """What it means that a counter went back."""
        beyond = value + self._wrap - before
        if self._wrap and beyond <= NEAR * self._wrap:
            return Advance(beyond)
        went = f"went back from {number(before)} to {number(value)}"
        if value < NEAR * before:
            return Advance(value, f"{went}: it was reset, what it counted just before is not in it", Quality.UNCERTAIN)
        return Advance(0.0, f"{went}: too far for a wrap, not far enough for a reset", Quality.UNCERTAIN)
