import asyncio
import random
import sqlite3
import zlib

import pytest
from outboxes import MB, PATIENCE, alarm, content, opened, readings, stored, summary, take, take_all, urgent
from structlog.testing import capture_logs

from gatewayd.records import EpochBegun, Saved
from gatewayd.uplink import MessageClass, Outbox, OutboxError
from gatewayd.uplink.outbox import database

EVENT, SUMMARY, READINGS = MessageClass


@pytest.fixture
def path(tmp_path):
    return tmp_path / "outbox.db"


@pytest.fixture
async def sound(path):
    """The bytes of an outbox with 40 rows."""
    async with opened(path) as outbox:
        saved = Saved("rules", "a", "x", b"state")
        outbox.put(urgent(*map(summary, range(20)), *map(readings, range(20)), saved=[saved]))
    return path.read_bytes()


async def works(path):
    """Open it, store a row and have everything delivered; then open it again."""
    async with opened(path) as outbox, asyncio.timeout(PATIENCE):
        outbox.put(urgent(summary(999)))
        delivered = []
        await stored(outbox)
        while outbox.status().waiting:
            if row := outbox._delivery.next():
                delivered.append(row)
                outbox.acked(row)
            else:
                await stored(outbox)
        assert 999 in content(delivered)[SUMMARY]
    async with opened(path) as outbox:
        assert not content(await take_all(outbox))


@pytest.mark.parametrize(
    "content",
    [b"not a database at all", b"\0" * 8192, b"SQLite format 3\0" + b"\xff" * 5000],
    ids=["text", "zeros", "header only"],
)
async def test_a_file_that_is_no_database_is_set_aside(path, content):
    path.write_bytes(content)
    with capture_logs() as logs:
        await works(path)
    assert path.with_name("outbox.db.damaged-1").read_bytes() == content
    assert [entry["event"] for entry in logs] == ["outbox_set_aside"]


async def test_a_database_of_another_program_is_set_aside(path):
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipe (name TEXT)")
    other.close()
    await works(path)
    assert path.with_name("outbox.db.damaged-1").exists()


async def test_an_empty_file_is_a_first_start(path):
    path.touch()
    async with opened(path) as outbox:
        (row,) = await take(outbox, 1)
        assert row.record.why == "first start"
    assert not list(path.parent.glob("*damaged*"))


async def test_the_new_epoch_says_where_the_damaged_one_ended(path, sound):
    async with opened(path) as outbox:
        epoch = outbox.epoch
    with sqlite3.connect(path) as damaged:
        damaged.execute("DROP TABLE summary")
    damaged.close()
    async with opened(path) as outbox:
        (row,) = await take_all(outbox)
        assert isinstance(row.record, EpochBegun)
        assert row.record.previous == epoch != outbox.epoch
        assert row.record.ends == {"event": 1, "summary": 20, "readings": 20}
        assert row.record.why == "the outbox was damaged and set aside as outbox.db.damaged-1"


async def test_only_the_last_damaged_files_are_kept(path):
    for number in range(5):
        path.write_bytes(b"damage %d" % number)
        await works(path)
    kept = sorted(path.parent.glob("outbox.db.damaged-*"))
    assert [each.name for each in kept] == [f"outbox.db.damaged-{number}" for number in (3, 4, 5)]
    assert kept[-1].read_bytes() == b"damage 4"


async def test_an_outbox_of_a_newer_version_is_left_as_it_is(path, sound):
    with sqlite3.connect(path) as newer:
        newer.execute(f"PRAGMA user_version = {database.VERSION + 1}")
        newer.execute("UPDATE epoch SET version = version + 1")
    newer.close()
    with pytest.raises(OutboxError, match=r"a newer gatewayd has made it \(version 2, this one knows 1\); run that"):
        Outbox(path, 4 * MB).open()
    assert not list(path.parent.glob("*damaged*"))


async def test_a_spoilt_row_is_reported_and_the_others_arrive(path, sound):
    with sqlite3.connect(path) as damaged:
        damaged.execute("UPDATE summary SET data = zeroblob(length(data)) WHERE seq = 7")
    damaged.close()
    with capture_logs() as logs:
        async with opened(path) as outbox:
            rows = await take(outbox, 40)
            assert content(rows)[SUMMARY] == [number for number in range(20) if number != 6]
            await stored(outbox)
            outbox.acked(rows[0])
            await stored(outbox)
            (row,) = await take(outbox, 1)
            assert (row.record.message_class, row.record.first, row.record.last) == ("summary", 7, 7)
    assert [entry["event"] for entry in logs] == ["outbox_row_spoilt"]


async def test_a_row_of_garbled_text_with_a_right_checksum_is_reported_too(path, sound):
    with sqlite3.connect(path) as damaged:
        (data,) = damaged.execute("SELECT data FROM summary WHERE seq = 7").fetchone()
        data = data.replace(b"pump6", b"pum\xff\xfe")
        damaged.execute("UPDATE summary SET data = ?, checksum = ? WHERE seq = 7", (data, zlib.crc32(data, 7)))
    damaged.close()
    with capture_logs() as logs:
        async with opened(path) as outbox:
            assert 6 not in content(await take(outbox, 40))[SUMMARY]
    assert [entry["event"] for entry in logs] == ["outbox_row_spoilt"]


async def test_spoilt_state_is_not_given_back(path, sound):
    with sqlite3.connect(path) as damaged:
        damaged.execute("UPDATE saved SET data = zeroblob(length(data)) WHERE name = 'a'")
    damaged.close()
    async with opened(path) as outbox:
        assert ("rules", "a") not in outbox.saved()


async def test_damage_found_while_running_is_survived_with_what_is_in_memory(path):
    with capture_logs() as logs:
        async with opened(path) as outbox:
            before = outbox.epoch
            outbox.put(urgent(*map(summary, range(5))))
            rows = await take_all(outbox)
            outbox._writer._store._connection.execute("DROP TABLE summary")
            outbox.put(urgent(summary(5), alarm(6)))
            outbox.acked(rows[1])
            await stored(outbox)
            assert outbox.epoch != before
            rows = await take_all(outbox)
            assert content(rows) == {EVENT: [6], SUMMARY: [5]}
            begun = rows[0].record
            assert (begun.previous, begun.ends) == (before, {"event": 1, "summary": 5, "readings": 0})
            assert {row.epoch for row in rows} == {outbox.epoch}
            assert outbox.status().failing == ""
    assert [entry["event"] for entry in logs] == ["outbox_set_aside"]
    await works(path)


async def test_the_state_of_alarms_outlives_damage_found_while_running(path):
    kept = Saved("rules", "a", "x", b"raised")
    async with opened(path) as outbox:
        outbox.put(urgent(alarm(1), saved=[kept, Saved("rules", "b", "y", b"raised")]))
        await stored(outbox)
    with capture_logs():
        async with opened(path) as outbox:
            outbox.put(urgent(alarm(2), saved=[Saved("rules", "b", "", b"")]))
            await stored(outbox)
            outbox._writer._store._connection.execute("DROP TABLE summary")
            outbox.put(urgent(summary(3)))
            await stored(outbox)
    assert list(path.parent.glob("*damaged*"))
    async with opened(path) as outbox:
        assert [each for each in outbox.saved().values() if each.stage == "rules"] == [kept]


async def test_damage_found_while_reading_back_is_survived(path, sound):
    async with opened(path) as outbox:
        before = outbox.epoch
        outbox._writer._store._connection.execute("DROP TABLE readings")
        (row,) = await take(outbox, 1)
        while not isinstance(row.record, EpochBegun) or row.epoch == before:
            (row,) = await take(outbox, 1)
        assert row.record.previous == before
        outbox.put(urgent(readings(1)))
        await stored(outbox)
        (row,) = await take(outbox, 1)
        assert (row.message_class, row.seq, row.epoch) == (READINGS, 1, outbox.epoch)


async def test_an_answer_for_a_row_of_the_epoch_before_settles_nothing_in_this_one(path):
    async with opened(path) as outbox:
        outbox.put(urgent(summary(1)))
        old = (await take_all(outbox))[1]
        outbox._writer._store._connection.execute("DROP TABLE summary")
        outbox.put(urgent(summary(2)))
        await stored(outbox)
        outbox.acked(old)
        outbox.set_aside(old, "refused")
        await stored(outbox)
        assert outbox.status().classes[SUMMARY].waiting == 1
        outbox.restart()
        assert content(await take_all(outbox)) == {SUMMARY: [2]}


@pytest.mark.parametrize("seed", range(12))
async def test_flipped_bits_and_truncation_never_need_a_hand(path, sound, seed):
    dice = random.Random(seed)
    spoilt = bytearray(sound)
    if seed % 4 == 0:
        del spoilt[dice.randrange(len(spoilt)) :]
    else:
        for _ in range(dice.choice([1, 3, 30])):
            spoilt[dice.randrange(len(spoilt) if seed % 4 == 1 else 4096)] ^= 1 << dice.randrange(8)
    path.write_bytes(spoilt)
    with capture_logs():
        await works(path)


@pytest.mark.parametrize("seed", range(5))
async def test_a_spoilt_log_of_an_unclean_end_never_needs_a_hand(path, tmp_path, seed):
    dice = random.Random(seed)
    async with opened(path) as outbox:
        outbox.put(urgent(*map(summary, range(20))))
        await stored(outbox)
        files = {suffix: path.with_name(path.name + suffix).read_bytes() for suffix in ("", "-wal")}
    log = bytearray(files["-wal"])
    assert log
    for _ in range(5):
        log[dice.randrange(len(log))] ^= 1 << dice.randrange(8)
    path.write_bytes(files[""])
    path.with_name(path.name + "-wal").write_bytes(log)
    with capture_logs():
        await works(path)
