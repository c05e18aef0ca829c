"""A line without I/O and without an event loop: its turns, one after the other, in simulated seconds."""

from dataclasses import dataclass

from fake_field import FakeSource

from gatewayd.plugin import Poll
from gatewayd.sources.calling.calls import CallFailed
from gatewayd.sources.lines.order import Order
from gatewayd.sources.lines.pacing import Pacing
from gatewayd.sources.lines.polled import PolledSource


@dataclass
class Device:
    """Its polls take `takes` seconds, with an answer at the end unless it is `dead`; both may be changed."""

    interval: float = 1.0
    takes: float = 0.02
    dead: bool = False
    planned: float = 0.0
    also: tuple[float, ...] = ()
    """The intervals of further polls."""


class NoIntake:
    """In place of what makes inputs of answers."""

    def failed(self, reason, now, missed):
        return None

    def all_good(self, item):
        return True


class SimulatedLine:
    """The devices of one line by name. `turns` are the (time, name) of all that it has taken."""

    def __init__(self, devices):
        self.devices = devices
        self.now = 1000.0
        self.turns = []
        self._sources = {name: self._source(name, device) for name, device in devices.items()}
        self.order = Order([poll for source in self._sources.values() for poll in source.polls])
        self.pacing = Pacing(list(self._sources.values()))

    def run(self, seconds):
        end = self.now + seconds
        while self.now < end:
            self._turn(end)
        return self

    def review(self):
        """Have the paces reviewed, whether it is time for that or not."""
        self.pacing._next = 0.0
        self.pacing.review(self.now)

    def status(self, name):
        return self._sources[name].health.status(0, {})

    def answered(self, name):
        status = self.status(name)
        return status.polls - status.failed

    def every(self, name):
        """How many seconds there are between the due times of its (first) poll."""
        return self._sources[name].polls[0].schedule.every

    def lost(self, names, seconds):
        """The part of these devices' polls that were not made in so many seconds."""
        names = list(names)
        wanted = sum(seconds / self.devices[name].interval for name in names)
        return 1 - sum(self.answered(name) for name in names) / wanted

    def _source(self, name, device):
        alone = len(self.devices) == 1
        source = PolledSource(name, "fake", FakeSource(), 10.0, lambda _: None, alone=alone)
        for interval in (device.interval, *device.also):
            source.schedule(Poll(interval, ("pressure",)), NoIntake(), device.planned)
        return source

    def _turn(self, end):
        at, poll = self.order.next(self.now)
        if at > self.now:
            self.now = min(at, end)
            return
        if len(self.devices) > 1:
            self.pacing.review(self.now)
        missed = poll.schedule.take(self.now)
        self.turns.append((self.now, poll.source.name))
        poll.turn = len(self.turns)
        device = self.devices[poll.source.name]
        self.now += device.takes
        if device.dead:
            poll.source.unanswered(poll, "no answer", missed)
            poll.source.suffer(poll, CallFailed("no answer"), self.now, device.takes)
            self.order.failed(poll, self.now, device.takes)
        else:
            poll.source.answered(poll, (), missed, device.takes)
