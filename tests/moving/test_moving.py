"""A gateway moves to another box: it keeps its identity there, and does not run in its old home any more."""

import os
import sqlite3
import tarfile

import pytest
from moves import LIST, config, everything, forged, used
from outboxes import opened, stored, summary, take_all, urgent
from running_gateway import command

from gatewayd.errors import NeedsPersonError
from gatewayd.moving import MoveError, move_in, move_out
from gatewayd.state.folder import StateFolderError, held


@pytest.fixture
async def old(tmp_path):
    return await used(tmp_path / "old")


async def test_epoch_numbers_state_and_files_come_along(old, tmp_path):
    async with opened(tmp_path / "old/state/outbox.db") as outbox:
        epoch = outbox.epoch
    archive = tmp_path / "site.tar"
    code, out, _ = await command("move", "out", old, archive)
    assert (code, archive.stat().st_mode & 0o777) == (0, 0o600)
    assert "on the new box: gatewayd move in" in out
    code, out, err = await command("move", "in", config(tmp_path / "new"), archive)
    assert code == 0, err
    home = tmp_path / "new/state"
    with held(home):
        async with opened(home / "outbox.db") as outbox:
            assert outbox.epoch == epoch
            assert outbox.saved()["models", "pump1"].data == b"learned"
            assert [row.seq for row in await take_all(outbox)] == [1, 1, 2]
    assert (home / "evidence/000001-a-b.zip").read_bytes() == b"zip"


async def test_what_a_kill_left_in_the_log_is_in_the_file_that_is_packed(old, tmp_path):
    killed = tmp_path / "old/state"
    async with opened(killed / "outbox.db") as outbox:
        outbox.put(urgent(summary(3)))
        await stored(outbox)
        files = {part: (killed / part).read_bytes() for part in ("outbox.db", "outbox.db-wal")}
    for part, data in files.items():
        (killed / part).write_bytes(data)
    move_out(old, tmp_path / "site.tar")
    assert {part: (killed / part).read_bytes() for part in files} == files
    with tarfile.open(tmp_path / "site.tar", "r:") as packed:
        assert packed.getnames() == [LIST, "evidence/000001-a-b.zip", "outbox.db"]
    home = move_in(config(tmp_path / "new"), tmp_path / "site.tar")
    async with opened(home / "outbox.db") as outbox:
        assert [row.seq for row in await take_all(outbox)] == [1, 1, 2, 3]


def test_its_old_home_is_closed_until_somebody_says_otherwise(old, tmp_path):
    home = move_out(old, tmp_path / "site.tar")
    with pytest.raises(NeedsPersonError, match=r"was moved to another machine; .* delete .*/moved, and never run both"):
        held(home).__enter__()
    with pytest.raises(NeedsPersonError):
        move_out(old, tmp_path / "again.tar")
    assert not (tmp_path / "again.tar").exists()
    with pytest.raises(NeedsPersonError):
        move_in(old, tmp_path / "site.tar")
    (home / "moved").unlink()
    with held(home):
        pass


def test_one_that_runs_is_not_moved(old, tmp_path):
    with held(tmp_path / "old/state"), pytest.raises(StateFolderError, match="another gatewayd is running on it"):
        move_out(old, tmp_path / "site.tar")
    assert not (tmp_path / "site.tar").exists()


def is_open(home):
    with held(home):
        return not list(home.glob("*moved*"))


def test_what_cannot_be_packed_is_not_moved(old, tmp_path):
    with pytest.raises(MoveError, match=r"cannot be packed into .* \(No such file or directory\); it was not moved"):
        move_out(old, tmp_path / "nowhere/site.tar")
    assert is_open(tmp_path / "old/state")


def test_what_cannot_be_closed_is_not_moved(old, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gatewayd.moving._note", full)
    with pytest.raises(MoveError, match=r"\(No space left on device\); it was not moved"):
        move_out(old, tmp_path / "site.tar")
    assert [each.name for each in tmp_path.iterdir()] == ["old"]
    assert is_open(tmp_path / "old/state")


def test_an_archive_that_cannot_get_its_name_leaves_the_old_home_open(old, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    with pytest.raises(MoveError, match=r"\(Input/output error\); it was not moved"):
        move_out(old, tmp_path / "site.tar")
    assert [each.name for each in tmp_path.iterdir()] == ["old"]
    assert is_open(tmp_path / "old/state")


@pytest.mark.parametrize("place", ["state/site.tar", "state/evidence/site.tar", "link/site.tar"])
def test_an_archive_within_the_state_folder_is_refused(old, tmp_path, place):
    (tmp_path / "old/link").symlink_to("state/evidence")
    before = everything(tmp_path / "old")
    with pytest.raises(MoveError, match=r"site.tar lies in the state folder .*/old/state itself; name a place outside"):
        move_out(old, tmp_path / "old" / place)
    assert everything(tmp_path / "old") == before


def test_a_file_that_is_there_is_not_overwritten(old, tmp_path):
    (tmp_path / "site.tar").write_bytes(b"another gateway")
    with pytest.raises(MoveError, match=r"site.tar is there already; name another file, or remove it"):
        move_out(old, tmp_path / "site.tar")
    assert (tmp_path / "site.tar").read_bytes() == b"another gateway"
    assert is_open(tmp_path / "old/state")


def test_an_outbox_that_is_damaged_is_not_moved(old, tmp_path):
    (tmp_path / "old/state/outbox.db").write_bytes(b"not a database at all" * 1000)
    with pytest.raises(MoveError, match=r"its outbox is damaged \(file is not a database\); start gatewayd here once"):
        move_out(old, tmp_path / "site.tar")
    assert [each.name for each in tmp_path.iterdir()] == ["old"]
    assert is_open(tmp_path / "old/state")


def test_it_does_not_take_the_place_of_another(old, tmp_path):
    move_out(old, tmp_path / "site.tar")
    new = config(tmp_path / "new")
    home = tmp_path / "new/state"
    with held(home):
        (home / "outbox.db").touch()
    with pytest.raises(MoveError, match=r"holds the state of a gateway already \(outbox.db\)"):
        move_in(new, tmp_path / "site.tar")
    assert everything(home) == ["outbox.db"]


def test_the_log_of_an_outbox_that_is_gone_does_not_come_over_the_one_that_is_moved_in(old, tmp_path):
    move_out(old, tmp_path / "site.tar")
    new = config(tmp_path / "new")
    home = tmp_path / "new/state"
    home.mkdir()
    (home / "outbox.db.reserve").touch()
    (home / "outbox.db-wal").write_bytes(b"old")
    with pytest.raises(MoveError, match=r"holds the state of a gateway already \(outbox.db-wal\)"):
        move_in(new, tmp_path / "site.tar")
    (home / "outbox.db-wal").unlink()
    move_in(new, tmp_path / "site.tar")


def test_it_is_not_given_to_a_gateway_with_another_id(old, tmp_path):
    move_out(old, tmp_path / "site.tar")
    new = config(tmp_path / "new", "other")
    with pytest.raises(MoveError, match=r"site.tar is gateway 'site', and .*/gatewayd.toml is of 'other'; give that"):
        move_in(new, tmp_path / "site.tar")
    assert everything(tmp_path / "new") == ["gatewayd.toml"]


def test_where_there_is_nothing_nothing_is_moved(tmp_path):
    with pytest.raises(MoveError, match=r"there is no state of a gateway at .*/new/state"):
        move_out(config(tmp_path / "new"), tmp_path / "site.tar")


def test_what_is_packed_is_a_plain_sound_database(old, tmp_path):
    move_out(old, tmp_path / "site.tar")
    home = move_in(config(tmp_path / "new"), tmp_path / "site.tar")
    assert everything(home) == ["evidence", "evidence/000001-a-b.zip", "outbox.db"]
    with sqlite3.connect(home / "outbox.db") as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    file.close()


def test_an_archive_of_a_newer_gatewayd_is_refused(tmp_path):
    forged(tmp_path / "site.tar", {"outbox.db": b"x"}, v=2)
    with pytest.raises(MoveError, match=r"a newer gatewayd has made it \(version 2, this one knows 1\)"):
        move_in(config(tmp_path / "new"), tmp_path / "site.tar")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_unpacks_belongs_to_the_owner_of_the_folder(old, tmp_path):
    move_out(old, tmp_path / "site.tar")
    new = config(tmp_path / "new")
    home = tmp_path / "new/state"
    home.mkdir()
    os.chown(home, 1234, 1235)
    move_in(new, tmp_path / "site.tar")
    assert {(each.stat().st_uid, each.stat().st_gid) for each in home.rglob("*")} == {(1234, 1235)}
    assert {"lock", "outbox.db", "evidence"} == {each.name for each in home.iterdir()}
