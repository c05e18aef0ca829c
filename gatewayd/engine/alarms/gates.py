"""Gates: what a rule's `while` channel says about whether the rule is to judge at all."""

from __future__ import annotations

import math

from gatewayd.engine.alarms.conditions import duration
from gatewayd.engine.latest import INTERVALS, LEAST
from gatewayd.model import Quality


class Gate:
    """A channel that rules follow: 0 closes the gate, any other number opens it; `inverted`, the other way round.

    A value counts for ten of the channel's intervals, ten seconds at least. `known` is what the last good one said,
    however long ago.
    """

    __slots__ = ("_bad", "_inverted", "_last", "_patience", "known", "name")

    def __init__(self, name: str, interval: int = 0, *, inverted: bool = False) -> None:
        self.name = name
        self.known: bool | None = None
        self._inverted = inverted
        self._patience = max(LEAST, INTERVALS * interval)
        self._last: int | None = None
        self._bad: int | None = None
        """Since when its values are bad."""

    @property
    def words(self) -> str:
        """What closes it."""
        return f"{self.name} is {'not ' if self._inverted else ''}0"

    def sample(self, time: int, value: float, quality: int) -> bool:
        """Take a value in; True when the gate was opened or closed by it, or is found closed at first sight."""
        self._last = time
        if quality > Quality.UNCERTAIN or not math.isfinite(value):
            self._bad = time if self._bad is None else self._bad
            return False
        self._bad = None
        before, self.known = self.known, (value != 0.0) is not self._inverted
        return self.known is not before and not (before is None and self.known)

    def open(self, time: int) -> bool | None:
        """Whether it is open at `time`; None when that is not known."""
        if self._bad is not None or self._last is None or time - self._last > self._patience:
            return None
        return self.known

    def unknown(self, time: int) -> tuple[str, int | None]:
        """Why it is not known at `time` whether it is open, and since when; None: it never was."""
        if self._last is None:
            return f"{self.name} has had no value yet", None
        silence = time - self._last
        if silence > self._patience:
            return f"{self.name} has had no value for {duration(silence)}", self._last
        return f"{self.name} is bad", self._bad
