"""The outbox after a power cut: a run is recorded with strace, and its disk rebuilt as cuts would leave it."""

import random
import shutil
import sys
from pathlib import Path

import pytest
from disk_history import Disk, trace
from effort import campaign
from structlog.testing import capture_logs
from told import Told

PARTS = Path(__file__).parents[2] / "parts"
MEMORY = Path("/dev/shm")
MOMENTS = 20


@pytest.fixture
def history(tmp_path, monkeypatch):
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    folder = tmp_path / "recorded"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(PARTS))
    command = [sys.executable, PARTS / "outbox_in_use.py", folder / "outbox.db", "60"]
    return trace(command, folder, tmp_path / "log")


@pytest.mark.parametrize("seed", [5, *campaign(6, 7, 8)])
def test_nothing_that_was_given_is_lost_at_a_power_cut(history, tmp_path, seed):
    assert [name for verb, name, _ in history if verb == "say"][-1] == "DONE\n"
    disk, told, dice = Disk(), Told(), random.Random(seed)
    moments = {*dice.sample(range(len(history)), MOMENTS), len(history) - 1}
    for number, (verb, name, details) in enumerate(history):
        if verb == "say":
            told.hear(name)
        else:
            disk.see(verb, name, details)
        if number in moments:
            for kept in (0.0, 0.5, 1.0):
                check(disk, told, dice, kept, tmp_path)
    assert len(told.rows) > 60
    assert told.acked


def check(disk, told, dice, kept, tmp_path):
    folder = (MEMORY if MEMORY.is_dir() else tmp_path) / f"outbox-cut-{tmp_path.name}"
    folder.mkdir()
    try:
        disk.after_a_cut(folder, dice, kept)
        with capture_logs():
            told.check(folder / "outbox.db")
    finally:
        shutil.rmtree(folder)
