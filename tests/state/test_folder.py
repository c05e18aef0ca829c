import contextlib
import errno
import fcntl
import os
import shutil
import socket
import threading
from contextlib import ExitStack, suppress

import pytest
from structlog.testing import capture_logs

from gatewayd.state.folder import StateFolderError, held, is_held
from gatewayd.state.places import BESIDE_OUTBOX, UnknownSocketError, sockets, state_folder
from gatewayd.state.signpost import signpost


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setattr("gatewayd.state.places._SYSTEM_FOLDER", tmp_path / "var")
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


def test_a_config_in_several_files_tells_it_too(tmp_path):
    config = tmp_path / "g.toml"
    config.write_text("\ufeff[summary]\nevery = '1m'\n")
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "box.toml").write_text('[gateway]\nid = "g"\n')
    assert sockets(config) == [tmp_path / "var/control.sock", tmp_path / "home/gatewayd/g/control.sock"]
    (tmp_path / "conf.d" / "disk.toml").write_text('gateway.state_dir = "here"\n')
    (tmp_path / "conf.d" / ".disk.toml").write_text("nonsense")
    assert sockets(config) == [tmp_path / "here/control.sock"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it has no id"),
        ("[gateway]\n", "it has no id"),
        ("[gateway", "Expected"),
        ("gateway = 5\n", "it is no table"),
        ('[gateway]\nid = "g"\nstate_dir = 5\n', "state_dir is no text"),
        ("[gateway]\nid = 5\n", "id is no text"),
        ("\0", "Invalid"),
    ],
)
def test_a_config_that_does_not_tell_is_named(tmp_path, text, why):
    config = tmp_path / "g.toml"
    config.write_text(text)
    said = rf"g\.toml: its \[gateway\] cannot be read \(.*{why}.*\); see `gatewayd check`$"
    with pytest.raises(UnknownSocketError, match=said):
        sockets(config)


def test_a_config_that_is_a_folder_is_named(tmp_path):
    with pytest.raises(
        UnknownSocketError, match=rf"{tmp_path}: cannot be read \(Is a directory\); see `gatewayd check`$"
    ):
        sockets(tmp_path)


def test_a_config_of_somebody_else_is_named(tmp_path, monkeypatch):
    def forbidden(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", "g.toml")

    (tmp_path / "g.toml").touch()
    monkeypatch.setattr("pathlib.Path.read_text", forbidden)
    said = r"g\.toml: may not be read: run this as root or as the user that gatewayd runs as$"
    with pytest.raises(UnknownSocketError, match=said):
        sockets(tmp_path / "g.toml")


def test_a_config_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UnknownSocketError, match=r"g\.toml: there is no such file; check its name$"):
        sockets(tmp_path / "g.toml")


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
    monkeypatch.setattr("gatewayd.state.places.readable", lambda folder: folder == own)
    monkeypatch.setattr("gatewayd.state.places.exists", lambda place: True)
    assert sockets(None) == [own / "control.sock"]


@pytest.fixture
def listening():
    """Makes sockets that somebody listens on."""
    with contextlib.ExitStack() as stack:

        def listen(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(str(path))
            listener.listen()
            return path

        yield listen


async def test_under_systemd_a_gateway_with_its_own_folder_is_found_without_its_config(
    tmp_path, monkeypatch, listening
):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "var"))
    (tmp_path / "var").mkdir()
    own = listening(tmp_path / "own" / "control.sock")
    async with signpost(own):
        (found,) = sockets(None)
        assert found.resolve() == own
    assert not os.path.lexists(tmp_path / "var/control.sock")


def test_within_a_unit_the_gateway_of_the_unit_is_meant(tmp_path, monkeypatch, listening):
    listening(tmp_path / "var" / "control.sock")
    listening(tmp_path / "home/gatewayd/a" / "control.sock")
    monkeypatch.setenv("STATE_DIRECTORY", f"{tmp_path / 'second'}:{tmp_path / 'more'}")
    assert sockets(None) == [tmp_path / "second/control.sock"]


async def test_what_a_gateway_that_was_killed_has_left_is_no_obstacle(tmp_path, monkeypatch, listening):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "var"))
    own, post = listening(tmp_path / "own" / "control.sock"), tmp_path / "var/control.sock"
    post.parent.mkdir()
    post.symlink_to("nowhere")
    async with signpost(own):
        assert post.resolve() == own
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(post))
    async with signpost(own):
        assert post.resolve() == own


async def test_the_socket_of_another_gateway_that_runs_is_left_alone(tmp_path, monkeypatch, listening):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "var"))
    other = listening(tmp_path / "var" / "control.sock")
    async with signpost(listening(tmp_path / "own" / "control.sock")):
        assert not other.is_symlink()
    assert other.is_socket()


@pytest.mark.parametrize("given", [None, "var", "var:var2"])
async def test_where_nothing_is_to_be_pointed_out_there_is_no_sign(tmp_path, monkeypatch, listening, given):
    if given:
        monkeypatch.setenv("STATE_DIRECTORY", ":".join(str(tmp_path / each) for each in given.split(":")))
    own = listening(tmp_path / "var" / "control.sock")
    async with signpost(own):
        assert not own.is_symlink()
    assert own.is_socket()


async def test_a_sign_that_cannot_be_put_up_is_told_and_holds_up_nothing(tmp_path, monkeypatch, listening):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "nowhere"))
    with capture_logs() as logs:
        async with signpost(listening(tmp_path / "own" / "control.sock")):
            pass
    assert [entry["event"] for entry in logs] == ["control_sign_refused"]


def test_a_sign_to_another_gateway_does_not_come_before_ones_own_folder(tmp_path):
    config = tmp_path / "g.toml"
    config.write_text('[gateway]\nid = "g"\n')
    (tmp_path / "var").mkdir()
    (tmp_path / "var/control.sock").symlink_to(tmp_path)
    assert sockets(config) == [tmp_path / "home/gatewayd/g/control.sock", tmp_path / "var/control.sock"]


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
        patched.setattr("gatewayd.state.folder.os.open", refuse)
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
        patched.setattr("gatewayd.state.folder.os.open", read_only)
        with held(tmp_path), pytest.raises(StateFolderError, match="another gatewayd"), held(tmp_path):
            pass


def to_nowhere(path):
    path.symlink_to("nowhere")


def to_itself(path):
    path.symlink_to(path)


FILES = ["lock", "outbox.db", *(f"outbox.db{ending}" for ending in BESIDE_OUTBOX)]


@pytest.mark.parametrize("name", [*FILES, "control.sock", "record", "evidence"])
@pytest.mark.parametrize("link", [to_nowhere, to_itself])
def test_a_link_to_nothing_is_set_aside(tmp_path, name, link):
    link(tmp_path / name)
    with capture_logs() as logs, held(tmp_path):
        assert (tmp_path / f"{name}.damaged-1").is_symlink()
    assert [(entry["event"], entry["path"]) for entry in logs] == [("state_set_aside", str(tmp_path / name))]


@pytest.mark.parametrize("name", FILES)
def test_a_folder_with_the_name_of_any_file_of_ours_is_set_aside(tmp_path, name):
    (tmp_path / name / "something").mkdir(parents=True)
    with capture_logs(), held(tmp_path):
        assert (tmp_path / f"{name}.damaged-1" / "something").is_dir()


def test_an_outbox_on_another_disk_that_a_link_leads_to_is_left_there(tmp_path):
    (tmp_path / "elsewhere.db").touch()
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "outbox.db").symlink_to(tmp_path / "elsewhere.db")
    with capture_logs() as logs, held(tmp_path / "state"):
        assert (tmp_path / "state" / "outbox.db").is_symlink()
    assert not logs


@pytest.mark.parametrize(("mode", "told"), [(0o777, True), (0o770, True), (0o755, False), (0o700, False)])
def test_a_folder_that_others_may_write_is_told(tmp_path, mode, told):
    tmp_path.chmod(mode)
    with capture_logs() as logs, held(tmp_path):
        pass
    assert [(entry["event"], entry["mode"]) for entry in logs] == [("state_folder_open", f"{mode:04o}")] * told


def test_who_looks_sees_whether_a_gateway_runs(tmp_path):
    assert not is_held(tmp_path / "nowhere")
    assert not is_held(tmp_path)
    with held(tmp_path):
        assert is_held(tmp_path)
    assert not is_held(tmp_path)


def test_who_only_looks_keeps_no_gateway_from_starting(tmp_path):
    with held(tmp_path):
        pass
    handle = os.open(tmp_path / "lock", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_SH)
    threading.Timer(0.05, os.close, [handle]).start()
    with held(tmp_path):
        pass


def test_a_lock_that_was_removed_is_taken_again_with_its_folder(tmp_path):
    folder = tmp_path / "state"
    with held(folder) as lock:
        shutil.rmtree(folder)
        with capture_logs() as logs:
            lock.renew()
            lock.renew()
        assert is_held(folder)
        assert folder.stat().st_mode & 0o077 == 0
    assert not is_held(folder)
    assert [entry["event"] for entry in logs] == ["state_lock_renewed"]


def test_a_lock_that_somebody_else_has_taken_meanwhile_is_told_once(tmp_path):
    with held(tmp_path) as lock:
        (tmp_path / "lock").unlink()
        with held(tmp_path), capture_logs() as logs:
            lock.renew()
            lock.renew()
        assert [entry["event"] for entry in logs] == ["state_lock_lost"]
        lock.renew()
        assert is_held(tmp_path)


async def test_a_sign_that_was_removed_is_put_up_again(tmp_path, monkeypatch, listening):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "var"))
    own, post = listening(tmp_path / "own" / "control.sock"), tmp_path / "var/control.sock"
    with capture_logs() as logs:
        async with signpost(own) as sign:
            sign.renew()
            post.parent.mkdir()
            sign.renew()
            assert post.resolve() == own
            post.unlink()
            sign.renew()
            assert post.resolve() == own
    assert not os.path.lexists(post)
    assert [entry["event"] for entry in logs] == ["control_sign_refused"]


@pytest.mark.parametrize("below", ["", "state"])
def test_a_file_in_the_place_of_the_folder_is_not_to_be_made_writable(tmp_path, below):
    (tmp_path / "file").touch()
    with (
        pytest.raises(StateFolderError, match="a file has its place or that of a folder above it"),
        held(tmp_path / "file" / below),
    ):
        pass


async def test_a_crowded_socket_of_another_gateway_is_left_alone_and_waited_for_by_nobody(tmp_path, monkeypatch):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    with socket.socket(socket.AF_UNIX) as crowded, ExitStack() as stack:
        crowded.bind(str(tmp_path / "control.sock"))
        crowded.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket.socket(socket.AF_UNIX))
            waiting.setblocking(False)
            with suppress(BlockingIOError):
                waiting.connect(str(tmp_path / "control.sock"))
        async with signpost(tmp_path / "own" / "control.sock"):
            assert (tmp_path / "control.sock").is_socket()


def test_a_config_that_is_nested_too_deeply_is_told(tmp_path):
    (tmp_path / "g.toml").write_text("x = " + "[" * 5_000)
    with pytest.raises(UnknownSocketError, match=r"g.toml: its \[gateway\] cannot be read"):
        sockets(tmp_path / "g.toml")
