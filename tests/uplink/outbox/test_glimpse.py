"""The state in an outbox that cannot be opened for writing."""

import shutil

import pytest
from outboxes import MB, opened, stored, urgent

from gatewayd.records import Saved
from gatewayd.uplink.outbox import glimpse
from gatewayd.uplink.outbox.glimpse import saved_in

STATE = Saved("rules", "a", "x", b"state")


@pytest.fixture
async def killed(tmp_path):
    """An outbox as a kill leaves it: its state is in the log alone."""
    folder = tmp_path / "killed"
    async with opened(tmp_path / "outbox.db") as outbox:
        outbox.put(urgent(saved=[STATE]))
        await stored(outbox)
        folder.mkdir()
        for part in ("", "-wal"):
            shutil.copy(tmp_path / f"outbox.db{part}", folder)
    return folder / "outbox.db"


async def test_the_state_is_read_with_what_is_in_the_log_and_nothing_is_touched(killed):
    before = {path.name: path.read_bytes() for path in killed.parent.iterdir()}
    assert saved_in(killed, 4 * MB)["rules", "a"] == STATE
    assert {path.name: path.read_bytes() for path in killed.parent.iterdir()} == before


async def test_of_a_file_that_is_damaged_too_large_or_missing_nothing_is_remembered(killed, monkeypatch):
    monkeypatch.setattr(glimpse, "LARGEST", 1000)
    assert saved_in(killed, 4 * MB) == {}
    monkeypatch.undo()
    killed.write_bytes(b"nothing of ours")
    assert saved_in(killed, 4 * MB) == {}
    assert saved_in(killed.with_name("missing.db"), 4 * MB) == {}
