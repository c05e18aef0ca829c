"""The outbox against a model of it that is too simple to be wrong."""

import asyncio
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from outboxes import MB, alarm, number_of, readings, stored, summary, take, until

from gatewayd.records import EpochBegun, Loss, Output, Saved
from gatewayd.uplink import MessageClass, Outbox
from gatewayd.uplink.outbox import delivery, inbox, store, writer

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
        self.before = delivery.MOST_LIVE, store.REPORT, inbox.LINGER, writer.BRIDGED, writer.RETRY
        delivery.MOST_LIVE, store.REPORT, inbox.LINGER, writer.BRIDGED, writer.RETRY = 7, 0.0, 0.01, 0.0, 0.005

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
        self.take_some(min(count, len(self.waiting()) - len(self.taken)))

    def take_all(self):
        """So that nothing depends on what is given when."""
        while count := len(self.waiting()) - len(self.taken):
            self.take_some(count)

    def take_some(self, count):
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
        delivery.MOST_LIVE, store.REPORT, inbox.LINGER, writer.BRIDGED, writer.RETRY = self.before
        if hasattr(self, "outbox"):
            self.settle()
            self.outbox.restart()
            self.runner.run(take(self.outbox, len(self.waiting())))
            self.runner.run(self.outbox.close())
        self.runner.close()
        shutil.rmtree(self.folder)


class TroubledMachine(Machine):
    """The same on a disk that refuses now and then, in a folder that somebody tidies up."""

    @rule(classes=st.lists(st.sampled_from(list(MessageClass)), min_size=1, max_size=6), is_new=st.booleans())
    def refuse(self, classes, is_new):
        """The disk refuses for a while: what is put meanwhile is given at once, under numbers of another epoch."""
        self.settle()
        self.take_all()
        connection = self.outbox._writer._store._connection
        connection.execute("PRAGMA query_only = ON")
        try:
            records = []
            for each in classes:
                self.made += 1
                records.append(MAKERS[each](self.made))
            expected = {each: [r for r, c in zip(records, classes, strict=True) if c is each] for each in MessageClass}
            self.saved = str(self.made).encode()
            self.outbox.put(Output(tuple(records), (Saved("test", "last", "", self.saved),), urgent=True))
            rows = self.runner.run(self.volatile(1 + len(records)))
            assert isinstance(rows[0].record, EpochBegun)
            for each in MessageClass:
                given = [row for row in rows[1:] if row.message_class is each]
                assert [row.record for row in given] == expected[each]
                assert [row.seq for row in given] == [n + 1 + (each is EVENT) for n in range(len(given))]
            assert len({row.epoch for row in rows} | {self.outbox.epoch}) == 2
            if is_new:
                self.restart()
                again = self.runner.run(self.volatile(len(rows)))
                assert {row.id: row for row in again} == {row.id: replace(row, late=True) for row in rows}
                assert [row.id for row in again] == [
                    row.id for each in MessageClass for row in rows if row.message_class is each
                ]
            for row in rows:
                self.outbox.acked(row)
        finally:
            connection.execute("PRAGMA query_only = OFF")
        self.runner.run(until(lambda: not self.outbox._unstored.active))
        self.settle()
        self.take_all()

    async def volatile(self, count):
        """The next so many rows that are not stored; what else is given meanwhile counts as taken."""
        rows = []
        while len(rows) < count:
            (row,) = await take(self.outbox, 1)
            if row.volatile:
                rows.append(row)
            else:
                assert (row.message_class, row.seq) in self.waiting()
                stream = (row.message_class, row.late and row.message_class is not EVENT)
                assert self.last_of.get(stream, 0) < row.seq
                self.last_of[stream] = row.seq
                self.taken.append(row)
        return rows

    @rule(names=st.sampled_from([("outbox.db",), ("outbox.db-wal",), ("outbox.db", "outbox.db-wal")]))
    def remove(self, names):
        """Somebody removes files; the outbox puts them back."""
        self.settle()
        for name in names:
            (self.path.parent / name).unlink(missing_ok=True)
        self.settle()
        assert self.path.exists()


def of(machine, share):
    """The test, with one in so many of the usual examples."""
    machine.TestCase.settings = settings(
        max_examples=settings.default.max_examples // share,
        stateful_step_count=40,
        suppress_health_check=list(HealthCheck),
    )
    return machine.TestCase


test_the_outbox_does_what_a_simple_model_of_it_does = of(Machine, 2)
test_it_does_so_whatever_happens_to_its_disk = of(TroubledMachine, 10)
