"""A gateway's state folder in use: the lock, the outbox, the record and the evidence, as the daemon has them."""

import asyncio
import shutil
from contextlib import AsyncExitStack

from outboxes import MB, PATIENCE, stored
from small_engine import ns, rule
from watched_engine import WatchedEngine

from gatewayd.model import Tick
from gatewayd.recorder import Heading, Recorder, RecordError, read
from gatewayd.records import Alarm, AlarmState
from gatewayd.state.folder import held
from gatewayd.state.places import EVIDENCE, OUTBOX, RECORD
from gatewayd.uplink import Outbox

HIGH = rule("above", high=5.0, name="high")


class Run:
    """One run of a gateway in `folder`: one poll after the other, of which the last raises an alarm."""

    def __init__(self, folder):
        self.folder = folder
        self.outbox = Outbox(folder / OUTBOX, 2 * MB)
        self.engine = WatchedEngine(folder / EVIDENCE, HIGH)
        heading = Heading.of(self.engine.plan, version="1", boot="b", digest="d")
        self.recorder = Recorder(folder / RECORD, MB, heading)
        self.delivered = []

    async def run(self, begin=0):
        """Start, poll, deliver all, stop."""
        async with AsyncExitStack() as stack:
            stack.enter_context(held(self.folder))
            self.outbox.open()
            stack.push_async_callback(self.outbox.close)
            self.engine.evidence.open()
            stack.push_async_callback(self.engine.evidence.close)
            saved = tuple(self.outbox.saved().values())
            self.recorder.begin(saved, ns(begin))
            stack.push_async_callback(self.recorder.close)
            self.outbox.put(self.engine.engine.restore(saved, ns(begin)))
            for second in range(begin, begin + 5):
                self._tick(second)
                self.outbox.put(self.engine.poll(second, pressure=1.0 if second < begin + 4 else 9.0))
            self.engine.evidence.stop()
            await self._deliver()

    def _tick(self, second):
        self.recorder.put(Tick(ns(second)))
        self.outbox.put(self.engine.feed(Tick(ns(second))))

    async def _deliver(self):
        async with asyncio.timeout(PATIENCE):
            await stored(self.outbox)
            while self.outbox.status().waiting:
                if (row := self.outbox._delivery.next()) is None:
                    await stored(self.outbox)
                else:
                    self.delivered.append(row.record)
                    self.outbox.acked(row)

    @property
    def alarms(self):
        """The alarms that were delivered as raised."""
        return [record for record in self.delivered if isinstance(record, Alarm) and record.state is AlarmState.RAISED]


def recorded(folder):
    """The times of ticks that a record holds, as far as it can be read."""
    try:
        return [entry.time for entry in read(folder / RECORD) if isinstance(entry, Tick)]
    except RecordError:
        return []


def copied(folder, target):
    """The folder as it is at this moment, at another place."""
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("control.sock"))
    return target
