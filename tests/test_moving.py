"""A gateway moves to another box: it keeps its identity there, and does not run in its old home any more."""

import os
import tarfile

import pytest
from outboxes import opened, summary, take_all, urgent
from running_gateway import command

from gatewayd.errors import NeedsPersonError
from gatewayd.moving import MoveError, move_in, move_out
from gatewayd.records import Saved
from gatewayd.state import StateFolderError, held


def config(folder):
    folder.mkdir(exist_ok=True)
    path = folder / "gatewayd.toml"
    path.write_text('[gateway]\nid = "site"\nstate_dir = "state"\n')
    return path


@pytest.fixture
async def old(tmp_path):
    """The config of a gateway that has something to send, evidence and state."""
    path = config(tmp_path / "old")
    with held(tmp_path / "old/state") as home:
        async with opened(home / "outbox.db") as outbox:
            outbox.put(urgent(summary(1), summary(2), saved=[Saved("models", "pump1", "d", b"learned")]))
    (home / "evidence").mkdir()
    (home / "evidence/000001-a-b.zip").write_bytes(b"zip")
    return path


async def test_epoch_numbers_state_and_files_come_along(old, tmp_path):
    async with opened(tmp_path / "old/state/outbox.db") as outbox:
        epoch = outbox.epoch
    archive = tmp_path / "site.tar"
    code, out, _ = await command("move", "out", old, archive)
    assert (code, archive.stat().st_mode & 0o777) == (0, 0o600)
    assert "on the new box: gatewayd move in" in out
    code, out, err = await command("move", "in", config(tmp_path / "new"), archive)
    assert code == 0, err
    with held(tmp_path / "new/state") as home:
        async with opened(home / "outbox.db") as outbox:
            assert outbox.epoch == epoch
            assert outbox.saved()["models", "pump1"].data == b"learned"
            assert [row.seq for row in await take_all(outbox)] == [1, 1, 2]
    assert (home / "evidence/000001-a-b.zip").read_bytes() == b"zip"


def test_its_old_home_is_closed_until_somebody_says_otherwise(old, tmp_path):
    home = move_out(old, tmp_path / "site.tar")
    with pytest.raises(NeedsPersonError, match=r"was moved to another machine; .* delete .*/moved, and never run both"):
        held(home).__enter__()
    with pytest.raises(NeedsPersonError):
        move_out(old, tmp_path / "again.tar")
    assert not (tmp_path / "again.tar").exists()
    (home / "moved").unlink()
    with held(home):
        pass


def test_one_that_runs_is_not_moved(old, tmp_path):
    with held(tmp_path / "old/state"), pytest.raises(StateFolderError, match="another gatewayd is running on it"):
        move_out(old, tmp_path / "site.tar")
    assert not (tmp_path / "site.tar").exists()


def test_what_cannot_be_packed_is_not_moved(old, tmp_path):
    with pytest.raises(MoveError, match=r"cannot be packed into .* \(No such file or directory\); it was not moved"):
        move_out(old, tmp_path / "nowhere/site.tar")
    with held(tmp_path / "old/state"):
        pass


def test_it_does_not_take_the_place_of_another(old, tmp_path):
    move_out(old, tmp_path / "site.tar")
    new = config(tmp_path / "new")
    with held(tmp_path / "new/state") as home:
        (home / "outbox.db").touch()
    with pytest.raises(MoveError, match=r"holds the state of a gateway already \(outbox.db\)"):
        move_in(new, tmp_path / "site.tar")


def test_where_there_is_nothing_nothing_is_moved(tmp_path):
    with pytest.raises(MoveError, match=r"there is no state of a gateway at .*/new/state"):
        move_out(config(tmp_path / "new"), tmp_path / "site.tar")


@pytest.mark.parametrize("content", [b"", b"no archive at all", None])
def test_an_archive_that_is_none_is_refused(tmp_path, content):
    archive = tmp_path / "site.tar"
    if content is not None:
        archive.write_bytes(content)
    with pytest.raises(MoveError, match=r"site.tar cannot be unpacked"):
        move_in(config(tmp_path / "new"), archive)


def test_an_archive_cannot_write_elsewhere(tmp_path):
    (tmp_path / "evil").write_text("evil")
    with tarfile.open(tmp_path / "site.tar", "w") as packed:
        packed.add(tmp_path / "evil", "../../elsewhere")
    with pytest.raises(MoveError, match=r"cannot be unpacked .*'../../elsewhere' in it is none of ours"):
        move_in(config(tmp_path / "new"), tmp_path / "site.tar")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_unpacks_belongs_to_the_owner_of_the_folder(old, tmp_path):
    move_out(old, tmp_path / "site.tar")
    new = config(tmp_path / "new")
    home = tmp_path / "new/state"
    home.mkdir()
    os.chown(home, 1234, 1235)
    move_in(new, tmp_path / "site.tar")
    assert {(each.stat().st_uid, each.stat().st_gid) for each in home.rglob("*") if each.name != "lock"} == {
        (1234, 1235)
    }
