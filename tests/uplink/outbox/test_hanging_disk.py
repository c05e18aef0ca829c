"""An outbox whose disk does not answer, neither well nor with an error, as a card or network drive can for minutes."""

import asyncio
import threading
import time
from contextlib import contextmanager

import pytest
from dead_disk import dead_disk
from outboxes import alarm, content, opened, stored, summary, take, take_all, until, urgent
from structlog.testing import capture_logs

from gatewayd.uplink import MessageClass
from gatewayd.uplink.outbox import hanging, writer

EVENT, SUMMARY, READINGS = MessageClass


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    """The writer shows much more often than that that it is alive."""
    monkeypatch.setattr(writer, "BEAT", 0.05)
    monkeypatch.setattr(hanging, "HANGS", 2.0)
    monkeypatch.setattr(hanging, "LOOK", 0.05)


async def settle(outbox):
    """What a first start has to say is at the broker."""
    for row in await take_all(outbox):
        outbox.acked(row)
    await stored(outbox)


@contextmanager
def hangs(outbox, wait=None):
    """Its next commit does not return before the end of the block, and then succeeds, as all those after it."""
    answers, store = threading.Event(), outbox._writer._store
    commit = store.commit
    store.commit = lambda batch: (answers.is_set() or (wait or answers.wait)(), commit(batch))[1]
    try:
        yield
    finally:
        answers.set()


async def test_a_disk_that_hangs_is_told_and_no_trouble_any_more_when_it_answers(tmp_path):
    with capture_logs() as logs:
        async with opened(tmp_path / "outbox.db") as outbox:
            await stored(outbox)
            with hangs(outbox):
                outbox.put(urgent(summary(1)))
                await until(lambda: outbox.status().failing)
                assert "does not answer" in outbox.status().failing
            await until(lambda: not outbox.status().failing)
            assert content(await take_all(outbox))[SUMMARY] == [1]
    assert [entry["event"] for entry in logs] == ["outbox_write_failed", "outbox_write_recovered"]


async def test_while_the_disk_hangs_alarms_are_sent_from_memory(tmp_path):
    async with opened(tmp_path / "outbox.db") as outbox:
        await settle(outbox)
        with hangs(outbox):
            outbox.put(urgent(summary(1)))
            await until(lambda: outbox._inbox._busy)
            outbox.put(urgent(alarm(2)))
            begun, sent = await take(outbox, 2)
            assert begun.volatile
            assert sent.volatile
            assert content([sent]) == {EVENT: [2]}
            outbox.put(urgent(summary(3)))
            await asyncio.sleep(0.1)
            assert outbox._delivery.next() is None, "an older one of its class is being stored"
            outbox.acked(begun)
            outbox.acked(sent)
        rows = [await outbox.next_row() for _ in range(3)]
        assert content(rows) == {SUMMARY: [1, 3]}
        (told,) = [row.record for row in rows if row.message_class is EVENT and row.record.previous]
        assert (told.previous, told.ends["event"]) == (sent.epoch, 2)
        assert not next(row for row in rows if row.record is told).volatile


async def test_a_disk_that_hangs_and_then_refuses_is_in_trouble_all_the_time(tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "RETRY", 0.02)
    async with opened(tmp_path / "outbox.db") as outbox:
        await settle(outbox)
        connection = outbox._writer._store._connection
        with hangs(outbox):
            outbox.put(urgent(alarm(1)))
            await until(lambda: "does not answer" in outbox.status().failing)
            connection.execute("PRAGMA query_only = ON")
        await until(lambda: "SQLITE_READONLY" in outbox.status().failing)
        _, sent = await take(outbox, 2)
        assert (sent.volatile, content([sent])) == (True, {EVENT: [1]})
        connection.execute("PRAGMA query_only = OFF")
        await until(lambda: not outbox.status().failing)


async def test_the_watchdog_is_for_a_writer_that_hangs_and_not_for_a_disk_that_does(tmp_path, monkeypatch):
    monkeypatch.setattr("gatewayd.uplink.outbox.outbox.STUCK", 0.5)
    async with opened(tmp_path / "outbox.db") as outbox:
        await settle(outbox)
        with hangs(outbox):
            outbox.put(urgent(alarm(1)))
            await until(lambda: not outbox.alive())
        await until(outbox.alive)
        with dead_disk(tmp_path) as disk, hangs(outbox, disk.awaited):
            outbox.put(urgent(alarm(2)))
            await until(lambda: time.monotonic() - outbox._writer.beat > 1.0)
            assert outbox.alive()
        await until(lambda: not outbox.status().failing)


async def test_the_disk_is_not_blamed_for_a_writer_that_has_ended(tmp_path):
    async with opened(tmp_path / "outbox.db") as outbox:
        await stored(outbox)
        outbox._inbox.close()
        await until(lambda: not outbox._writer.is_alive())
        outbox._hanging._begin()
        assert outbox.status().failing == "its writer has ended by a mistake of ours"
        assert not outbox.alive()


async def test_a_gateway_that_was_stopped_for_a_while_does_not_blame_the_disk(tmp_path):
    """As by SIGSTOP, or with its virtual machine: afterwards the loop may have its turn before the writer has."""
    with capture_logs() as logs:
        async with opened(tmp_path / "outbox.db") as outbox:
            await stored(outbox)
            outbox._writer.beat -= 3600
            outbox._hanging._look()
            assert not outbox.status().failing
    assert not logs
