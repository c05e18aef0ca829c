"""The outbox against a model of it that is too simple to be wrong."""

import asyncio
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from outboxes import MB, alarm, number_of, readings, stored, summary, take

from gatewayd.records import EpochBegun, Loss, Output, Saved
from gatewayd.uplink import MessageClass, Outbox
from gatewayd.uplink.outbox import delivery, inbox, store

EVENT, SUMMARY, READINGS = MessageClass
MEMORY = Path("/dev/shm")  # what fsync is good for is not what is tested here
MAKERS = {EVENT: alarm, SUMMARY: summary, READINGS: readings}


class Machine(RuleBasedStateMachine):
    """`given` is every record that was stored, by class, in order: its place says its number."""

    def __init__(self):
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="outbox-", dir=MEMORY if MEMORY.is_dir() else None))
        self.generation = 0
        self.made = 0
        self.given = {each: [] for each in MessageClass}
        self.settled = set()
        self.aside = set()
        self.taken = []
        self.last_of = {}
        self.saved = None
        self.before = delivery.MOST_LIVE, store.REPORT, inbox.LINGER
        delivery.MOST_LIVE, store.REPORT, inbox.LINGER = 7, 0.0, 0.01

    @initialize()
    def begin(self):
        self.open()
        self.given[EVENT].append(None)

    @property
    def path(self):
        return self.folder / str(self.generation) / "outbox.db"

    def open(self):
        async def go():
            self.path.parent.mkdir(exist_ok=True)
            outbox = Outbox(self.path, 4 * MB)
            outbox.open()
            return outbox

        self.outbox = self.runner.run(go())
        self.taken = []
        self.last_of = {}

    def settle(self):
        """Have everything stored; note the records that the outbox made itself."""
        self.runner.run(stored(self.outbox))
        events = self.outbox.status().classes[EVENT].given
        self.given[EVENT] += [None] * (events - len(self.given[EVENT]))

    def waiting(self):
        every = {(each, seq) for each in MessageClass for seq in range(1, len(self.given[each]) + 1)}
        return every - self.settled - self.aside

    @rule(classes=st.lists(st.sampled_from(list(MessageClass)), min_size=1, max_size=12), is_urgent=st.booleans())
    def put(self, classes, is_urgent):
        self.settle()
        records = []
        for each in classes:
            self.made += 1
            records.append(MAKERS[each](self.made))
            self.given[each].append(self.made)
        self.saved = str(self.made).encode()
        self.outbox.put(Output(tuple(records), (Saved("test", "last", "", self.saved),), urgent=is_urgent))

    @rule(count=st.integers(1, 20))
    def take(self, count):
        count = min(count, len(self.waiting()) - len(self.taken))
        for row in self.runner.run(take(self.outbox, count)):
            if isinstance(row.record, Loss):
                self.settle()
            place = (row.message_class, row.seq)
            assert place in self.waiting(), "it was given before it was stored, or after it was settled"
            assert place not in {(each.message_class, each.seq) for each in self.taken}, "it was given twice"
            assert number_of(row.record) == self.given[row.message_class][row.seq - 1]
            assert (number_of(row.record) is None) == isinstance(row.record, Loss | EpochBegun)
            stream = (row.message_class, row.late and row.message_class is not EVENT)
            assert self.last_of.get(stream, 0) < row.seq, "the order within a class is broken"
            self.last_of[stream] = row.seq
            self.taken.append(row)

    @precondition(lambda self: self.taken)
    @rule(data=st.data())
    def settle_some(self, data):
        chosen = data.draw(st.lists(st.sampled_from(self.taken), unique_by=lambda row: row.id, min_size=1))
        refused = data.draw(st.sets(st.sampled_from([row.id for row in chosen]), max_size=2))
        for row in chosen:
            self.taken.remove(row)
            if row.id in refused:
                self.outbox.set_aside(row, "refused")
                self.aside.add((row.message_class, row.seq))
            else:
                self.outbox.acked(row)
                self.settled.add((row.message_class, row.seq))

    @rule()
    def restart(self):
        self.outbox.restart()
        self.taken = []
        self.last_of = {}

    @rule()
    def reopen(self):
        self.runner.run(self.outbox.close())
        self.open()
        self.settle()
        assert self.outbox.saved().get(("test", "last"), Saved("", "", "", None)).data == self.saved

    @rule()
    def kill(self):
        """Go on with the files as they are at this moment."""
        self.settle()
        old = self.path.parent
        self.generation += 1
        shutil.copytree(old, self.path.parent)
        self.runner.run(self.outbox.close())
        shutil.rmtree(old)
        self.open()

    @rule()
    def count(self):
        self.settle()
        status = self.outbox.status()
        for each in MessageClass:
            counts = status.classes[each]
            assert counts.given == len(self.given[each])
            assert counts.set_aside == sum(place[0] is each for place in self.aside)
            assert counts.waiting == sum(place[0] is each for place in self.waiting())
            assert counts.lost == 0

    def teardown(self):
        delivery.MOST_LIVE, store.REPORT, inbox.LINGER = self.before
        if hasattr(self, "outbox"):
            self.settle()
            self.outbox.restart()
            self.runner.run(take(self.outbox, len(self.waiting())))
            self.runner.run(self.outbox.close())
        self.runner.close()
        shutil.rmtree(self.folder)


Machine.TestCase.settings = settings(
    max_examples=settings.default.max_examples // 2, stateful_step_count=40, suppress_health_check=list(HealthCheck)
)
test_the_outbox_does_what_a_simple_model_of_it_does = Machine.TestCase
