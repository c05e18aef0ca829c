import errno
import os

import pytest
from structlog.testing import capture_logs

from gatewayd.state import StateFolderError, UnknownSocketError, held, sockets, state_folder


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setattr("gatewayd.state._SYSTEM_FOLDER", tmp_path / "var")
    return tmp_path


def test_the_configured_folder_comes_first_then_systemds_then_the_users(tmp_path, monkeypatch):
    assert state_folder("g", None) == tmp_path / "home" / "gatewayd" / "g"
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/gatewayd")
    assert str(state_folder("g", None)) == "/var/lib/gatewayd"
    assert state_folder("g", tmp_path) == tmp_path


def test_a_second_daemon_is_kept_out_until_the_first_lets_go(tmp_path):
    with held(tmp_path / "state"):
        with pytest.raises(StateFolderError, match="another gatewayd is running on it"), held(tmp_path / "state"):
            pass
        assert (tmp_path / "state").stat().st_mode & 0o077 == 0
    with held(tmp_path / "state"):
        pass


def test_a_folder_that_cannot_be_made_is_named_with_what_to_do(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StateFolderError, match=r"cannot be written.*state_dir"), held(tmp_path / "file" / "state"):
        pass


def test_a_config_tells_where_the_socket_is(tmp_path):
    config = tmp_path / "g.toml"
    config.write_text('[gateway]\nid = "g"\n')
    assert sockets(config) == [tmp_path / "var/control.sock", tmp_path / "home/gatewayd/g/control.sock"]
    config.write_text('[gateway]\nid = "g"\nstate_dir = "here"\n')
    assert sockets(config) == [tmp_path / "here/control.sock"]


@pytest.mark.parametrize(
    "text", ["", "[gateway]\n", "[gateway", "gateway = 5\n", '[gateway]\nid = "g"\nstate_dir = 5\n']
)
def test_a_config_that_does_not_tell_is_named(tmp_path, text):
    config = tmp_path / "g.toml"
    config.write_text(text)
    with pytest.raises(UnknownSocketError, match=r"g\.toml: its \[gateway\] cannot be read"):
        sockets(config)


def test_without_a_config_the_only_socket_is_found_and_several_are_a_question(tmp_path):
    assert sockets(None) == [tmp_path / "var/control.sock"]
    for name in ("a", "b"):
        folder = tmp_path / "home/gatewayd" / name
        folder.mkdir(parents=True)
        (folder / "control.sock").touch()
        if name == "a":
            assert sockets(None) == [folder / "control.sock"]
    with pytest.raises(UnknownSocketError, match="several gateways are here"):
        sockets(None)


def test_what_lies_in_a_folder_that_is_closed_to_us_may_well_be_there(tmp_path, monkeypatch):
    def closed(_path):
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.exists", closed)
    assert sockets(None) == [tmp_path / "var/control.sock"]


def test_a_socket_that_we_may_not_see_does_not_hide_the_one_that_we_may(tmp_path, monkeypatch):
    own = tmp_path / "home/gatewayd/a"
    own.mkdir(parents=True)
    (own / "control.sock").touch()
    (tmp_path / "var").mkdir()
    monkeypatch.setattr("gatewayd.state.readable", lambda folder: folder == own)
    monkeypatch.setattr("gatewayd.state.exists", lambda place: True)
    assert sockets(None) == [own / "control.sock"]


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_folder_that_belongs_to_someone_else_is_named():
    with pytest.raises(StateFolderError, match="cannot be written"), held("/root/gatewayd"):
        pass


@pytest.mark.parametrize("name", ["lock", "outbox.db", "outbox.db-wal", "outbox.db.reserve", "control.sock"])
def test_a_folder_in_place_of_a_file_is_set_aside(tmp_path, name):
    (tmp_path / name / "something").mkdir(parents=True)
    with capture_logs() as logs, held(tmp_path):
        assert (tmp_path / f"{name}.damaged-1" / "something").is_dir()
    assert [(entry["event"], entry["path"]) for entry in logs] == [("state_set_aside", str(tmp_path / name))]


@pytest.mark.parametrize("name", ["record", "evidence"])
def test_a_file_in_place_of_a_folder_is_set_aside_and_only_the_last_are_kept(tmp_path, name):
    for number in range(5):
        (tmp_path / name).write_text(str(number))
        with capture_logs(), held(tmp_path):
            pass
    kept = sorted(tmp_path.glob(f"{name}.damaged-*"))
    assert [each.read_text() for each in kept] == ["2", "3", "4"]


def test_a_disk_that_refuses_to_have_a_lock_made_does_not_keep_a_gateway_from_starting(tmp_path, monkeypatch):
    def refuse(*args):
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr("gatewayd.state.os.open", refuse)
        with held(tmp_path):
            pass
    assert not (tmp_path / "lock").exists()


def test_a_lock_on_a_read_only_disk_still_keeps_others_out(tmp_path, monkeypatch):
    real = os.open

    def read_only(path, flags, *mode):
        if flags & os.O_RDWR:
            raise OSError(errno.EROFS, "Read-only file system")
        return real(path, flags, *mode)

    (tmp_path / "lock").touch()
    with monkeypatch.context() as patched:
        patched.setattr("gatewayd.state.os.open", read_only)
        with held(tmp_path), pytest.raises(StateFolderError, match="another gatewayd"), held(tmp_path):
            pass
