"""Upgrades and downgrades of the outbox: a file of an earlier version goes on, a newer one is left alone."""

import sqlite3
import zlib

import msgspec
import pytest
from outboxes import MB, opened, stored, take_all
from outboxes_of_old import BOOT, EPOCH, outbox_of_version_1
from structlog.testing import capture_logs

from gatewayd.errors import NeedsPersonError
from gatewayd.records import Saved, Stamp
from gatewayd.uplink import Outbox
from gatewayd.uplink.outbox import database, migrations

BEFORE, NOW = database.VERSION, database.VERSION + 1


def told(path):
    with sqlite3.connect(path) as file:
        found = file.execute("SELECT version FROM epoch").fetchone()[0], database.pragma(file, "user_version")
    file.close()
    return found


@pytest.fixture
def path(tmp_path):
    return tmp_path / "outbox.db"


@pytest.fixture
def next_version(monkeypatch):
    """A gatewayd of the next version, in which summaries have another source and there is a table more."""

    def step(connection):
        connection.execute("CREATE TABLE more (name TEXT)")
        for seq, data in connection.execute("SELECT seq, data FROM summary").fetchall():
            changed = msgspec.msgpack.encode({**msgspec.msgpack.decode(data), "source": "pump7"})
            row = (changed, zlib.crc32(changed, seq), seq)
            connection.execute("UPDATE summary SET data = ?, checksum = ? WHERE seq = ?", row)

    def switch(steps=None):
        monkeypatch.setattr(database, "VERSION", NOW)
        monkeypatch.setattr(migrations, "STEPS", steps or {**migrations.STEPS, BEFORE: step})

    return switch


def test_every_earlier_version_has_its_step():
    assert set(migrations.STEPS) == set(range(1, database.VERSION))


async def test_an_outbox_of_version_1_goes_on(path):
    outbox_of_version_1(path)
    async with opened(path) as outbox:
        assert outbox.epoch == EPOCH
        assert outbox.saved() == {("rules", "overpressure"): Saved("rules", "overpressure", "d", b"state")}
        rows = await take_all(outbox)
    assert [(row.message_class, row.seq) for row in rows] == [("event", 5), ("summary", 9), ("readings", 2)]
    alarm, summary, readings = (row.record for row in rows)
    assert (alarm.rule, alarm.since, alarm.value) == ("overpressure", Stamp(BOOT, 1_023_250_000_000), 6.4)
    assert (summary.source, summary.channels[0].mean, summary.polls) == ("pump1", 4.21, 60)
    assert (readings.channels, len(readings.values)) == (("pressure",), 8)
    assert told(path) == (database.VERSION, database.VERSION)


async def test_an_upgrade_keeps_epoch_numbers_rows_and_state(path, next_version):
    outbox_of_version_1(path)
    next_version()
    with capture_logs() as logs:
        async with opened(path) as outbox:
            assert outbox.epoch == EPOCH
            assert ("rules", "overpressure") in outbox.saved()
            rows = await take_all(outbox)
            assert [row.seq for row in rows] == [5, 9, 2]
            assert rows[1].record.source == "pump7"
            for row in rows:
                outbox.acked(row)
            await stored(outbox)
    assert {"event": "outbox_migrated", "before": BEFORE, "version": NOW, "log_level": "info"} in logs
    assert told(path) == (NOW, NOW)
    assert not list(path.parent.glob("*damaged*"))


async def test_it_is_migrated_once(path, next_version):
    outbox_of_version_1(path)
    next_version()
    async with opened(path):
        pass
    with capture_logs() as logs:
        async with opened(path):
            pass
    assert not logs


async def test_a_disk_that_fails_during_an_upgrade_leaves_the_file_as_it_was(path, next_version):
    outbox_of_version_1(path)
    before = path.read_bytes()

    def step(connection):
        connection.execute("DELETE FROM summary")
        raise sqlite3.OperationalError("disk I/O error")

    next_version({BEFORE: step})
    with pytest.raises(sqlite3.OperationalError):
        migrations.migrate(connection := database.connect(path, 4 * MB), EPOCH)
    assert connection.execute("SELECT count(*) FROM summary").fetchone() == (1,)
    connection.close()
    assert told(path) == (BEFORE, BEFORE)
    assert len(before) == len(path.read_bytes())


async def test_a_downgrade_is_refused_once_and_for_all(path, monkeypatch, next_version):
    with monkeypatch.context() as upgraded:
        upgraded.setattr(database, "VERSION", NOW)
        async with opened(path):
            pass
    before = path.read_bytes()
    with pytest.raises(NeedsPersonError, match=r"a newer gatewayd has made it .* run that version again"):
        Outbox(path, 4 * MB).open()
    assert path.read_bytes() == before


@pytest.fixture
async def newer(path):
    """Changes an outbox in plain SQL, as a later gatewayd may."""
    async with opened(path):
        pass

    def change(*statements):
        with sqlite3.connect(path) as file:
            for each in statements:
                file.execute(each)
        file.close()
        return path.read_bytes()

    return change


@pytest.mark.parametrize(
    "statements",
    [
        ["DROP TABLE epoch", "PRAGMA user_version = 7"],
        ["DELETE FROM epoch", "PRAGMA user_version = 7"],
        ["ALTER TABLE epoch RENAME COLUMN version TO form", "PRAGMA user_version = 2"],
        ["UPDATE epoch SET version = 'two'", "PRAGMA user_version = 2"],
        ["UPDATE epoch SET version = 2, checksum = 0", "PRAGMA user_version = 2"],
        ["DROP TABLE epoch", "DROP TABLE summary", "CREATE TABLE epoch (name TEXT)", "PRAGMA user_version = 1000000"],
    ],
)
async def test_a_newer_one_is_left_alone_whatever_became_of_its_tables(path, newer, statements):
    before = newer(*statements)
    with pytest.raises(NeedsPersonError, match=r"a newer gatewayd has made it .* run that version again"):
        Outbox(path, 4 * MB).open()
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*damaged*"))


def sealed(version, epoch="e"):
    return f"UPDATE epoch SET id = '{epoch}', version = {version}, checksum = {database.checksum(epoch, version)}"


async def test_one_whose_epoch_says_that_it_is_newer_is_left_alone_though_its_header_is_spoilt(path, newer):
    newer(sealed(3))
    with pytest.raises(NeedsPersonError, match=r"a newer gatewayd has made it \(version 3,"):
        Outbox(path, 4 * MB).open()


async def test_a_header_that_is_spoilt_is_mended_by_what_the_epoch_says(path, newer):
    newer(sealed(1), "PRAGMA user_version = 5")
    with capture_logs() as logs:
        async with opened(path) as outbox:
            assert outbox.epoch == "e"
    assert [entry["event"] for entry in logs] == ["outbox_header_mended"]
    assert told(path) == (1, 1)
    assert not list(path.parent.glob("*damaged*"))


@pytest.mark.parametrize("version", [-1, 0])
async def test_a_version_that_there_never_was_is_damage(path, newer, version):
    newer(sealed(version), f"PRAGMA user_version = {version}")
    with capture_logs() as logs:
        async with opened(path):
            pass
    assert [entry["event"] for entry in logs] == ["outbox_set_aside"]


async def test_a_newer_header_on_a_damaged_file_is_damage(path, newer):
    spoilt = bytearray(newer("DROP TABLE epoch", "PRAGMA user_version = 7"))
    with sqlite3.connect(path) as file:
        (page,) = file.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'account'").fetchone()
    file.close()
    spoilt[(page - 1) * 4096 : page * 4096] = bytes(4096)
    path.write_bytes(spoilt)
    with capture_logs() as logs:
        async with opened(path):
            pass
    assert [entry["event"] for entry in logs] == ["outbox_set_aside"]
