"""While the disk cannot be written records are sent from memory, in an epoch of their own."""

from collections import deque

import pytest
from outboxes import (
    MB,
    PATIENCE,
    alarm,
    content,
    number_of,
    opened,
    readings,
    stored,
    summary,
    take,
    take_all,
    until,
    urgent,
)
from structlog.testing import capture_logs

from gatewayd.clock import Dating
from gatewayd.records import EpochBegun, Loss, Saved
from gatewayd.uplink import MessageClass, payload
from gatewayd.uplink.outbox import store, writer
from gatewayd.uplink.outbox.unstored import Unstored

EVENT, SUMMARY, READINGS = MessageClass


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(writer, "RETRY", 0.01)
    monkeypatch.setattr(writer, "BRIDGED", 0.0)
    monkeypatch.setattr(store, "REPORT", 0.0)


class Waiting:
    """What waits in memory: what was made with these numbers, oldest first."""

    def __init__(self, **records):
        self.records = {
            EVENT: deque(map(alarm, records.get("event", ()))),
            SUMMARY: deque(map(summary, records.get("summary", ()))),
            READINGS: deque(map(readings, records.get("readings", ()))),
        }

    def take(self, message_class):
        return self.records[message_class].popleft() if self.records[message_class] else None


def all_of(unstored):
    rows = []
    while row := unstored.next(*MessageClass):
        rows.append(row)
    return rows


def test_nothing_is_given_while_the_disk_can_be_written():
    assert Unstored(Waiting(summary=[1]).take).next(*MessageClass) is None


def test_its_epoch_begins_with_the_row_that_says_so_and_numbers_count_in_it():
    unstored = Unstored(Waiting(event=[1, 2], summary=[3], readings=[4]).take)
    unstored.begin("read-only (EROFS)")
    begun, *rows = all_of(unstored)
    assert isinstance(begun.record, EpochBegun)
    assert (begun.record.previous, begun.record.ends, begun.record.epoch) == (None, {}, begun.epoch)
    assert "read-only (EROFS)" in begun.record.why
    assert [(row.message_class, row.seq, number_of(row.record)) for row in [begun, *rows]] == [
        (EVENT, 1, None), (EVENT, 2, 1), (EVENT, 3, 2), (SUMMARY, 1, 3), (READINGS, 1, 4),
    ]  # fmt: skip
    assert {row.epoch for row in rows} == {begun.epoch}
    assert all(row.volatile for row in [begun, *rows])
    messages = [payload.encode(row, "hafen-01", lambda _: Dating(0))[1] for row in [begun, *rows[:3]]]
    assert all(b'"volatile":true' in message for message in messages)
    assert len(unstored) == unstored.sent == 5


def test_what_is_not_settled_is_given_again_under_its_number_events_first():
    waiting = Waiting(summary=[1, 2, 3])
    unstored = Unstored(waiting.take)
    unstored.begin("full")
    rows = all_of(unstored)
    unstored.settled(rows[2])
    waiting.records[EVENT].append(alarm(9))
    (event,) = all_of(unstored)
    unstored.restart()
    again = all_of(unstored)
    assert [(row.id, row.epoch) for row in again] == [(row.id, row.epoch) for row in (rows[0], event, rows[1], rows[3])]
    assert all(row.late for row in again)


def test_the_row_that_begins_the_epoch_is_also_the_first_to_be_given_again():
    unstored = Unstored(Waiting(event=[1]).take)
    unstored.begin("full")
    rows = all_of(unstored)
    unstored.restart()
    assert [row.seq for row in all_of(unstored)] == [row.seq for row in rows] == [1, 2]


def test_what_is_older_than_the_connection_is_late():
    waiting = Waiting(summary=[1])
    unstored = Unstored(waiting.take)
    unstored.begin("full")
    waiting.records[EVENT].append(alarm(0))  # sample records are of the first second after the boot
    unstored.restart()
    assert [row.late for row in all_of(unstored)] == [False, True, True]


def test_the_end_says_how_far_it_went_and_what_was_on_its_way_is_still_given_again():
    unstored = Unstored(Waiting(summary=[1, 2], readings=[3]).take)
    unstored.begin("full")
    rows = all_of(unstored)
    told = unstored.end("8c1f2a5e9b7d4c30")
    assert (told.epoch, told.previous) == ("8c1f2a5e9b7d4c30", rows[0].epoch)
    assert told.ends == {"event": 1, "summary": 2, "readings": 1}
    assert unstored.end("8c1f2a5e9b7d4c30") is None
    unstored.restart()
    assert [row.id for row in all_of(unstored)] == [row.id for row in rows]
    for row in rows:
        unstored.settled(row)
    unstored.restart()
    assert not all_of(unstored)
    assert not len(unstored)


def test_a_disk_that_fails_again_begins_another_epoch():
    waiting = Waiting(summary=[1])
    unstored = Unstored(waiting.take)
    unstored.begin("full")
    first = all_of(unstored)[0].epoch
    unstored.end("epoch")
    unstored.begin("full")
    waiting.records[SUMMARY].append(summary(2))
    rows = all_of(unstored)
    assert first not in {row.epoch for row in rows}
    assert [row.seq for row in rows] == [1, 1]


def test_a_refused_row_is_told_as_a_loss_unless_it_tells_of_one():
    waiting = Waiting(summary=[1])
    unstored = Unstored(waiting.take)
    unstored.begin("full")
    row = all_of(unstored)[1]
    (loss,) = unstored.refused(row, "too large").records
    assert (loss.epoch, loss.message_class, loss.first, loss.last, loss.count) == (row.epoch, "summary", 1, 1, 1)
    waiting.records[EVENT].append(loss)
    assert not unstored.refused(all_of(unstored)[0], "too large").records


async def broken(outbox):
    """Have the disk refuse to be written, and wait until that is known."""
    outbox._writer._store._connection.execute("PRAGMA query_only = ON")
    outbox.put(urgent(saved=[Saved("test", "marker", "", b"2")]))
    await until(lambda: outbox._unstored.active)


def mended(outbox):
    outbox._writer._store._connection.execute("PRAGMA query_only = OFF")


async def test_alarms_and_summaries_are_sent_while_the_disk_cannot_be_written(tmp_path):
    with capture_logs() as logs:
        async with opened(tmp_path / "outbox.db") as outbox:
            outbox.put(urgent(summary(0)))
            first = await take_all(outbox)
            await broken(outbox)
            outbox.put(urgent(summary(1), alarm(2)))
            rows = await take(outbox, 3)
            assert content(rows) == {EVENT: [2], SUMMARY: [1]}
            assert {row.volatile for row in rows} == {True}
            assert outbox.epoch not in {row.epoch for row in rows}
            assert outbox.status().unstored == 3
            assert outbox.waiting == 5
            for row in rows:
                outbox.acked(row)
            assert outbox.waiting == 2
            mended(outbox)
            await until(lambda: not outbox._unstored.active)
            outbox.put(urgent(summary(3)))
            after = await take_all(outbox, in_flight=2)
    assert content(after) == {SUMMARY: [3]}
    told = next(row.record for row in after if isinstance(row.record, EpochBegun))
    assert (told.epoch, told.previous) == (first[0].epoch, rows[0].epoch)
    assert told.ends == {"event": 2, "summary": 1, "readings": 0}
    assert [entry["event"] for entry in logs] == ["outbox_write_failed", "outbox_write_recovered"]


async def test_the_disk_is_tried_again_although_nothing_waits_for_it(tmp_path):
    async with opened(tmp_path / "outbox.db") as outbox:
        await broken(outbox)
        mended(outbox)
        await until(lambda: not outbox.status().failing)
        assert not outbox._unstored.active


async def test_what_is_stored_already_is_still_sent_and_events_of_memory_overtake_the_backlog(tmp_path):
    async with opened(tmp_path / "outbox.db") as outbox:
        outbox.put(urgent(*map(summary, range(300))))
        await stored(outbox)
        outbox.restart()
        await broken(outbox)
        outbox.put(urgent(alarm(7)))
        rows = await take(outbox, 303)
        assert content(rows) == {EVENT: [7], SUMMARY: list(range(300))}
        assert 7 in [number_of(row.record) for row in rows[:3]]
        mended(outbox)


async def test_what_does_not_fit_into_memory_is_counted_when_the_disk_is_back(tmp_path):
    async with opened(tmp_path / "outbox.db", 4 * MB) as outbox:
        await take_all(outbox)
        await broken(outbox)
        for number in range(400):
            outbox.put(urgent(readings(number, 4000)))
        dropped = outbox._inbox._batch.dropped[READINGS] + outbox._inbox._in_hand.dropped[READINGS]
        rows = await take(outbox, 11)
        assert content(rows)[READINGS] == list(range(min(content(rows)[READINGS]), min(content(rows)[READINGS]) + 10))
        for row in rows:
            outbox.acked(row)
        mended(outbox)
        await until(lambda: not outbox.status().failing)
        await stored(outbox)
        assert 0 < dropped <= outbox.status().lost
        assert outbox.status().lost + outbox.status().classes[READINGS].waiting + 10 == 400


async def test_a_row_of_memory_that_is_refused_is_reported(tmp_path):
    async with opened(tmp_path / "outbox.db") as outbox:
        await take_all(outbox)
        await broken(outbox)
        outbox.put(urgent(summary(1)))
        begun, row = await take(outbox, 2)
        outbox.acked(begun)
        outbox.set_aside(row, "too large")
        (told,) = await take(outbox, 1)
        assert isinstance(told.record, Loss)
        assert (told.record.epoch, told.record.message_class, told.record.first) == (row.epoch, "summary", 1)
        mended(outbox)


async def test_a_short_trouble_is_bridged(tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "BRIDGED", PATIENCE)
    async with opened(tmp_path / "outbox.db") as outbox:
        await take_all(outbox)
        outbox._writer._store._connection.execute("PRAGMA query_only = ON")
        outbox.put(urgent(summary(1)))
        await until(lambda: outbox.status().failing)
        assert outbox._delivery.next() is None
        mended(outbox)
        (row,) = await take_all(outbox, in_flight=1)
        assert not row.volatile
