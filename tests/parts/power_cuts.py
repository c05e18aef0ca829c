"""The outbox in use, recorded, and checked after power cuts at moments of the recording."""

import shutil
import sys
from pathlib import Path

import pytest
from disk_history import Disk, trace
from structlog.testing import capture_logs
from told import Told

HERE = Path(__file__).parent
MEMORY = Path("/dev/shm")


def recorded(folder, count):
    """What a program did to its outbox and said meanwhile, while it put so many outputs into it."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    used = folder / "recorded"
    used.mkdir()
    program = [sys.executable, HERE / "outbox_in_use.py", used / "outbox.db", str(count)]
    history = trace(["env", f"PYTHONPATH={HERE}", *program], used, folder / "log")
    assert ("say", "DONE\n", None) in history
    return history


class Cuts:
    """A disk and what was told, as they were at one moment after the other."""

    def __init__(self, folder, dice):
        self.told = Told()
        self.states = 0
        self._disk = Disk()
        self._dice = dice
        self._folder = (MEMORY if MEMORY.is_dir() else folder) / f"power-cuts-{folder.name}"

    def see(self, event):
        """What happened next."""
        verb, name, _ = event
        if verb == "say":
            self.told.hear(name)
        else:
            self._disk.see(*event)

    def cut(self, kept):
        """Cut the power now. Raises AssertionError when the outbox does not keep what was told."""
        self._folder.mkdir()
        try:
            self._disk.after_a_cut(self._folder, self._dice, kept)
            with capture_logs():
                self.told.check(self._folder / "outbox.db")
        finally:
            shutil.rmtree(self._folder)
        self.states += 1
