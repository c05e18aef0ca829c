"""Status: how each source is doing, counted for people and logged once when trouble begins and once when it ends."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from gatewayd import clock
from gatewayd.sources.calling.accounts import NOTHING_YET, Account, Accounts, OwnProcess
from gatewayd.sources.calling.calls import CallFailed
from gatewayd.sources.health.bad_channels import BadChannels
from gatewayd.sources.health.flaws import Flaws
from gatewayd.sources.health.slowness import Slowed, Slowness

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

    `seconds` is for how long it has been in its state. `polls` had an outcome, of which `failed` had no answer;
    `missed` more were due and did not happen. `last_error` outlives the trouble; it came up `last_error_age` seconds
    ago. `duration` is how many seconds the last good poll took. `bad` gives the reasons of channels whose last value
    was bad, of the first of all `bad_count`; `flawed` says of which channels the last waveform has gaps or is clipped.
    `about` is what the device says of itself, `accounts` what the source costs, `process` the one that it is isolated
    in, if it is. `slowed` are its polls that are made less often than the config asks for. Its turns are on `line`.
    """

    name: str
    plugin: str
    state: State
    seconds: float
    polls: int
    failed: int
    missed: int
    last_error: str
    last_error_age: float | None
    duration: float | None
    bad: Mapping[str, str]
    bad_count: int
    flawed: Mapping[str, str]
    about: Mapping[str, str]
    accounts: Accounts = NOTHING_YET
    process: OwnProcess | None = None
    slowed: Sequence[Slowed] = ()
    line: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the log tells when it ends: since when the source fails, and how many polls had failed before."""

    since: int
    failed_before: int


class Health:
    """The counts and the state of one source."""

    def __init__(self, name: str, plugin: str) -> None:
        self.account = Account()
        self.bad = BadChannels(name)
        self.flaws = Flaws()
        self.slowness = Slowness(name)
        self.line = ""
        """The name of the line that it takes turns on."""
        self._name = name
        self._plugin = plugin
        self._state = State.STARTING
        self._since = clock.now()
        self._polls = 0
        self._failed = 0
        self._missed = 0
        self._last_error = ""
        self._last_error_at = 0
        self._duration: float | None = None
        self._trouble: Trouble | None = None

    @property
    def is_ok(self) -> bool:
        """Whether all that is polled answered when it was tried last."""
        return self._state is State.OK

    def status(self, now: int, about: Mapping[str, str]) -> SourceStatus:
        """How the source is doing at `now` (`gatewayd.clock`); `about` is what its device says of itself."""
        return SourceStatus(
            name=self._name,
            plugin=self._plugin,
            state=self._state,
            seconds=(now - self._since) / SECOND,
            polls=self._polls,
            failed=self._failed,
            missed=self._missed,
            last_error=self._last_error,
            last_error_age=(now - self._last_error_at) / SECOND if self._last_error else None,
            duration=self._duration,
            bad=self.bad.first(),
            bad_count=len(self.bad),
            flawed=self.flaws.current(),
            slowed=self.slowness.current(),
            about=about,
            accounts=self.account.read(),
            line=self.line,
        )

    def answered(self, missed: int, seconds: float) -> None:
        """A poll was answered within `seconds`, after `missed` that were due and did not happen."""
        self._polls += 1
        self._missed += missed
        self._duration = seconds
        self.account.busy += seconds

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
        self._note(str(failure))
        self._enter(State.QUARANTINED if quarantined else State.FAILING)
        if not self._trouble:
            self._trouble = Trouble(self._since, self._failed - 1)
            log.warning(
                "source_failed", source=self._name, plugin=self._plugin, reason=str(failure), **failure.traceback
            )

    def cut_off(self, reason: str) -> None:
        """A poll failed because there is no line, which tells nothing about the source and is logged for the line."""
        self._note(reason)
        if self._state is not State.QUARANTINED:
            self._enter(State.FAILING)

    def _note(self, error: str) -> None:
        self._last_error, self._last_error_at = error, clock.now()

    def _enter(self, state: State) -> None:
        if state is not self._state:
            self._state, self._since = state, clock.now()
