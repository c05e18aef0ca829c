"""Polled sources: a source with its polls, what is due of them, how it is doing and when it may be tried."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from gatewayd import clock
from gatewayd.model import Burst, Input, Polled
from gatewayd.plugin import Poll, Source
from gatewayd.sources.calling.calls import CallFailed
from gatewayd.sources.health.status import Health
from gatewayd.sources.memory.acquaintance import Acquaintance
from gatewayd.sources.reading.inspection import YieldError
from gatewayd.sources.reading.intake import Intake
from gatewayd.sources.timing.allowance import Allowance
from gatewayd.sources.timing.measured import Measured
from gatewayd.sources.timing.quarantine import Quarantine
from gatewayd.sources.timing.schedule import Schedule

LONGEST_ALONE = 10.0
"""Seconds between attempts at most, for a source with a line to itself: nobody suffers, and it should be back soon."""
LONGEST_SHARED = 60.0
"""The same for a source that shares its line, unless a failure costs so much that even this is too often."""
HARM = 0.008
"""The part of its neighbours' polls that a source may make them miss in the long run, because it is dead or slow."""
MOST_HARM = 1.0
"""What it may cost them in a row after a long time without any harm: all that they poll in so many seconds."""
PLANNED = 2.0
"""A turn is as long as was planned up to so many times that."""


class ScheduledPoll:
    """One poll that a source declared, again and again; `planned` are the seconds that the plugin says it takes.

    `head_start` is that of its schedule.
    """

    __slots__ = (
        "brief",
        "intake",
        "measured",
        "planned",
        "poll",
        "put_off",
        "quarantine",
        "schedule",
        "source",
        "turn",
    )

    def __init__(
        self, source: PolledSource, poll: Poll, intake: Intake, planned: float = 0.0, head_start: float = 0.0
    ) -> None:
        self.source = source
        self.poll = poll
        self.intake = intake
        self.planned = planned
        self.schedule = Schedule(poll.interval, head_start)
        self.quarantine = Quarantine(source.longest_wait)
        self.measured = Measured(poll.interval, planned)
        self.brief = math.inf
        """Seconds that a turn may take without a look at what neighbours would miss; infinite when there are none."""
        self.put_off = 0.0
        """Until when it is put off because that would be too much; 0 when it was not."""
        self.turn = 0
        """The number of its last turn on the line."""

    @property
    def is_quarantined(self) -> bool:
        """Whether it, or its source as a whole, has failed so often that it must wait."""
        return self.quarantine.until > 0 or self.source.quarantine.until > 0

    @property
    def expected(self) -> float:
        """Seconds that its next turn will probably take."""
        return max(self.measured.usual, self.toll)

    @property
    def is_brief(self) -> bool:
        """Whether nobody need look what its next turn does to its neighbours."""
        return self.brief == math.inf or self.expected <= self.brief

    @property
    def toll(self) -> float:
        """Seconds that its next turn will cost if it fails as the last one did; 0 when that was answered."""
        return self.source.quarantine.toll or self.quarantine.toll

    @property
    def blame(self) -> float:
        """How far it is the device's fault that its turns are long, from 0 to 1.

        Not at all when the config asks for turns like that; wholly when it does not answer, or takes longer than its
        interval. What takes a small part of its interval may do more harm each time: it comes seldom.
        """
        if self.toll:
            return 1.0
        usual = self.measured.usual
        return 0.0 if usual <= PLANNED * self.planned else min(1.0, usual / self.schedule.interval)

    def ready(self, gate: float) -> float:
        """When it may have a turn; `gate` is when the line has time for what is quarantined."""
        due = self.schedule.due
        if self.quarantine.until or self.source.quarantine.until:
            due = max(due, self.quarantine.until, self.source.quarantine.until, gate)
        return due

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
        self.allowance = Allowance(HARM, MOST_HARM, MOST_HARM)
        """What its long turns may still cost its neighbours, as in `gatewayd.sources.timing.slack.harm`."""
        self.health = Health(name, plugin)
        self.acquaintance = Acquaintance(name, source)
        self._feed = feed

    def schedule(self, poll: Poll, intake: Intake, planned: float = 0.0, head_start: float = 0.0) -> None:
        """Take a poll on, which takes `planned` seconds as far as its plugin knows; 0: nobody knows."""
        self.polls.append(ScheduledPoll(self, poll, intake, planned, head_start))

    def share(self, *, alone: bool) -> None:
        """From now on it has a line to itself, or not."""
        self.longest_wait = LONGEST_ALONE if alone else LONGEST_SHARED
        for quarantine in (self.quarantine, *(poll.quarantine for poll in self.polls)):
            quarantine.longest = self.longest_wait

    def answered(self, poll: ScheduledPoll, inputs: Sequence[Polled | Burst], missed: int, seconds: float) -> None:
        """A poll gave `inputs` and took `seconds`."""
        if self.quarantine.failures or poll.quarantine.failures:
            self.quarantine.lift()
            poll.quarantine.lift()
        if poll.brief < math.inf:
            poll.measured.took(seconds)
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
        self.quarantine.toll = poll.quarantine.toll
        self.health.failing(failure, quarantined=self.quarantine.until > 0)
        if self.quarantine.until:
            for other in self.polls:
                if other is not poll and other.schedule.due <= now:
                    self.unanswered(other, f"quarantined: {failure}", other.schedule.take(now))
