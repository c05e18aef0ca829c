"""Polled sources: a source with its polls, what is due of them, how it is doing and when it may be tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gatewayd import clock
from gatewayd.model import Burst, Input, Polled
from gatewayd.plugin import Poll, Source
from gatewayd.sources.calls import CallFailed
from gatewayd.sources.inspection import YieldError
from gatewayd.sources.intake import Intake
from gatewayd.sources.quarantine import Patience, Quarantine
from gatewayd.sources.schedule import Schedule
from gatewayd.sources.status import Health, SourceStatus


class ScheduledPoll:
    """One poll that a source declared, again and again."""

    __slots__ = ("intake", "poll", "quarantine", "schedule", "source", "turn")

    def __init__(self, source: PolledSource, poll: Poll, intake: Intake, patience: Patience) -> None:
        self.source = source
        self.poll = poll
        self.intake = intake
        self.schedule = Schedule(poll.interval)
        self.quarantine = Quarantine(patience)
        self.turn = 0
        """The number of its last turn on the line."""

    def ready(self, gate: float) -> float:
        """When it may have a turn; `gate` is when the line has time again for what is quarantined."""
        until = max(self.quarantine.until, self.source.quarantine.until)
        return max(self.schedule.due, until, gate) if until else self.schedule.due

    async def read(self, missed: int) -> Sequence[Polled | Burst]:
        """Have the plugin poll the device. Raises whatever the plugin raises, and YieldError."""
        reading = self.source.source.poll(self.poll)
        if not hasattr(reading, "__await__"):
            expected = "an `async def` that returns what it read (it must not yield it)"
            raise YieldError(self.source.plugin, "poll", expected, reading)
        return self.intake.take(await reading, clock.now(), missed)


class PolledSource:
    """One source of the config and all that is known about it while it is polled.

    A source is quarantined as a whole when its last polls failed, whichever they were; a single poll of it when that
    one keeps failing although others are answered. Its times are those of the event loop.
    """

    def __init__(self, name: str, plugin: str, source: Source, limit: float, feed: Callable[[Input], None]) -> None:
        self.name = name
        self.plugin = plugin
        self.source = source
        self.limit = limit
        self.is_open = False
        self.polls: list[ScheduledPoll] = []
        self.quarantine = Quarantine(Patience.of_loner(0.0))
        self._health = Health(name, plugin, clock.now())
        self._feed = feed

    def schedule(self, poll: Poll, intake: Intake, patience: Callable[[float], Patience]) -> None:
        """Take a poll on; `patience` tells what suits an interval."""
        self.polls.append(ScheduledPoll(self, poll, intake, patience(poll.interval)))
        self.quarantine = Quarantine(patience(min(each.poll.interval for each in self.polls)))

    def status(self) -> SourceStatus:
        """How it is doing."""
        return self._health.status()

    def answered(self, poll: ScheduledPoll, inputs: Sequence[Polled | Burst], missed: int, seconds: float) -> None:
        """A poll gave `inputs` and took `seconds`."""
        self._health.polled(missed)
        if self.quarantine.failures or poll.quarantine.failures:
            self._lift(poll)
        if not any(each.quarantine.failures for each in self.polls):
            self._health.well(clock.now(), seconds)
        for item in inputs:
            self._feed(item)

    def unanswered(self, poll: ScheduledPoll, reason: str, missed: int) -> None:
        """A poll failed: say that its channels have no values."""
        self._health.polled(missed)
        self._health.unanswered()
        self._feed(poll.intake.failed(reason, clock.now(), missed))

    def cut_off(self, poll: ScheduledPoll, reason: str, missed: int) -> None:
        """A poll failed because there is no line, which tells nothing about the source."""
        self.unanswered(poll, reason, missed)
        self._health.cut_off(clock.now(), reason)

    def suffer(self, poll: ScheduledPoll, failure: CallFailed, now: float, cost: float) -> bool:
        """Draw the consequences of a failed poll that took `cost` seconds. True: the poll is quarantined now."""
        self.quarantine.failed(now, cost)
        poll.quarantine.failed(now, cost)
        quarantined = bool(self.quarantine.until or poll.quarantine.until)
        self._health.failing(clock.now(), failure, quarantined=quarantined)
        if self.quarantine.until:
            for other in self.polls:
                if other is not poll and other.schedule.due <= now:
                    self.unanswered(other, f"quarantined: {failure}", other.schedule.take(now))
        return quarantined

    def _lift(self, poll: ScheduledPoll) -> None:
        """It answers: a device that was silent as a whole may be tried with all its polls."""
        for each in self.polls if self.quarantine.until else (poll,):
            each.quarantine.lift()
        self.quarantine.lift()
