"""An outbox whose file is removed or replaced under a running gateway goes on, and nothing is lost."""

import shutil
import sqlite3

import pytest
from outboxes import alarm, content, opened, readings, stored, summary, take_all, until, urgent
from structlog.testing import capture_logs

from gatewayd.records import Saved
from gatewayd.state import disk
from gatewayd.state.places import BESIDE_OUTBOX
from gatewayd.uplink import MessageClass
from gatewayd.uplink.outbox import reserve, writer
from gatewayd.uplink.outbox.store import Store

EVENT, SUMMARY, READINGS = MessageClass
LOG = "outbox.db-wal"


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(writer, "RETRY", 0.01)
    monkeypatch.setattr(writer, "BEAT", 0.05)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "outbox.db"


def put_back(logs):
    return [entry for entry in logs if entry["event"] == "outbox_put_back"]


@pytest.mark.parametrize("removed", [["outbox.db"], [LOG], ["outbox.db", LOG]], ids=["file", "log", "both"])
async def test_a_file_that_was_removed_is_written_again_with_all_that_it_held(path, removed):
    with capture_logs() as logs:
        async with opened(path) as outbox:
            epoch = outbox.epoch
            outbox.put(urgent(*map(summary, range(5)), saved=[Saved("rules", "a", "x", b"state")]))
            rows = await take_all(outbox)
            outbox.acked(rows[0])
            await stored(outbox)
            for name in removed:
                (path.parent / name).unlink()
            await until(lambda: put_back(logs))
            outbox.put(urgent(alarm(6), summary(7)))
            assert content(await take_all(outbox, in_flight=5)) == {EVENT: [6], SUMMARY: [7]}
            assert outbox.epoch == epoch
            for row in rows[1:3]:
                outbox.acked(row)
    async with opened(path) as outbox:
        assert outbox.epoch == epoch
        assert content(await take_all(outbox)) == {EVENT: [6], SUMMARY: [2, 3, 4, 7]}
        assert outbox.saved()["rules", "a"].data == b"state"
    assert len(put_back(logs)) == 1
    assert not list(path.parent.glob("*damaged*"))
    assert not list(path.parent.glob("*copy*"))


async def test_a_file_that_took_its_place_is_set_aside(path):
    async with opened(path.with_name("other.db")) as other:
        other.put(urgent(readings(1)))
    with capture_logs() as logs:
        async with opened(path) as outbox:
            epoch = outbox.epoch
            outbox.put(urgent(summary(1)))
            await stored(outbox)
            shutil.move(path.with_name("other.db"), path)
            outbox.put(urgent(summary(2)))
            await until(lambda: put_back(logs))
            assert content(await take_all(outbox)) == {SUMMARY: [1, 2]}
            assert outbox.epoch == epoch
    assert put_back(logs)[0]["in_its_place"].endswith("outbox.db.damaged-1")
    async with opened(path) as outbox:
        assert content(await take_all(outbox)) == {SUMMARY: [1, 2]}


async def test_what_cannot_be_put_back_because_it_is_damaged_too_is_begun_anew(path):
    with capture_logs() as logs:
        async with opened(path) as outbox:
            before = outbox.epoch
            outbox.put(urgent(summary(1)))
            await stored(outbox)
            outbox._writer._store.checkpoint()
            with path.open("r+b") as file:
                file.write(b"\xff" * 8 * 4096)
            outbox._writer._store._connection.execute("PRAGMA shrink_memory")
            path.unlink()
            outbox.put(urgent(summary(2)))
            await until(lambda: outbox.epoch != before)
            await stored(outbox)
            outbox.restart()
            assert sorted(content(await take_all(outbox))[SUMMARY]) == [1, 2], (
                "what is in memory goes into the new file"
            )
    assert [entry["event"] for entry in logs if entry["event"].startswith("outbox")][-1] == "outbox_set_aside"


async def test_a_rescue_that_the_disk_refuses_is_tried_again(path, monkeypatch):
    real, refusals = Store.copy, []

    def copy(self, target):
        if len(refusals) < 3:
            refusals.append(target)
            raise sqlite3.OperationalError("disk I/O error")
        real(self, target)

    monkeypatch.setattr(Store, "copy", copy)
    with capture_logs() as logs:
        async with opened(path) as outbox:
            outbox.put(urgent(summary(1)))
            await stored(outbox)
            path.unlink()
            outbox.put(urgent(summary(2)))
            await until(lambda: put_back(logs))
            assert content(await take_all(outbox)) == {SUMMARY: [1, 2]}
    assert len(refusals) == 3


async def test_an_outbox_whose_disk_was_away_goes_on_when_the_disk_is_there_again(path, monkeypatch):
    def gone(self, target):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(Store, "copy", gone)
    async with opened(path) as outbox:
        epoch = outbox.epoch
        outbox.put(urgent(summary(1)))
        await stored(outbox)
        for name in ("outbox.db", LOG):
            shutil.copy(path.parent / name, path.parent / f"{name}.there")
            (path.parent / name).unlink()
        outbox.put(urgent(summary(2)))
        await until(lambda: outbox.status().failing)
        for name in (LOG, "outbox.db"):
            (path.parent / f"{name}.there").rename(path.parent / name)
        await until(lambda: not outbox.status().failing)
        assert content(await take_all(outbox)) == {SUMMARY: [1, 2]}
        assert outbox.epoch == epoch
    assert not list(path.parent.glob("*damaged*"))


async def test_a_rescue_that_fails_between_its_steps_goes_on_where_it_was(path, monkeypatch):
    real, refusals = disk.sync_folder, []

    def refuse(folder):
        if len(refusals) < 2:
            refusals.append(folder)
            raise OSError("disk I/O error")
        real(folder)

    with capture_logs() as logs:
        async with opened(path) as outbox:
            outbox.put(urgent(summary(1)))
            await stored(outbox)
            monkeypatch.setattr(disk, "sync_folder", refuse)
            path.unlink()
            outbox.put(urgent(summary(2)))
            await until(lambda: put_back(logs) and not outbox.status().failing)
            assert content(await take_all(outbox)) == {SUMMARY: [1, 2]}
    assert len(put_back(logs)) == 1


async def test_what_is_left_of_a_rescue_is_removed_at_the_next_start(path):
    path.with_name("outbox.db.copy").write_bytes(b"half")
    async with opened(path):
        assert not path.with_name("outbox.db.copy").exists()


def a_folder(path):
    (path / "x").mkdir(parents=True)


def to_nowhere(path):
    path.symlink_to("nowhere")


def to_itself(path):
    path.symlink_to(path)


@pytest.mark.parametrize("make", [a_folder, to_nowhere, to_itself])
@pytest.mark.parametrize("name", ["outbox.db", LOG])
async def test_what_took_its_place_and_is_no_file_is_set_aside(path, name, make):
    with capture_logs() as logs:
        async with opened(path) as outbox:
            epoch = outbox.epoch
            outbox.put(urgent(summary(1)))
            await stored(outbox)
            path.with_name(name).unlink()
            make(path.with_name(name))
            outbox.put(urgent(summary(2)))
            await until(lambda: put_back(logs))
            assert content(await take_all(outbox)) == {SUMMARY: [1, 2]}
            assert outbox.epoch == epoch
    assert [entry["path"] for entry in logs if entry["event"] == "state_set_aside"] == [str(path.with_name(name))]
    async with opened(path) as outbox:
        assert content(await take_all(outbox)) == {SUMMARY: [1, 2]}


@pytest.mark.parametrize("make", [a_folder, to_nowhere, to_itself])
@pytest.mark.parametrize("ending", BESIDE_OUTBOX)
async def test_what_is_in_the_way_of_an_outbox_that_is_opened_is_set_aside(path, ending, make):
    async with opened(path) as outbox:
        outbox.put(urgent(summary(1)))
        await stored(outbox)
    path.with_name(path.name + ending).unlink(missing_ok=True)
    make(path.with_name(path.name + ending))
    with capture_logs():
        async with opened(path) as outbox:
            outbox.put(urgent(summary(2)))
            assert sorted(content(await take_all(outbox))[SUMMARY]) == [1, 2]


async def test_an_outbox_whose_folder_was_removed_is_written_again_with_all_that_it_held(path, monkeypatch):
    monkeypatch.setattr(reserve, "PATIENCE", 0.0)
    path = path.parent / "state" / path.name
    path.parent.mkdir()
    with capture_logs() as logs:
        async with opened(path) as outbox:
            epoch = outbox.epoch
            outbox.put(urgent(summary(1)))
            await stored(outbox)
            path.parent.rename(path.parent.with_name("lost"))  # all of it at once: while it is removed it is written
            shutil.rmtree(path.parent.with_name("lost"))
            outbox.put(urgent(summary(2)))
            await until(lambda: put_back(logs))
            assert content(await take_all(outbox)) == {SUMMARY: [1, 2]}
            assert outbox.epoch == epoch
            await until(path.with_name("outbox.db.reserve").exists)
    assert path.parent.stat().st_mode & 0o077 == 0


async def test_a_file_in_place_of_its_folder_is_trouble_until_it_is_gone(path):
    path = path.parent / "state" / path.name
    path.parent.mkdir()
    async with opened(path) as outbox:
        outbox.put(urgent(summary(1)))
        await stored(outbox)
        shutil.rmtree(path.parent)
        path.parent.touch()
        outbox.put(urgent(summary(2)))
        await until(lambda: outbox.status().failing)
        path.parent.unlink()
        await until(lambda: not outbox.status().failing)
        assert content(await take_all(outbox)) == {SUMMARY: [1, 2]}
