"""An outbox belongs to one gateway: under another id a new one begins, of which everything can be proven."""

import sqlite3
from pathlib import Path

import msgspec
import pytest
from outboxes import alarm, opened, stored, summary, take, take_all, urgent
from outboxes_of_old import BOOT, EPOCH, outbox_of_version_1
from structlog.testing import capture_logs

from gatewayd.records import EpochBegun, Saved
from gatewayd.uplink import MessageClass, OutboxError

EVENT, SUMMARY, READINGS = MessageClass
OPEN = alarm(1)
RAISED = Saved("rules", OPEN.rule, "d", msgspec.msgpack.encode(OPEN))
LEARNED = Saved("models", "pump1", "d", b"learned")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "outbox.db"


@pytest.fixture
async def of_ida(path):
    """An outbox of gateway `ida` with an open alarm, in which something waits; its epoch."""
    async with opened(path, gateway="ida") as outbox:
        outbox.put(urgent(OPEN, *map(summary, range(5)), saved=[RAISED, LEARNED]))
        for row in (await take_all(outbox))[:4]:
            outbox.acked(row)
        await stored(outbox)
        return outbox.epoch


async def test_with_the_same_id_it_goes_on(path, of_ida):
    async with opened(path, gateway="ida") as outbox:
        assert outbox.epoch == of_ida
        assert [row.seq for row in await take_all(outbox)] == [3, 4, 5]


async def test_another_id_has_an_epoch_of_its_own_whose_numbers_begin_at_1(path, of_ida):
    with capture_logs() as logs:
        async with opened(path, gateway="idb") as outbox:
            assert outbox.epoch != of_ida
            outbox.put(urgent(summary(9)))
            begun, told, new = await take_all(outbox)
            assert isinstance(begun.record, EpochBegun)
            assert (begun.seq, begun.record.previous, begun.record.ends) == (1, None, {})
            assert begun.record.why == (
                "the state folder was that of gateway 'ida'; the outbox of that one is kept as outbox.db.damaged-1"
            )
            assert (told.message_class, told.seq, told.record) == (EVENT, 2, OPEN)
            assert (new.message_class, new.seq, new.record.source) == (SUMMARY, 1, "pump9")
            assert {begun.epoch, told.epoch, new.epoch} == {outbox.epoch}
    (told,) = [entry for entry in logs if entry["event"] == "outbox_of_another_gateway"]
    assert (told["before"], told["gateway"], told["waiting"]) == ("ida", "idb", 3)
    async with opened(path, gateway="idb") as again:
        assert again.epoch == outbox.epoch


async def test_what_was_learned_and_the_times_of_boots_go_on_under_another_id(path):
    outbox_of_version_1(path)
    with sqlite3.connect(path) as file:
        file.execute("INSERT INTO boot VALUES (?, 1700000000000000000)", (BOOT,))
        file.execute("CREATE TABLE vouched (boot TEXT PRIMARY KEY)")
        file.execute("INSERT INTO vouched VALUES (?)", (BOOT,))
    file.close()
    async with opened(path, gateway="ida") as outbox:
        assert outbox.epoch == EPOCH
        outbox.put(urgent(saved=[RAISED, LEARNED]))
        dating = outbox.dating(BOOT)
        assert (dating.offset, dating.vouched) == (1_700_000_000_000_000_000, True)
    async with opened(path, gateway="idb") as outbox:
        assert outbox.saved()["models", "pump1"] == LEARNED
        assert outbox.saved()["rules", OPEN.rule] == RAISED
        assert outbox.dating(BOOT) == dating


async def test_the_outbox_of_the_id_before_is_kept_and_can_be_put_back(path, of_ida):
    async with opened(path, gateway="idb"):
        pass
    assert {each.name for each in path.parent.iterdir()} >= {"outbox.db", "outbox.db.damaged-1"}
    assert not list(path.parent.glob("*.copy*"))
    path.with_name("outbox.db.damaged-1").rename(path)
    async with opened(path, gateway="ida") as outbox:
        assert outbox.epoch == of_ida
        assert [row.seq for row in await take_all(outbox)] == [3, 4, 5]


async def test_one_that_knows_no_owner_is_of_the_first_that_opens_it(path):
    outbox_of_version_1(path)
    for _ in range(2):
        async with opened(path, gateway="ida") as outbox:
            assert outbox.epoch == EPOCH
    async with opened(path, gateway="idb") as outbox:
        assert outbox.epoch != EPOCH


async def test_a_spoilt_owner_begins_no_epoch(path, of_ida):
    with sqlite3.connect(path) as damaged:
        damaged.execute("UPDATE owner SET id = 'idc'")
    damaged.close()
    async with opened(path, gateway="ida") as outbox:
        assert outbox.epoch == of_ida
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT id FROM owner").fetchall() == [("ida",)]
    file.close()


async def test_a_new_one_in_place_of_a_damaged_one_belongs_to_the_same_gateway(path, of_ida):
    with capture_logs():
        async with opened(path, gateway="ida") as outbox:
            outbox._writer._store._connection.execute("DROP TABLE summary")
            outbox.put(urgent(summary(2)))
            await stored(outbox)
            epoch = outbox.epoch
            assert epoch != of_ida
    async with opened(path, gateway="idb") as outbox:
        assert outbox.epoch != epoch


async def test_a_damaged_one_of_another_id_is_not_what_went_before(path, of_ida):
    with sqlite3.connect(path) as damaged:
        damaged.execute("DROP TABLE summary")
    damaged.close()
    with capture_logs():
        async with opened(path, gateway="idb") as outbox:
            (row,) = await take(outbox, 1)
    assert (row.seq, row.record.previous, row.record.ends) == (1, None, {})


@pytest.mark.parametrize("refused", ["link", "replace"])
async def test_a_disk_that_fails_in_between_loses_nothing(path, of_ida, monkeypatch, refused):
    def fail(*_, **__):
        raise OSError(13, "Permission denied")

    with monkeypatch.context() as patched:
        if refused == "link":  # a file system that has none
            patched.setattr("gatewayd.uplink.outbox.database.os.link", fail)
            async with opened(path, gateway="idb") as outbox:
                assert [row.record.__class__ for row in await take_all(outbox)] == [EpochBegun, type(OPEN)]
            return
        patched.setattr("pathlib.Path.replace", fail)
        with pytest.raises(OutboxError, match="Permission denied"):
            async with opened(path, gateway="idb"):
                pass
    async with opened(path, gateway="idb") as outbox:
        assert outbox.saved()["models", "pump1"] == LEARNED
        assert [row.record.__class__ for row in await take_all(outbox)] == [EpochBegun, type(OPEN)]


@pytest.mark.parametrize("renames", [0, 1, 2])
async def test_a_crash_on_a_disk_without_links_loses_nothing(path, of_ida, monkeypatch, renames):
    def fail(*_, **__):
        raise OSError(1, "Operation not permitted")

    def until_then(rename):
        def renamed(self, target):
            done.append(target)
            return rename(self, target) if len(done) <= renames else fail()

        return renamed

    done = []
    monkeypatch.setattr("gatewayd.uplink.outbox.database.os.link", fail)
    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.rename", until_then(Path.rename))
        patched.setattr("pathlib.Path.replace", until_then(Path.replace))
        with pytest.raises(OutboxError, match="not permitted"):
            async with opened(path, gateway="idb"):
                pass
    assert len(done) == renames + 1
    async with opened(path, gateway="idb") as outbox:
        assert outbox.saved()["models", "pump1"] == LEARNED
        assert [row.record.__class__ for row in await take_all(outbox)] == [EpochBegun, type(OPEN)]
    async with opened(path.with_name("outbox.db.damaged-1"), gateway="ida") as kept:
        assert kept.epoch == of_ida
    assert not path.with_name("outbox.db.new").exists()


async def test_nothing_of_it_comes_from_a_log_of_the_outbox_before(path):
    async with opened(path, gateway="ida") as outbox:
        outbox.put(urgent(*map(summary, range(20))))
        await stored(outbox)
        files = {part: path.with_name(path.name + part).read_bytes() for part in ("", "-wal")}
    for part, data in files.items():
        path.with_name(path.name + part).write_bytes(data)
    async with opened(path, gateway="idb") as outbox:
        (row,) = await take_all(outbox)
        assert isinstance(row.record, EpochBegun)
    kept = sqlite3.connect(path.with_name("outbox.db.damaged-1"))
    assert kept.execute("SELECT count(*) FROM summary").fetchone() == (20,)
    kept.close()
