"""Status: how each source is doing, counted for people and logged once when trouble begins and once when it ends."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import structlog

from gatewayd.sources.calls import SECOND, CallFailed

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
    """What is logged about a source while it fails: since when, and how many polls had failed before."""

    since: int
    failed_before: int


class Health:
    """The counts and the state of one source. All times are `gatewayd.clock`'s."""

    def __init__(self, name: str, plugin: str, now: int) -> None:
        self._name = name
        self._plugin = plugin
        self._state = State.STARTING
        self._since = now
        self._polls = 0
        self._failed = 0
        self._missed = 0
        self._last_error = ""
        self._duration: float | None = None
        self._trouble: Trouble | None = None

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

    def polled(self, missed: int) -> None:
        """A poll has an outcome, after `missed` that had none."""
        self._polls += 1
        self._missed += missed

    def unanswered(self) -> None:
        """The outcome was that there is no answer."""
        self._failed += 1

    def well(self, now: int, seconds: float) -> None:
        """All that is polled answers; the last poll took `seconds`."""
        self._duration = seconds
        if self._state is State.OK:
            return
        self._enter(State.OK, now)
        if self._trouble is not None:
            failing_for = round((now - self._trouble.since) / SECOND, 3)
            failed = self._failed - self._trouble.failed_before
            log.info("source_recovered", source=self._name, failing_for=failing_for, failed=failed)
            self._trouble = None

    def failing(self, now: int, failure: CallFailed, *, quarantined: bool) -> None:
        """A poll failed for a reason of the source's own."""
        reason = str(failure)
        if self._trouble is None:
            self._trouble = Trouble(now, self._failed - 1)
            log.warning("source_failed", source=self._name, plugin=self._plugin, reason=reason, **failure.traceback)
        elif reason != self._last_error:
            log.debug("source_reason_changed", source=self._name, reason=reason)
        if quarantined and self._state is not State.QUARANTINED:
            log.warning("source_quarantined", source=self._name, reason=reason)
        self._last_error = reason
        self._enter(State.QUARANTINED if quarantined else State.FAILING, now)

    def cut_off(self, now: int, reason: str) -> None:
        """A poll failed because there is no line; that is logged for the line."""
        self._last_error = reason
        if self._state is not State.QUARANTINED:
            self._enter(State.FAILING, now)

    def _enter(self, state: State, now: int) -> None:
        if state is not self._state:
            self._state, self._since = state, now
