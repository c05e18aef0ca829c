from collections import Counter

import pytest
from outboxes import MB, alarm, content, opened, readings, stored, summary, take, take_all, urgent
from structlog.testing import capture_logs

from gatewayd.records import Loss
from gatewayd.uplink import MessageClass
from gatewayd.uplink.outbox import fullness, store
from gatewayd.uplink.outbox.room import FULL

EVENT, SUMMARY, READINGS = MessageClass


@pytest.fixture
def path(tmp_path):
    return tmp_path / "outbox.db"


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


def reported(rows):
    """The numbers that were reported lost, by class; those of the epoch's beginning and of reports are events, too."""
    lost = {each: set() for each in MessageClass}
    seen = {each: {row.seq for row in rows if row.message_class is each} for each in MessageClass}
    for row in rows:
        if isinstance(row.record, Loss):
            loss = row.record
            each = MessageClass(loss.message_class)
            missing = set(range(loss.first, loss.last + 1)) - seen[each]
            assert len(missing) >= loss.count
            lost[each] |= missing
    return lost


async def test_when_it_is_full_the_oldest_readings_go_first_and_every_one_is_accounted_for(path):
    async with opened(path, MB) as outbox:
        for start in range(0, 1000, 20):
            batch = [record for n in range(start, start + 20) for record in (summary(n), readings(n, 3000))]
            outbox.put(urgent(*batch, *([alarm(start)] if start % 100 == 0 else [])))
            await stored(outbox)
            assert path.stat().st_size <= MB
        before = outbox.status()
        assert before.classes[SUMMARY].lost == before.classes[EVENT].lost == 0
        assert before.classes[READINGS].lost > 500
        assert before.classes[EVENT].given == 11, "losses are not reported while nobody listens"
        outbox.restart()
        rows = await deliver_all(outbox)
        assert content(rows)[EVENT] == list(range(0, 1000, 100))
        assert content(rows)[SUMMARY] == list(range(1000))
        kept = content(rows)[READINGS]
        assert kept == list(range(1000 - len(kept), 1000))
        losses = [row.record for row in rows if isinstance(row.record, Loss)]
        assert [(loss.first, loss.last, loss.count, loss.why) for loss in losses] == [
            (1, 1000 - len(kept), 1000 - len(kept), FULL)
        ]


async def test_summaries_go_when_there_are_no_readings_left_and_events_last(path, monkeypatch):
    monkeypatch.setattr(store, "REPORT", 0.0)
    async with opened(path, MB) as outbox:
        for start in range(0, 3000, 100):
            outbox.put(urgent(*map(summary, range(start, start + 100)), readings(start), alarm(start)))
            await stored(outbox)
        middle = outbox.status()
        assert middle.classes[READINGS].lost > 20
        assert middle.classes[SUMMARY].lost > 100
        assert middle.classes[EVENT].lost == 0
        for start in range(3000, 7000, 100):
            outbox.put(urgent(*map(alarm, range(start, start + 100))))
            await stored(outbox)
        status = outbox.status()
        assert status.classes[SUMMARY].waiting == status.classes[READINGS].waiting == 0
        assert status.classes[EVENT].lost > 100
        assert path.stat().st_size <= MB
        outbox.restart()
        rows = await deliver_all(outbox)
        assert content(rows)[EVENT][-1] == 6999
        assert content(rows)[EVENT] == sorted(content(rows)[EVENT])
        lost = reported(rows)
        given = outbox.status().classes
        for each in MessageClass:
            seen = {row.seq for row in rows if row.message_class is each}
            assert seen | lost[each] == set(range(1, given[each].given + 1))
            assert given[each].lost == len(lost[each])


async def test_what_was_set_aside_goes_before_anything_that_can_be_sent(path):
    async with opened(path, MB) as outbox:
        for start in (0, 50):
            outbox.put(urgent(*(readings(n, 3000) for n in range(start, start + 50))))
            await stored(outbox)
        rows = await take_all(outbox)
        for row in rows[1:]:
            outbox.set_aside(row, "refused")
        await stored(outbox)
        assert outbox.status().set_aside == 100
        for start in range(100, 240, 20):
            outbox.put(urgent(*(readings(n, 3000) for n in range(start, start + 20))))
            await stored(outbox)
        status = outbox.status()
        assert (status.set_aside, status.lost, status.classes[READINGS].waiting) == (0, 100, 140)


async def test_a_dropped_report_of_losses_is_made_again(path, monkeypatch):
    monkeypatch.setattr(store, "REPORT", 0.0)
    async with opened(path, MB) as outbox:
        outbox.put(urgent(summary(1), summary(2)))
        rows = await take_all(outbox)
        outbox.set_aside(rows[1], "refused")
        outbox.acked(rows[2])
        await stored(outbox)
        assert outbox.status().classes[EVENT].given == 2
        for start in range(0, 4000, 100):
            outbox.put(urgent(*map(alarm, range(start, start + 100))))
            await stored(outbox)
        assert outbox.status().classes[EVENT].lost > 100
        outbox.restart()
        rows = await deliver_all(outbox)
        why = Counter((row.record.message_class, row.record.why) for row in rows if isinstance(row.record, Loss))
        assert why == {("summary", "refused"): 1, ("event", FULL): 1}


async def test_what_is_delivered_while_rows_are_dropped_is_not_counted_as_lost(path, monkeypatch):
    monkeypatch.setattr(store, "REPORT", 0.0)
    async with opened(path, MB) as outbox:
        seen, in_flight = {}, []
        for start in range(0, 1500, 50):
            outbox.put(urgent(*(readings(n, 3000) for n in range(start, start + 50))))
            for row in in_flight:
                outbox.acked(row)
            in_flight = await take(outbox, 10)  # while the writer stores, and drops
            assert not seen.keys() & {row.id for row in in_flight}
            seen |= {row.id: row for row in in_flight}
            await stored(outbox)
        for row in in_flight:
            outbox.acked(row)
        seen |= {row.id: row for row in await deliver_all(outbox)}
        account = outbox.status().classes[READINGS]
        numbers = {row.seq for row in seen.values() if row.message_class is READINGS}
        missing = set(range(1, account.given + 1)) - numbers
        assert (account.given, account.lost, account.waiting) == (1500, len(missing), 0)
        assert min(len(missing), len(numbers)) > 300
        check_proof(missing, [row.record for row in seen.values() if isinstance(row.record, Loss)])


def check_proof(missing, losses):
    """What docs/outbox.md has a receiver conclude: each missing number is in a loss, and no loss counts too few."""
    ranges = [set(range(loss.first, loss.last + 1)) for loss in losses]
    assert missing <= set().union(*ranges)
    assert len(missing) <= sum(loss.count for loss in losses)


async def test_rows_that_were_on_their_way_when_they_were_dropped_and_arrive_are_not_lost(path):
    async with opened(path, MB) as outbox:
        outbox.put(urgent(*(readings(n, 3000) for n in range(20))))
        in_flight = await take_all(outbox)
        for start in range(20, 600, 20):
            outbox.put(urgent(*(readings(n, 3000) for n in range(start, start + 20))))
            await stored(outbox)
        before = outbox.status().classes[READINGS]
        assert before.lost > 100
        for row in in_flight:
            outbox.acked(row)
        await stored(outbox)
        after = outbox.status().classes[READINGS]
        assert (after.lost, after.waiting) == (before.lost - 20, before.waiting)
        outbox.restart()
        losses = [row.record for row in await deliver_all(outbox) if isinstance(row.record, Loss)]
        assert sum(loss.count for loss in losses) == after.lost


async def test_losses_and_their_reports_survive_reopening(path):
    async with opened(path, MB) as outbox:
        for start in range(0, 500, 50):
            outbox.put(urgent(*(readings(n, 3000) for n in range(start, start + 50))))
            await stored(outbox)
        lost = outbox.status().lost
        assert lost > 100
    async with opened(path, MB) as outbox:
        assert outbox.status().lost == lost
        rows = await deliver_all(outbox)
        assert [row.record.count for row in rows if isinstance(row.record, Loss)] == [lost]


async def fill(outbox, count):
    """Store so many readings, of which about 200 fit."""
    for start in range(0, count, 50):
        outbox.put(urgent(*(readings(n, 3000) for n in range(start, start + 50))))
        await stored(outbox)


async def deliver_all_in_a_quiet_minute(outbox, monkeypatch):
    with monkeypatch.context() as minute:
        minute.setattr(fullness, "QUIET", 0.0)
        await deliver_all(outbox)


async def test_that_messages_are_dropped_is_logged_once_and_so_is_that_it_has_ended(path, monkeypatch):
    with capture_logs() as logs:
        async with opened(path, MB) as outbox:
            await fill(outbox, 100)
            assert not logs
            await fill(outbox, 1000)
            for row in await take(outbox, 20):
                outbox.acked(row)
            await fill(outbox, 200)
            lost = outbox.status().lost
            assert [entry["event"] for entry in logs] == ["outbox_full"], "a little room does not end it"
            assert (logs[0]["max_size"], logs[0]["dropped"]) == (MB, ["readings"])
            await deliver_all_in_a_quiet_minute(outbox, monkeypatch)
    assert [entry["event"] for entry in logs] == ["outbox_full", "outbox_full_ended"]
    assert logs[1]["lost"] == {"readings": lost}


async def test_a_full_outbox_that_drops_seldom_is_still_full(path, monkeypatch):
    monkeypatch.setattr(fullness, "QUIET", 0.0)
    with capture_logs() as logs:
        async with opened(path, MB) as outbox:
            await fill(outbox, 150)
            for number in range(200):
                outbox.put(urgent(readings(number, 3000)))
                await stored(outbox)
    assert [entry["event"] for entry in logs] == ["outbox_full"]


async def test_each_time_that_the_outbox_is_full_is_counted_by_itself(path, monkeypatch):
    with capture_logs() as logs:
        async with opened(path, MB) as outbox:
            await fill(outbox, 1000)
            before = outbox.status().lost
            await deliver_all_in_a_quiet_minute(outbox, monkeypatch)
            await fill(outbox, 600)
            more = outbox.status().lost - before
            await deliver_all_in_a_quiet_minute(outbox, monkeypatch)
    ended = [entry["lost"] for entry in logs if entry["event"] == "outbox_full_ended"]
    assert ended == [{"readings": before}, {"readings": more}]
