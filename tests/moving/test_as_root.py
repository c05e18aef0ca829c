"""Root moves a gateway whose folder is another user's: it follows none of that user's links, and leaves him no trap."""

import os
import tarfile

import pytest
from moves import config, everything, used

from gatewayd.errors import NeedsPersonError
from gatewayd.moving import MoveError, move_in, move_out
from gatewayd.state.folder import held

SERVICE = 1234

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
async def old(tmp_path):
    return await used(tmp_path / "old")


@root_only
def test_a_move_that_fails_leaves_nothing_that_locks_the_service_out(tmp_path):
    new = config(tmp_path / "new")
    home = tmp_path / "new/state"
    home.mkdir()
    os.chown(home, SERVICE, SERVICE)
    with pytest.raises(MoveError, match="cannot be unpacked"):
        move_in(new, tmp_path / "no_such.tar")
    assert list(home.iterdir()) == []


@root_only
def test_a_home_that_root_makes_belongs_to_the_owner_of_where_it_lies(old, tmp_path):
    move_out(old, tmp_path / "site.tar")
    new = config(tmp_path / "new")
    os.chown(tmp_path / "new", SERVICE, SERVICE)
    home = move_in(new, tmp_path / "site.tar")
    assert {each.stat().st_uid for each in (home, *home.rglob("*"))} == {SERVICE}


@root_only
def test_what_root_notes_and_locks_belongs_to_the_owner_of_the_folder(old, tmp_path):
    home = tmp_path / "old/state"
    (home / "lock").unlink()
    os.chown(home, SERVICE, SERVICE)
    move_out(old, tmp_path / "site.tar")
    assert {(home / name).stat().st_uid for name in ("moved", "lock")} == {SERVICE}


@root_only
def test_a_lock_that_root_left_is_given_to_the_owner_of_the_folder(tmp_path):
    (tmp_path / "lock").touch()
    os.chown(tmp_path, SERVICE, SERVICE)
    with held(tmp_path):
        assert (tmp_path / "lock").stat().st_uid == SERVICE


@root_only
def test_a_lock_with_another_name_elsewhere_is_not_given_away(tmp_path):
    home = tmp_path / "state"
    home.mkdir()
    (tmp_path / "roots").touch()
    os.link(tmp_path / "roots", home / "lock")
    os.chown(home, SERVICE, SERVICE)
    with held(home):
        assert (tmp_path / "roots").stat().st_uid == 0


@pytest.mark.parametrize("name", ["moved", "lock"])
def test_a_link_in_place_of_what_is_written_is_not_followed(old, tmp_path, name):
    home = tmp_path / "old/state"
    (home / name).unlink(missing_ok=True)
    (home / name).symlink_to(tmp_path / "target")
    try:
        move_out(old, tmp_path / "site.tar")
    except (MoveError, NeedsPersonError):
        assert not (tmp_path / "site.tar").exists()
    assert not (tmp_path / "target").exists()


def test_a_link_in_place_of_the_archive_that_is_being_written_is_not_followed(old, tmp_path):
    (tmp_path / "site.tar.part").symlink_to(tmp_path / "target")
    move_out(old, tmp_path / "site.tar")
    assert not (tmp_path / "target").exists()
    assert tarfile.is_tarfile(tmp_path / "site.tar")


@pytest.mark.parametrize("name", ["secret", "evidence/secret", "outbox.db", "outbox.db-wal", "evidence"])
def test_what_a_link_leads_to_is_not_packed(old, tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "secret").write_text("secret")
    link = tmp_path / "old/state" / name
    if link.exists():
        link.rename(tmp_path / "folder/was_here")
    link.symlink_to(tmp_path / ("folder" if name == "evidence" else "secret"))
    with pytest.raises(MoveError, match=rf"{name} in it is neither a file nor a folder; remove it"):
        move_out(old, tmp_path / "site.tar")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder", "old", "secret"]
    assert not (tmp_path / "old/state/moved").exists()


def test_a_link_in_a_new_home_is_not_followed(old, tmp_path):
    move_out(old, tmp_path / "site.tar")
    new = config(tmp_path / "new")
    home = tmp_path / "new/state"
    home.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (home / "arriving").symlink_to(tmp_path / "elsewhere")
    move_in(new, tmp_path / "site.tar")
    assert everything(tmp_path / "elsewhere") == []
    assert everything(home) == ["evidence", "evidence/000001-a-b.zip", "outbox.db"]
