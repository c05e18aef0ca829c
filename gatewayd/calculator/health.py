"""Health: how a calculation is doing, counted for people, and logged once when trouble begins and once when it ends."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import structlog

SLOW = 1.0
"""Seconds from which on a calculation is slow; it is slow, too, when the next window comes before it is done."""
CALM = 10.0
"""Seconds without trouble after which it is over: what comes and goes is logged once."""

log = structlog.get_logger()


class State(enum.StrEnum):
    """How a calculation is doing."""

    STARTING = "starting"
    """Nothing has been computed yet."""
    OK = "ok"
    SLOW = "slow"
    FAILING = "failing"
    STUCK = "stuck"
    """It is still computing what was given up long ago."""


class Trouble(enum.IntEnum):
    """What was logged when it began; the worse it is, the higher."""

    NONE = 0
    SLOW = 1
    FAILED = 2


_EVENTS = {Trouble.SLOW: "feature_slow", Trouble.FAILED: "feature_failed"}


@dataclass(frozen=True, slots=True)
class CalculationStatus:
    """One calculation at one moment.

    `count` windows were answered, of which `failed` without a value; `passed_over` more came while it was at work on
    earlier ones. `mean_ms` and `longest_ms` are how long it took. `last_error` outlives the trouble.
    """

    name: str
    plugin: str
    state: State
    count: int
    failed: int
    passed_over: int
    mean_ms: float | None
    longest_ms: float | None
    last_error: str


class Health:
    """The counts and the state of one calculation; `now` is always a time of the event loop."""

    def __init__(self, name: str, plugin: str, calm: float = CALM) -> None:
        self._name = name
        self._plugin = plugin
        self._calm = calm
        self._state = State.STARTING
        self._count = self._failed = self._passed_over = self._timed = 0
        self._total = self._longest = 0.0
        self._last_error = ""
        self._trouble = Trouble.NONE
        self._since = self._seen = 0.0
        """When trouble began, and when there was some last."""

    def status(self) -> CalculationStatus:
        """How it is doing."""
        return CalculationStatus(
            name=self._name,
            plugin=self._plugin,
            state=self._state,
            count=self._count,
            failed=self._failed,
            passed_over=self._passed_over,
            mean_ms=1e3 * self._total / self._timed if self._timed else None,
            longest_ms=1e3 * self._longest if self._timed else None,
            last_error=self._last_error,
        )

    def answered(self, seconds: float, now: float) -> None:
        """It gave values after so many seconds."""
        self._count += 1
        self._time(seconds)
        if seconds > SLOW:
            self._state = State.SLOW
            self._suffer(Trouble.SLOW, f"took {seconds:.1f} s", now)
            return
        self._state = State.OK
        if self._trouble and now - self._seen >= self._calm:
            self._trouble = Trouble.NONE
            log.info("feature_recovered", feature=self._name, plugin=self._plugin, seconds=round(now - self._since, 3))

    def failed(self, seconds: float, reason: str, now: float, bug: BaseException | None) -> None:
        """It gave none after so many seconds; `bug` is what its code raised, if it did."""
        self._time(seconds)
        self._fail(reason, State.FAILING)
        self._suffer(Trouble.FAILED, reason, now, bug)

    def stuck(self, reason: str, now: float) -> None:
        """It is given up, but goes on."""
        self._fail(reason, State.STUCK)
        self._suffer(Trouble.FAILED, reason, now)

    def returned(self, seconds: float, now: float) -> None:
        """What was given up has ended after all."""
        self._time(seconds)
        self._state = State.FAILING
        self._seen = now

    def refused(self, reason: str) -> None:
        """It was not even begun, for a reason that is logged elsewhere."""
        if self._state is State.STUCK:
            self._fail(self._last_error, State.STUCK)
        else:
            self._fail(reason, State.FAILING)

    def passed_over(self, now: float) -> None:
        """A window came while it was at work on earlier ones."""
        self._passed_over += 1
        if self._state in (State.STARTING, State.OK):
            self._state = State.SLOW
        self._suffer(Trouble.SLOW, "the next window came before it was done", now)

    def _time(self, seconds: float) -> None:
        self._timed += 1
        self._total += seconds
        self._longest = max(self._longest, seconds)

    def _fail(self, reason: str, state: State) -> None:
        self._count += 1
        self._failed += 1
        self._last_error = reason
        self._state = state

    def _suffer(self, trouble: Trouble, reason: str, now: float, bug: BaseException | None = None) -> None:
        self._seen = now
        if trouble <= self._trouble:
            return
        self._since = self._since if self._trouble else now
        self._trouble = trouble
        traceback = {"exc_info": bug} if bug else {}
        log.warning(_EVENTS[trouble], feature=self._name, plugin=self._plugin, reason=reason, **traceback)
