"""Status: how each source is doing, counted for people and logged once when trouble begins and once when it ends."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import structlog

from gatewayd import clock
from gatewayd.sources.calls import CallFailed

SECOND = 1_000_000_000

log = structlog.get_logger()


class State(enum.StrEnum):
    """How a source is doing."""

    STARTING = "starting"
    """No poll has ended yet."""
    OK = "ok"
    FAILING = "failing"
    QUARANTINED = "quarantined"
    """It failed again and again and is now tried only from time to time."""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source at one moment.

    `since` is when its state began (`gatewayd.clock`). `polls` had an outcome, of which `failed` had no answer;
    `missed` more were due and did not happen. `last_error` outlives the trouble. `duration` is how many seconds
    the last good poll took.
    """

    name: str
    plugin: str
    state: State
    since: int
    polls: int
    failed: int
    missed: int
    last_error: str
    duration: float | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the log tells when it ends: since when the source fails, and how many polls had failed before."""

    since: int
    failed_before: int


class Health:
    """The counts and the state of one source."""

    def __init__(self, name: str, plugin: str) -> None:
        self._name = name
        self._plugin = plugin
        self._state = State.STARTING
        self._since = clock.now()
        self._polls = 0
        self._failed = 0
        self._missed = 0
        self._last_error = ""
        self._duration: float | None = None
        self._trouble: Trouble | None = None

    @property
    def is_ok(self) -> bool:
        """Whether all that is polled answered when it was tried last."""
        return self._state is State.OK

    def status(self) -> SourceStatus:
        """How the source is doing now."""
        return SourceStatus(
            self._name,
            self._plugin,
            self._state,
            self._since,
            self._polls,
            self._failed,
            self._missed,
            self._last_error,
            self._duration,
        )

    def answered(self, missed: int, seconds: float) -> None:
        """A poll was answered within `seconds`, after `missed` that were due and did not happen."""
        self._polls += 1
        self._missed += missed
        self._duration = seconds

    def unanswered(self, missed: int) -> None:
        """A poll had no answer, after `missed` that were due and did not happen."""
        self._polls += 1
        self._failed += 1
        self._missed += missed

    def well(self) -> None:
        """All that is polled answers."""
        self._enter(State.OK)
        if self._trouble:
            failing_for = round((self._since - self._trouble.since) / SECOND, 3)
            failed = self._failed - self._trouble.failed_before
            log.info("source_recovered", source=self._name, failing_for=failing_for, failed=failed)
            self._trouble = None

    def failing(self, failure: CallFailed, *, quarantined: bool) -> None:
        """A poll failed for a reason of the source's own."""
        self._last_error = str(failure)
        self._enter(State.QUARANTINED if quarantined else State.FAILING)
        if not self._trouble:
            self._trouble = Trouble(self._since, self._failed - 1)
            log.warning(
                "source_failed", source=self._name, plugin=self._plugin, reason=str(failure), **failure.traceback
            )

    def cut_off(self, reason: str) -> None:
        """A poll failed because there is no line, which tells nothing about the source and is logged for the line."""
        self._last_error = reason
        if self._state is not State.QUARANTINED:
            self._enter(State.FAILING)

    def _enter(self, state: State) -> None:
        if state is not self._state:
            self._state, self._since = state, clock.now()
