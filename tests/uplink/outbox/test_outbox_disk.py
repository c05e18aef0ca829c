"""The outbox on a disk that is full or cannot be written. The full one is a small tmpfs, which only root can mount."""

import os
from types import SimpleNamespace

import pytest
from outboxes import MB, alarm, content, opened, readings, stored, summary, take, take_all, until, urgent
from small_disks import fill, remount, small_disk
from structlog.testing import capture_logs

from gatewayd.records import Loss, Saved
from gatewayd.uplink import MessageClass, Outbox, OutboxError
from gatewayd.uplink.outbox import reserve, room, store, writer

EVENT, SUMMARY, READINGS = MessageClass


@pytest.fixture
def disk(tmp_path):
    """A folder with 9 MB of room."""
    with small_disk(tmp_path / "disk", "9m") as folder:
        yield folder


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(writer, "RETRY", 0.02)
    monkeypatch.setattr(reserve, "PATIENCE", 0.0)
    monkeypatch.setattr(store, "REPORT", 0.0)


async def deliver_all(outbox):
    """Take and acknowledge until nothing waits."""
    await stored(outbox)
    rows = []
    while outbox.status().waiting:
        while row := outbox._delivery.next():
            rows.append(row)
            outbox.acked(row)
        await stored(outbox)
    return rows


def check_losses(rows, status, why):
    """Whether the losses that were reported are just the readings that are missing."""
    lost = [row.record for row in rows if isinstance(row.record, Loss)]
    assert sum(loss.count for loss in lost) == status.lost > 0
    assert {(loss.message_class, loss.why) for loss in lost} == {("readings", why)}
    missing = set(range(1, status.classes[READINGS].given + 1)) - {
        row.seq for row in rows if row.message_class is READINGS
    }
    assert missing == {number for loss in lost for number in range(loss.first, loss.last + 1)}


async def test_on_a_full_disk_the_outbox_does_with_the_room_that_it_has_and_drops_the_oldest(disk):
    with capture_logs() as logs:
        async with opened(disk / "outbox.db") as outbox:
            outbox.put(urgent(*map(readings, range(20))))
            await stored(outbox)
            filler = fill(disk)
            for number in range(20, 420):
                outbox.put(
                    urgent(readings(number, 4000), summary(number), *([alarm(number)] if number % 100 == 0 else []))
                )
                if number % 20 == 0:
                    await stored(outbox)
            await stored(outbox)
            assert outbox.status().failing == writer.CRAMPED
            outbox.restart()
            rows = await deliver_all(outbox)
            check_losses(rows, outbox.status(), room.FULL)
            assert sorted(content(rows)[SUMMARY]) == list(range(20, 420))
            assert content(rows)[EVENT] == [100, 200, 300, 400]
            assert max(content(rows)[READINGS]) == 419
            filler.unlink()
            outbox.put(urgent(summary(1)))
            await stored(outbox)
            assert outbox.status().failing == ""
    told = {entry["event"]: entry for entry in logs}
    assert [entry["event"] for entry in logs] == ["outbox_disk_full", "outbox_full", "outbox_disk_full_ended"]
    assert (told["outbox_disk_full"]["free"], told["outbox_disk_full"]["path"]) == (0, str(disk))
    assert "free some room" in told["outbox_disk_full"]["hint"]


async def test_what_cannot_be_stored_waits_in_memory_and_what_that_costs_is_told(tmp_path):
    with capture_logs() as logs:
        async with opened(tmp_path / "outbox.db", 8 * MB) as outbox:
            connection = outbox._writer._store._connection
            outbox.put(urgent(readings(0)))
            rows = await take_all(outbox)
            connection.execute("PRAGMA query_only = ON")
            for number in range(1, 1001):
                outbox.put(
                    urgent(readings(number, 4000), summary(number), *([alarm(number)] if number % 100 == 0 else []))
                )
            await until(lambda: outbox.status().failing)
            assert outbox.alive()
            assert outbox._delivery.next() is None
            connection.execute("PRAGMA query_only = OFF")
            await stored(outbox)
            assert outbox.status().failing == ""
            for row in rows:
                outbox.acked(row)
            rows += await deliver_all(outbox)
            check_losses(rows, outbox.status(), store.NOT_STORED)
    assert sorted(content(rows)[SUMMARY]) == list(range(1, 1001))
    assert content(rows)[EVENT] == list(range(100, 1001, 100))
    assert max(content(rows)[READINGS]) == 1000, "the newest is there"
    assert [entry["event"] for entry in logs] == ["outbox_write_failed", "outbox_write_recovered"]


async def test_acknowledgements_are_stored_on_a_full_disk_and_make_room_for_what_is_new(disk):
    async with opened(disk / "outbox.db") as outbox:
        for start in range(0, 300, 50):
            outbox.put(urgent(*(readings(number, 4000) for number in range(start, start + 50))))
            await stored(outbox)
        rows = await take_all(outbox)
        filler = fill(disk)
        for row in rows:
            outbox.acked(row)
        await stored(outbox)
        assert outbox.status().waiting == 0
        outbox.put(urgent(*(readings(number, 4000) for number in range(200))))
        assert content(await take_all(outbox)) == {READINGS: list(range(200))}
        assert outbox.status().lost == 0
        filler.unlink()
        outbox.put(urgent(summary(1)))
        await stored(outbox)
    assert (disk / "outbox.db.reserve").stat().st_size > MB


async def test_a_disk_that_turns_read_only_delays_but_loses_nothing(disk):
    async with opened(disk / "outbox.db") as outbox:
        outbox.put(urgent(*map(summary, range(10))))
        rows = await take_all(outbox)
        await outbox.close()
    outbox = Outbox(disk / "outbox.db", 4 * MB)
    outbox.open()
    rows = await take(outbox, 11)
    connection = outbox._writer._store._connection
    connection.execute("PRAGMA query_only = ON")  # the file is open for writing: a remount would be refused
    outbox.acked(rows[1])
    outbox.put(urgent(alarm(1)))
    await until(lambda: outbox.status().failing)
    assert outbox.status().waiting == 11
    outbox.restart()
    again = await take(outbox, 10)
    assert [row.id for row in again] == [row.id for row in rows if row is not rows[1]]
    connection.execute("PRAGMA query_only = OFF")
    assert content(await take_all(outbox, in_flight=10)) == {EVENT: [1]}
    await outbox.close()


async def test_an_outbox_can_be_opened_on_a_full_disk(disk):
    async with opened(disk / "outbox.db") as outbox:
        outbox.put(urgent(summary(1)))
    fill(disk)
    async with opened(disk / "outbox.db") as outbox:
        outbox.put(urgent(alarm(2)))
        assert content(await take_all(outbox)) == {EVENT: [2], SUMMARY: [1]}


async def test_a_start_on_a_full_disk_without_a_reserve_is_told_once_and_so_is_the_end(disk):
    async with opened(disk / "outbox.db") as outbox:
        await stored(outbox)
    (disk / "outbox.db.reserve").unlink()
    filler = fill(disk)
    with capture_logs() as logs:
        async with opened(disk / "outbox.db") as outbox:
            outbox.put(urgent(alarm(1)))
            await until(lambda: outbox.status().failing)
            filler.unlink()
            await stored(outbox)
            assert outbox.status().failing == ""
    told = [entry["event"] for entry in logs]
    assert told == ["outbox_disk_full", "outbox_write_failed", "outbox_write_recovered", "outbox_disk_full_ended"]


async def test_a_disk_that_fails_although_it_has_room_is_not_called_full(tmp_path):
    (tmp_path / "outbox.db.reserve").touch()
    with capture_logs() as logs:
        kept = reserve.Reserve(tmp_path / "outbox.db.reserve", 1000)
        kept.release("disk I/O error")
        assert kept.replenish()
    assert [entry["event"] for entry in logs] == ["outbox_reserve_released", "outbox_reserve_restored"]


async def test_another_size_of_what_is_there_already_is_no_want_of_room(tmp_path, monkeypatch):
    kept = reserve.Reserve(tmp_path / "outbox.db.reserve", 100_000)
    assert kept.replenish()
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=1, f_frsize=40_000))
    with capture_logs() as logs:
        kept.resize(60_000)
        assert kept.replenish()
    assert logs == []


async def test_a_first_start_on_a_full_disk_sends_from_memory_until_there_is_room(disk, monkeypatch):
    monkeypatch.setattr(writer, "BRIDGED", 0.0)
    filler = fill(disk)
    with capture_logs() as logs:
        async with opened(disk / "outbox.db") as outbox:
            outbox.put(urgent(alarm(1)))
            rows = await take(outbox, 2)
            assert content(rows) == {EVENT: [1]}
            assert all(row.volatile for row in rows)
            assert outbox.epoch == ""
            filler.unlink()
            await until(lambda: outbox.epoch)
            outbox.put(urgent(summary(2)))
            rows = await take_all(outbox, in_flight=2)
            assert content(rows) == {SUMMARY: [2]}
            assert {row.epoch for row in rows} == {outbox.epoch}
    events = [entry["event"] for entry in logs]
    assert sorted(events) == sorted(
        ["outbox_disk_full", "outbox_write_failed", "outbox_write_recovered", "outbox_disk_full_ended"]
    )


async def test_a_start_on_a_read_only_disk_sends_from_memory_and_then_the_backlog(disk, monkeypatch):
    monkeypatch.setattr(writer, "BRIDGED", 0.0)
    async with opened(disk / "outbox.db") as outbox:
        outbox.put(urgent(summary(1), saved=[Saved("rules", "a", "x", b"old"), Saved("rules", "b", "x", b"b")]))
        epoch = outbox.epoch
    remount(disk, "ro")
    try:
        with capture_logs() as logs:
            async with opened(disk / "outbox.db") as outbox:
                assert outbox.saved()["rules", "a"].data == b"old", "what was remembered can be read"
                outbox.put(urgent(alarm(2), saved=[Saved("rules", "a", "x", b"new")]))
                rows = await take(outbox, 2)
                assert all(row.volatile for row in rows)
                assert "SQLITE" in outbox.status().failing or "opened" in outbox.status().failing
                for row in rows:
                    outbox.acked(row)
                remount(disk, "rw")
                await until(lambda: outbox.epoch)
                assert outbox.epoch == epoch
                rows = await take_all(outbox)
                assert content(rows) == {SUMMARY: [1]}
                assert [row.record.previous for row in rows if row.message_class is EVENT][1:] != [None]
        assert [entry["event"] for entry in logs] == ["outbox_write_failed", "outbox_write_recovered"]
        assert "mount it writable if it is read-only" in logs[0]["reason"]
    finally:
        remount(disk, "rw")
    async with opened(disk / "outbox.db") as outbox:
        assert {each.name: each.data for each in outbox.saved().values() if each.stage == "rules"} == {
            "a": b"new",
            "b": b"b",
        }


async def test_a_folder_that_is_not_ours_is_an_error_that_says_what_to_do(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutboxError, match="make its folder writable"):
        Outbox(tmp_path / "file" / "outbox.db", 4 * MB).open()


async def test_closing_while_the_disk_cannot_be_written_ends_and_tells_what_was_lost(disk):
    with capture_logs() as logs:
        async with opened(disk / "outbox.db") as outbox:
            await stored(outbox)
            outbox._writer._store._connection.execute("PRAGMA query_only = ON")
            outbox.put(urgent(summary(1), summary(2), readings(1, 2 * MB)))
    assert ("outbox_closed_incomplete", 3) in [(each["event"], each.get("records_lost")) for each in logs]
