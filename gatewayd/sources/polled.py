"""Polled sources: a source with its polls, what is due of them, how it is doing and when it may be tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gatewayd import clock
from gatewayd.model import Burst, Input, Polled
from gatewayd.plugin import Poll, Source
from gatewayd.sources.acquaintance import Acquaintance
from gatewayd.sources.calls import CallFailed
from gatewayd.sources.inspection import YieldError
from gatewayd.sources.intake import Intake
from gatewayd.sources.quarantine import Quarantine
from gatewayd.sources.schedule import Schedule
from gatewayd.sources.status import Health

LONGEST_ALONE = 10.0
"""Seconds between attempts at most, for a source with a line to itself: nobody suffers, and it should be back soon."""
LONGEST_SHARED = 60.0
"""The same for a source that shares its line, unless a failure costs so much that even this is too often."""


class ScheduledPoll:
    """One poll that a source declared, again and again."""

    __slots__ = ("intake", "poll", "quarantine", "schedule", "source", "turn")

    def __init__(self, source: PolledSource, poll: Poll, intake: Intake) -> None:
        self.source = source
        self.poll = poll
        self.intake = intake
        self.schedule = Schedule(poll.interval)
        self.quarantine = Quarantine(source.longest_wait)
        self.turn = 0
        """The number of its last turn on the line."""

    def order(self, gate: float) -> tuple[float, int]:
        """When it may have a turn, then whose last turn was first; `gate` is when the line has time for quarantined."""
        due = self.schedule.due
        if self.quarantine.until or self.source.quarantine.until:
            due = max(due, self.quarantine.until, self.source.quarantine.until, gate)
        return due, self.turn

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

    def __init__(
        self, name: str, plugin: str, source: Source, limit: float, feed: Callable[[Input], None], *, alone: bool
    ) -> None:
        self.name = name
        self.plugin = plugin
        self.source = source
        self.limit = limit
        self.is_open = False
        """Whether it was opened, or that was tried, and not closed since."""
        self.polls: list[ScheduledPoll] = []
        self.longest_wait = LONGEST_ALONE if alone else LONGEST_SHARED
        self.quarantine = Quarantine(self.longest_wait)
        self.health = Health(name, plugin)
        self.acquaintance = Acquaintance(name, source)
        self._feed = feed

    def schedule(self, poll: Poll, intake: Intake) -> None:
        """Take a poll on."""
        self.polls.append(ScheduledPoll(self, poll, intake))

    def answered(self, poll: ScheduledPoll, inputs: Sequence[Polled | Burst], missed: int, seconds: float) -> None:
        """A poll gave `inputs` and took `seconds`."""
        if self.quarantine.failures or poll.quarantine.failures:
            self.quarantine.lift()
            poll.quarantine.lift()
        self.health.answered(missed, seconds)
        if self.acquaintance.is_new:
            self.acquaintance.met()
        if not self.health.is_ok and not any(each.quarantine.failures for each in self.polls):
            self.health.well()
        for item in inputs:
            self._feed(item)
            if isinstance(item, Burst):
                self.health.flaws.judge(poll.intake.waveform(item), item)
        bad = self.health.bad
        if not (bad.at_rest and all(map(poll.intake.all_good, inputs))):
            bad.judge(verdict for item in inputs for verdict in poll.intake.verdicts(item))

    def unanswered(self, poll: ScheduledPoll, reason: str, missed: int) -> None:
        """A poll failed: say that its channels have no values."""
        self.health.unanswered(missed)
        self._feed(poll.intake.failed(reason, clock.now(), missed))

    def suffer(self, poll: ScheduledPoll, failure: CallFailed, now: float, cost: float) -> None:
        """Draw the consequences of a failed poll that cost others `cost` seconds."""
        self.quarantine.failed(now)
        poll.quarantine.failed(now, cost)
        self.health.failing(failure, quarantined=self.quarantine.until > 0)
        if self.quarantine.until:
            for other in self.polls:
                if other is not poll and other.schedule.due <= now:
                    self.unanswered(other, f"quarantined: {failure}", other.schedule.take(now))
