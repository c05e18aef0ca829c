"""What the state folder may take, what it takes, and what is said when the disk has too little room."""

import asyncio
import threading
import time
from types import SimpleNamespace

import pytest
from dead_disk import dead_disk
from structlog.testing import capture_logs

from gatewayd.state.storage import SPARE, Storage, waits_for_disk, written_by


@pytest.fixture
def disk(monkeypatch):
    """Sets how many bytes of the disk are free."""

    def free(size):
        monkeypatch.setattr("gatewayd.state.storage.os.statvfs", lambda _: SimpleNamespace(f_bavail=size, f_frsize=1))

    return free


def storage_of(folder, budget):
    storage = Storage(folder)
    storage.budget = budget
    return storage


def test_everything_in_the_folder_counts(tmp_path, disk):
    disk(10**9)
    (tmp_path / "record").mkdir()
    (tmp_path / "record" / "00000001.record").write_bytes(bytes(10_000))
    (tmp_path / "outbox.db").write_bytes(bytes(100))
    storage = storage_of(tmp_path, {"outbox": 64_000_000})
    storage.look()
    status = storage.status(written=10_000, seconds=8640)
    assert status.taken in range(10_100, 30_000)
    assert (status.free, status.written_per_day, status.problem) == (10**9, 100_000, "")
    assert status.budget == {"outbox": 64_000_000}
    assert storage.status(written=10_000, seconds=3599).written_per_day is None, "the start would count too much"


def test_too_little_room_is_told_once_and_so_is_its_end(tmp_path, disk):
    storage = storage_of(tmp_path, {"outbox": 64_000_000, "evidence": 16_000_000})
    with capture_logs() as logs:
        for free in (80_000_000, 79_000_000, 80_000_000 + SPARE, 10**9):
            disk(free)
            storage.look()
    assert [entry["event"] for entry in logs] == ["disk_room_short", "disk_room_short_ended"]
    assert logs[0]["hint"] == (
        "the state folder may take up to 80 MB and its disk has 80 MB for it: free some room, or reduce [outbox], "
        "[record] or [evidence] max_size"
    )


def test_what_is_there_already_is_part_of_the_room(tmp_path, disk):
    disk(SPARE)
    (tmp_path / "outbox.db").write_bytes(bytes(100_000))
    storage = storage_of(tmp_path, {"outbox": 100_000})
    storage.look()
    assert not storage.status(0, 1).problem


def test_a_disk_that_cannot_be_asked_is_no_problem_of_storage(tmp_path):
    storage = storage_of(tmp_path / "missing", {"outbox": 1})
    storage.look()
    assert storage.status(0, 0).free is None


def test_what_a_thread_has_written_is_counted(tmp_path):
    before = written_by(threading.get_native_id())
    (tmp_path / "file").write_bytes(bytes(5000))
    assert written_by(threading.get_native_id()) >= before + 5000
    assert written_by(None) == 0


def test_a_thread_that_waits_for_the_disk_is_known_from_one_that_waits_for_anything_else(tmp_path):
    answer = threading.Event()
    waiting = threading.Thread(target=answer.wait)
    waiting.start()
    assert not waits_for_disk(waiting.native_id)
    answer.set()
    waiting.join()
    with dead_disk(tmp_path) as disk:
        hanging = threading.Thread(target=disk.awaited)
        hanging.start()
        while not waits_for_disk(hanging.native_id):
            assert hanging.is_alive()
            time.sleep(0.01)
    hanging.join()
    assert not waits_for_disk(hanging.native_id)
    assert not waits_for_disk(None)


async def test_when_the_disk_begins_to_refuse_it_is_looked_at_again(tmp_path, disk, monkeypatch):
    monkeypatch.setattr("gatewayd.state.storage.LOOK_AT_TROUBLE", 0.01)
    storage, trouble = storage_of(tmp_path, {}), []
    disk(10**9)
    watching = asyncio.create_task(storage.watch(lambda: "".join(trouble)))

    async def shows(free):
        async with asyncio.timeout(5):
            while storage.status(0, 1).free != free:
                await asyncio.sleep(0.01)

    try:
        await shows(10**9)
        disk(0)
        trouble.append("it is full")
        await shows(0)
        disk(10**6)
        trouble.clear()
        await shows(10**6)
    finally:
        watching.cancel()
        await asyncio.wait({watching})


async def test_while_nothing_is_wrong_the_disk_is_not_looked_at_again_and_again(tmp_path, monkeypatch):
    monkeypatch.setattr("gatewayd.state.storage.LOOK_AT_TROUBLE", 0.01)
    storage, looks = storage_of(tmp_path, {}), []
    monkeypatch.setattr(storage, "look", lambda: looks.append(1))
    watching = asyncio.create_task(storage.watch(lambda: "it is full"))
    async with asyncio.timeout(10):
        while not looks:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    watching.cancel()
    await asyncio.wait({watching})
    assert len(looks) == 1
