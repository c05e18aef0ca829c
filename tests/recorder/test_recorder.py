"""Recording waits for nothing: what the disk does not take is missed, counted, and told once."""

import asyncio
import errno
import threading

import numpy as np
import pytest
from recorded import recording
from small_engine import small_plan
from structlog.testing import capture_logs

from gatewayd.model import Burst, Quality, Tick
from gatewayd.recorder import Missed, entries, read, waiting, writer
from gatewayd.recorder.segments import Segments

PLAN = small_plan()


@pytest.fixture
def hasty(monkeypatch):
    monkeypatch.setattr(waiting, "LINGER", 0.01)


def noted(folder):
    return [
        entry.time if isinstance(entry, Tick) else -entry.count
        for entry in read(folder)
        if isinstance(entry, Tick | Missed)
    ]


async def test_a_disk_that_is_stuck_costs_inputs_and_no_time(tmp_path, monkeypatch, hasty):
    stuck, goes_on, write = threading.Event(), threading.Event(), Segments.write

    def slow(self, frame):
        stuck.set()
        assert goes_on.wait(10)
        write(self, frame)

    monkeypatch.setattr(Segments, "write", slow)
    monkeypatch.setattr(waiting, "MOST", 160)
    with capture_logs() as logs:
        async with recording(tmp_path, PLAN) as recorder:
            recorder.begin((), 0)
            assert stuck.wait(10)
            for time in range(100):
                recorder.put(Tick(time))
            assert recorder.status().missed == 90
            goes_on.set()
    assert noted(tmp_path) == [*range(10), -90]
    assert [log["event"] for log in logs] == ["record_incomplete"]


async def test_what_found_no_room_is_missed_where_it_would_have_stood(tmp_path, monkeypatch):
    monkeypatch.setattr(waiting, "MOST", 160)
    async with recording(tmp_path, PLAN) as recorder:
        for time in range(12):
            recorder.put(Tick(time))
        recorder._waiting._size = 0
        recorder.put(Tick(50))
        recorder.begin((), 0)
    assert noted(tmp_path) == [*range(10), -2, 50]


async def test_a_full_disk_is_told_once_and_so_is_its_end(tmp_path, monkeypatch, hasty):
    full, write, tried = True, Segments.write, threading.Semaphore(0)

    def sometimes(self, frame):
        try:
            if full:
                raise OSError(errno.ENOSPC, "No space left on device")
            write(self, frame)
        finally:
            tried.release()

    monkeypatch.setattr(Segments, "write", sometimes)
    with capture_logs() as logs:
        async with recording(tmp_path, PLAN) as recorder:
            recorder.begin((), 0)
            for time in range(3):
                assert tried.acquire(timeout=10)
                recorder.put(Tick(time))
            assert tried.acquire(timeout=10)
            assert "No space" in recorder.status().failing
            async with asyncio.timeout(10):
                while recorder.status().missed < 3:  # the thread has tried, and is about to count it
                    await asyncio.sleep(0.01)
            assert recorder.status().missed == 3
            full = False
            recorder.put(Tick(10))
            assert tried.acquire(timeout=10)
    assert [log["event"] for log in logs] == ["recording_rests", "recording_goes_on", "record_incomplete"]
    assert noted(tmp_path) == [-3, 10]
    assert not recorder.status().failing


async def test_a_bug_is_told_once_and_neither_ends_recording_nor_is_blamed_on_the_disk(tmp_path, monkeypatch, hasty):
    def form(item):
        if item == Tick(1):
            raise RuntimeError("nobody thought of that")
        return entries.form_of(item)

    monkeypatch.setattr(writer, "form_of", form)
    with capture_logs() as logs:
        async with recording(tmp_path, PLAN) as recorder:
            recorder.begin((), 0)
            recorder.put(Tick(1))
            while not recorder.status().failing:
                await asyncio.sleep(0.01)
            assert recorder.status().failing == "a bug of gatewayd: RuntimeError('nobody thought of that')"
            recorder.put(Tick(2))
    assert [log["event"] for log in logs] == ["recording_rests", "recording_goes_on", "record_incomplete"]
    assert isinstance(logs[0]["exc_info"], RuntimeError)
    assert noted(tmp_path) == [-1, 2]


async def test_a_waveform_that_is_larger_than_the_record_costs_nothing_that_came_with_it(tmp_path):
    plan = small_plan(bursts=("rms",))
    number = [channel.name for channel in plan.channels].index("pump1.acceleration")
    noise = np.random.default_rng(1).normal(size=30_000)
    with capture_logs() as logs:
        async with recording(tmp_path, plan, max_size=200_000) as recorder:
            recorder.begin((), 0)
            for time in range(4):
                recorder.put(Tick(2 * time))
                recorder.put(Burst(number, 2 * time + 1, 1000.0, noise, Quality.GOOD))
    assert noted(tmp_path) == [0, -1, 2, -1, 4, -1, 6]
    assert [log["event"] for log in logs] == ["input_too_large_to_record", "record_incomplete"]
    assert (recorder.status().missed, recorder.status().failing) == (4, "")


async def test_the_disk_is_written_seldom(tmp_path, monkeypatch):
    writes, write = [], Segments.write
    monkeypatch.setattr(Segments, "write", lambda self, frame: (writes.append(len(frame)), write(self, frame)))
    async with recording(tmp_path, PLAN) as recorder:
        recorder.begin((), 0)
        for time in range(1000):
            recorder.put(Tick(time))
    assert len(writes) == 1
    assert recorder.status().inputs == 1000
    assert recorder.status().bytes >= writes[0]


async def test_what_found_no_room_is_not_forgotten_when_the_disk_fails_besides(tmp_path, monkeypatch, hasty):
    full, write = True, Segments.write

    def sometimes(self, frame):
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(self, frame)

    monkeypatch.setattr(Segments, "write", sometimes)
    async with recording(tmp_path, PLAN) as recorder:
        recorder.begin((), 0)
        recorder._waiting._unnoted = 7
        recorder.put(Tick(1))
        while not recorder.status().failing:
            await asyncio.sleep(0.01)
        full = False
        recorder.put(Tick(2))
    assert noted(tmp_path) == [-8, 2]
