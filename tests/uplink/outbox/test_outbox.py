import asyncio
import sqlite3
import threading
import time

import pytest
from outboxes import MB, alarm, content, number_of, opened, readings, stored, summary, take, take_all, urgent

from gatewayd import clock
from gatewayd.records import EpochBegun, Loss, Output, Saved
from gatewayd.uplink import MessageClass, Outbox, OutboxError
from gatewayd.uplink.outbox import delivery, inbox, store
from gatewayd.uplink.outbox import outbox as outbox_module

EVENT, SUMMARY, READINGS = MessageClass


@pytest.fixture
def path(tmp_path):
    return tmp_path / "outbox.db"


async def test_the_first_row_of_a_new_outbox_tells_of_its_epoch(path):
    async with opened(path) as outbox:
        (row,) = await take(outbox, 1)
        assert isinstance(row.record, EpochBegun)
        assert (row.record.epoch, row.record.previous, row.record.ends) == (outbox.epoch, None, {})
        assert row.record.why == "first start"
        assert (row.message_class, row.seq, row.late, row.epoch) == (EVENT, 1, False, outbox.epoch)


async def test_records_come_out_with_numbers_that_count_up_in_each_class(path):
    async with opened(path) as outbox:
        await take(outbox, 1)
        outbox.put(Output((summary(1), readings(2))))
        outbox.put(urgent(alarm(3), summary(4)))
        rows = await take_all(outbox, in_flight=1)
        assert [(row.message_class, row.seq, number_of(row.record)) for row in rows] == [
            (EVENT, 2, 3),
            (SUMMARY, 1, 1),
            (SUMMARY, 2, 4),
            (READINGS, 1, 2),
        ]
        assert len({row.id for row in rows}) == 4
        assert not any(row.late for row in rows)


async def test_an_output_that_is_not_urgent_is_stored_soon_without_another(path, monkeypatch):
    monkeypatch.setattr(inbox, "LINGER", 0.01)
    async with opened(path) as outbox:
        outbox.put(Output((summary(1),)))
        assert content(await take(outbox, 2)) == {SUMMARY: [1]}


async def test_a_hundred_rows_are_stored_together_without_waiting(path, monkeypatch):
    monkeypatch.setattr(inbox, "LINGER", 3600.0)
    async with opened(path) as outbox:
        for number in range(inbox.GROUP):
            outbox.put(Output((readings(number),)))
        await take(outbox, inbox.GROUP + 1)
        assert outbox.status().commits == 1


async def test_nothing_is_given_before_it_is_on_disk(path):
    async with opened(path) as outbox:
        await take(outbox, 1)
        outbox.put(Output((summary(1),)))
        assert outbox._delivery.next() is None
        (row,) = await take(outbox, 1)
        copy = sqlite3.connect(":memory:")
        source = outbox._writer._store._connection
        source.backup(copy)
        assert copy.execute("SELECT seq FROM summary").fetchall() == [(row.seq,)]
        copy.close()


async def test_what_is_acknowledged_is_gone_and_what_is_not_comes_again_after_reopening(path):
    async with opened(path) as outbox:
        epoch = outbox.epoch
        outbox.put(urgent(*map(summary, range(5)), alarm(9)))
        rows = await take_all(outbox)
        for row in rows:
            if number_of(row.record) != 3:
                outbox.acked(row)
    async with opened(path) as outbox:
        assert outbox.epoch == epoch
        (row,) = await take_all(outbox)
        assert (number_of(row.record), row.seq, row.late) == (3, 4, True)


async def test_a_restart_gives_everything_again_but_what_was_acknowledged(path):
    async with opened(path) as outbox:
        outbox.put(urgent(*map(summary, range(4))))
        first = await take_all(outbox)
        outbox.acked(first[2])
        outbox.restart()
        again = await take(outbox, 4)
        assert [row.seq for row in again] == [1, 1, 3, 4]
        assert all(row.late for row in again)
        assert {row.id for row in again} < {row.id for row in first}
        assert outbox._delivery.next() is None


async def test_events_come_first_then_new_rows_then_the_backlog(path):
    async with opened(path) as outbox:
        outbox.put(urgent(alarm(1), summary(1), readings(1)))
        await stored(outbox)
        outbox.put(urgent(summary(2), readings(2), alarm(2)))
        await stored(outbox)
        outbox.restart()
        outbox.put(urgent(readings(3), alarm(3), summary(3)))
        rows = await take_all(outbox)
        assert [(row.message_class, number_of(row.record), row.late) for row in rows] == [
            (EVENT, None, True),
            (EVENT, 1, True),
            (EVENT, 2, True),
            (EVENT, 3, False),
            (SUMMARY, 3, False),
            (READINGS, 3, False),
            *[(each, 1, True) for each in (READINGS, SUMMARY)],
            *[(each, 2, True) for each in (READINGS, SUMMARY)],
        ]


async def test_rows_that_nobody_takes_become_backlog_and_none_is_missed_or_doubled(path, monkeypatch):
    monkeypatch.setattr(delivery, "MOST_LIVE", 20)
    async with opened(path) as outbox:
        outbox.put(urgent(*map(summary, range(10))))
        taken = await take_all(outbox)
        for start in range(10, 100, 10):
            outbox.put(urgent(*map(summary, range(start, start + 10)), alarm(start)))
            await stored(outbox)
        outbox.put(urgent(*map(summary, range(100, 105))))
        rows = await take_all(outbox, in_flight=len(taken))
        assert content(rows)[EVENT] == list(range(10, 100, 10))
        numbers = content(rows)[SUMMARY]
        assert sorted(numbers) == list(range(10, 105))
        newest = [number_of(row.record) for row in rows if row.message_class is SUMMARY and not row.late]
        assert numbers[: len(newest)] == newest == list(range(105 - len(newest), 105))
        assert 0 < len(newest) <= 20


async def test_a_long_backlog_comes_in_order_and_is_never_all_in_memory(path):
    async with opened(path) as outbox:
        outbox.put(urgent(*map(summary, range(700)), *map(readings, range(300))))
    async with opened(path) as outbox:
        rows, most = [], 0
        while len(rows) < 1001:
            rows += await take(outbox, 1)
            most = max(most, len(outbox._delivery._old_others._rows))
        assert content(rows) == {SUMMARY: list(range(700)), READINGS: list(range(300))}
        assert most < 200


async def test_a_row_acknowledged_between_reading_back_and_giving_is_not_given_again(path, monkeypatch):
    monkeypatch.setattr(delivery, "MOST_LIVE", 5)
    async with opened(path) as outbox:
        outbox.put(urgent(*map(summary, range(4))))
        taken = await take_all(outbox)
        outbox.put(urgent(*map(summary, range(4, 10))))
        await stored(outbox)
        outbox._delivery.next()
        for row in taken:
            outbox.acked(row)
        rows = await take_all(outbox)
        assert content(rows)[SUMMARY] == list(range(4, 10))


async def test_saved_state_is_kept_with_the_records_of_the_same_output(path):
    async with opened(path) as outbox:
        outbox.put(urgent(alarm(1), saved=[Saved("rules", "a", "x", b"one"), Saved("rules", "b", "y", b"two")]))
        outbox.put(urgent(saved=[Saved("rules", "a", "x2", b"three")]))
    async with opened(path) as outbox:
        assert outbox.saved() == {
            ("rules", "a"): Saved("rules", "a", "x2", b"three"),
            ("rules", "b"): Saved("rules", "b", "y", b"two"),
        }
        outbox.put(urgent(saved=[Saved("rules", "a", "x2", b"")]))
    async with opened(path) as outbox:
        assert list(outbox.saved()) == [("rules", "b")]


def saved_of_rules(outbox):
    return {item.name: item.data for item in outbox.saved().values() if item.stage == "rules"}


async def test_saved_state_is_that_of_the_last_commit_not_of_the_start(path):
    """Else what was saved at the start, which may be much, would be in memory for as long as the gateway runs."""
    async with opened(path) as outbox:
        outbox.put(urgent(saved=[Saved("rules", name, "x", b"old") for name in "abc"]))
    async with opened(path) as outbox:
        assert saved_of_rules(outbox) == dict.fromkeys("abc", b"old")
        outbox.put(urgent(saved=[Saved("rules", "a", "x", b"new"), Saved("rules", "b", "x", b"")]))
        await stored(outbox)
        assert saved_of_rules(outbox) == {"a": b"new", "c": b"old"}


async def test_saved_state_is_read_in_the_order_in_which_it_was_written(path):
    async with opened(path) as outbox:
        outbox.put(urgent(saved=[Saved("rules", name, "x", b"old") for name in "abc"]))
        await stored(outbox)
        outbox.put(urgent(saved=[Saved("rules", "a", "x", b"new")]))
        await stored(outbox)
        assert list(saved_of_rules(outbox)) == ["b", "c", "a"]
    async with opened(path) as outbox:
        assert list(saved_of_rules(outbox)) == ["b", "c", "a"]


async def test_state_that_is_too_large_is_forgotten_rather_than_kept_old(path):
    async with opened(path, MB) as outbox:
        outbox.put(urgent(saved=[Saved("windows", "w", "x", b"old")]))
        await stored(outbox)
        outbox.put(urgent(summary(1), saved=[Saved("windows", "w", "x", bytes(MB))]))
    async with opened(path, MB) as outbox:
        assert ("windows", "w") not in outbox.saved()
        assert content(await take_all(outbox)) == {SUMMARY: [1]}


async def test_a_row_set_aside_is_not_given_again_and_reported_once_something_is_acknowledged(path):
    async with opened(path) as outbox:
        outbox.put(urgent(*map(summary, range(3))))
        rows = await take_all(outbox)
        outbox.set_aside(rows[2], "refused by the broker: not authorized")
        await stored(outbox)
        outbox.acked(rows[1])
        await stored(outbox)
        (row,) = await take(outbox, 1)
        assert isinstance(row.record, Loss)
        loss = row.record
        assert (loss.message_class, loss.epoch, loss.first, loss.last, loss.count, loss.why) == (
            "summary",
            outbox.epoch,
            2,
            2,
            1,
            "refused by the broker: not authorized",
        )
        status = outbox.status()
        assert (status.set_aside, status.lost, status.waiting) == (1, 0, 3)
        assert status.classes["summary"].set_aside == 1
    async with opened(path) as outbox:
        assert content(await take_all(outbox)) == {SUMMARY: [2]}
        assert outbox.status().set_aside == 1


async def test_refusing_every_message_does_not_breed_messages_about_it(path, monkeypatch):
    monkeypatch.setattr(store, "REPORT", 0.0)
    async with opened(path) as outbox:
        outbox.put(urgent(summary(1), readings(1), alarm(1)))
        for row in await take_all(outbox):
            outbox.set_aside(row, "refused")
        await stored(outbox)
        assert outbox.status().waiting == 0
        outbox.put(urgent(summary(2)))
        (row,) = await take(outbox, 1)
        outbox.acked(row)
        await stored(outbox)
        reports = await take_all(outbox)
        assert [row.record.message_class for row in reports] == ["event", "summary", "readings"]
        for row in reports:
            outbox.set_aside(row, "refused")
        outbox.put(urgent(summary(3)))
        (row,) = await take(outbox, 1)
        outbox.acked(row)
        await stored(outbox)
        assert outbox.status().waiting == 0


async def test_reports_of_losses_are_gathered_for_a_while(path):
    async with opened(path) as outbox:
        outbox.put(urgent(*map(summary, range(40))))
        rows = await take_all(outbox)
        for refused, accepted in zip(rows[1:20], rows[20:39], strict=True):
            outbox.set_aside(refused, "refused")
            outbox.acked(accepted)
            await stored(outbox)
        outbox.acked(rows[0])
        rest = await take_all(outbox, in_flight=2)
        assert [row.record.count for row in rest] == [1]


async def test_the_present_boot_maps_to_the_wall_clock_and_an_earlier_one_as_was_last_known(path, monkeypatch):
    async with opened(path) as outbox:
        outbox.put(urgent(summary(1)))
        assert outbox.dating(clock.boot()).offset == pytest.approx(clock.wall_offset(), abs=1e9)
        monkeypatch.setattr(clock, "wall_offset", lambda: 1_700_000_000_000_000_000)
        assert outbox.dating(clock.boot()).offset == 1_700_000_000_000_000_000
        await stored(outbox)
    earlier = clock.boot()
    monkeypatch.setattr(clock, "boot", lambda: "another boot")
    async with opened(path) as outbox:
        assert outbox.dating(earlier).offset == 1_700_000_000_000_000_000
        assert outbox.dating("yet another").offset is None


async def test_a_wall_clock_that_was_never_set_dates_nothing_now_or_after_the_next_boot(path, monkeypatch):
    monkeypatch.setattr(time, "time_ns", lambda: clock.RELEASED - 1)
    async with opened(path) as outbox:
        outbox.put(urgent(summary(1)))
        await stored(outbox)
        assert outbox.dating(clock.boot()).offset is None
    earlier = clock.boot()
    monkeypatch.setattr(clock, "boot", lambda: "another boot")
    async with opened(path) as outbox:
        assert outbox.dating(earlier).offset is None


async def test_a_wall_clock_that_is_set_late_dates_what_was_stored_before(path, monkeypatch):
    with monkeypatch.context() as unset:
        unset.setattr(time, "time_ns", lambda: 0)
        async with opened(path) as outbox:
            outbox.put(urgent(summary(1)))
    async with opened(path) as outbox:
        outbox.put(urgent(summary(2)))
        offset = clock.wall_offset()
        assert outbox.dating(clock.boot()).offset == pytest.approx(offset, abs=1e9)
    earlier = clock.boot()
    monkeypatch.setattr(clock, "boot", lambda: "another boot")
    async with opened(path) as outbox:
        assert outbox.dating(earlier).offset == pytest.approx(offset, abs=1e9)


async def test_the_age_of_what_waits_needs_no_wall_clock(path, monkeypatch):
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    async with opened(path) as outbox:
        outbox.put(urgent(summary(1)))
        await stored(outbox)
        assert 0.0 <= outbox.status().oldest < 60.0


async def test_a_record_too_large_for_the_memory_is_reported_as_just_that(path):
    async with opened(path, MB) as outbox:
        outbox.put(urgent(readings(1, MB), summary(1)))
        rows = await take_all(outbox)
        outbox.acked(rows[1])
        rows = await take_all(outbox, in_flight=1)
        assert [row.record.why for row in rows] == ["it did not fit into the memory for what is to be stored"]


async def test_closing_waits_for_the_writer_and_says_so_when_it_does_not_end(path, monkeypatch):
    monkeypatch.setattr(outbox_module, "CLOSE", 0.05)
    outbox, go_on = Outbox(path, 4 * MB), threading.Event()
    outbox.open()
    await take(outbox, 1)
    commit = outbox._writer._store.commit
    monkeypatch.setattr(outbox._writer._store, "commit", lambda batch: go_on.wait() and commit(batch))
    outbox.put(urgent(summary(1)))
    with pytest.raises(OutboxError, match=r"its writer has not ended within 0\.05 s; look for errors of the disk"):
        await outbox.close()
    go_on.set()
    monkeypatch.setattr(outbox_module, "CLOSE", 20.0)
    await outbox.close()
    async with opened(path) as outbox:
        assert content(await take_all(outbox)) == {SUMMARY: [1]}


async def test_the_status_counts_what_waits_and_what_was_written(path):
    async with opened(path) as outbox:
        outbox.put(urgent(*map(readings, range(50))))
        rows = await take_all(outbox)
        before = outbox.status()
        assert (before.waiting, before.lost, before.set_aside, before.failing) == (51, 0, 0, "")
        assert before.classes["readings"].given == 50
        assert before.committed == 50
        assert before.commits in {1, 2}
        assert before.written > 50 * 800
        assert before.oldest >= 0.0
        for row in rows[:10]:
            outbox.acked(row)
        assert outbox.waiting == outbox.status().waiting == 41
        assert outbox.alive()
    assert not outbox.alive()


async def test_closing_stores_what_was_just_put_and_leaves_one_file_and_the_reserve(path):
    async with opened(path) as outbox:
        outbox.put(Output((summary(1),)))
    assert sorted(each.name for each in path.parent.iterdir()) == ["outbox.db", "outbox.db.reserve"]
    async with opened(path) as outbox:
        assert content(await take_all(outbox)) == {SUMMARY: [1]}


async def test_waiting_for_a_row_can_be_cancelled_without_losing_one(path):
    async with opened(path) as outbox:
        await take(outbox, 1)
        waiting = asyncio.create_task(outbox.next_row())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        outbox.put(urgent(summary(1)))
        assert content(await take(outbox, 1)) == {SUMMARY: [1]}


async def test_a_folder_that_is_not_there_is_named_with_what_to_do(tmp_path):
    with pytest.raises(OutboxError, match=r"nowhere/outbox.db: it cannot be opened .* make its folder writable"):
        Outbox(tmp_path / "nowhere" / "outbox.db", 4 * MB).open()


async def test_an_outbox_in_use_by_another_is_left_alone(path):
    async with opened(path) as outbox:
        outbox.put(urgent(summary(1)))
        await stored(outbox)
        with pytest.raises(OutboxError, match="another process uses it"):
            Outbox(path, 4 * MB).open()


async def test_too_small_an_outbox_is_refused(path):
    with pytest.raises(OutboxError, match=r"max_size is 1000 bytes; an outbox needs at least"):
        Outbox(path, 1000).open()
