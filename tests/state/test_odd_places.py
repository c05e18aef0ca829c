"""Places that cannot be, may not be looked at, or would be waited for: said in words, never a traceback or a wait."""

import errno
import os
import re
import socket
from pathlib import Path

import pytest
from moves import used
from running_gateway import command
from structlog.testing import capture_logs

from gatewayd.moving import move_out
from gatewayd.state.folder import StateFolderError
from gatewayd.state.places import UnknownSocketError, exists, sockets
from gatewayd.state.signpost import signpost

TEXT = '[gateway]\nid = "site"\nstate_dir = {}\n'


@pytest.mark.parametrize("name", ["gatewayd.toml", "conf.d/pipe.toml"])
def test_a_pipe_in_the_place_of_a_config_is_not_waited_for(tmp_path, name):
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "gatewayd.toml").write_text(TEXT.format('"state"'))
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    with pytest.raises(UnknownSocketError, match="cannot be read \\(it is a pipe or a device, not a file\\)"):
        sockets(tmp_path / "gatewayd.toml")


def test_nor_is_a_device_read_to_its_end(tmp_path):
    (tmp_path / "gatewayd.toml").symlink_to("/dev/zero")
    with pytest.raises(UnknownSocketError, match="a pipe or a device"):
        sockets(tmp_path / "gatewayd.toml")


def test_what_a_bad_disk_does_not_even_tell_may_be_there(tmp_path, monkeypatch):
    def failing(path):
        raise OSError(errno.EIO, "Input/output error", str(path))

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "none"))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setattr("gatewayd.state.places._SYSTEM_FOLDER", tmp_path)
    monkeypatch.setattr("pathlib.Path.exists", failing)
    assert sockets(None) == [tmp_path / "control.sock"]


@pytest.mark.parametrize("folder", ["/dev/fd", "/proc/self/fd"])
def test_what_a_shell_writes_into_a_pipe_is_read(tmp_path, folder):
    """`gatewayd status --config <(...)`: bash names the pipe in the first, zsh in the second."""
    reading, writing = os.pipe()
    os.write(writing, TEXT.format(f'"{tmp_path}"').encode())
    os.close(writing)
    try:
        assert sockets(Path(f"{folder}/{reading}")) == [tmp_path / "control.sock"]
    finally:
        os.close(reading)


@pytest.mark.parametrize(
    ("state_dir", "said"),
    [
        pytest.param('"' + "x" * 300 + '"', "no gatewayd is running", id="a name that is too long"),
        pytest.param(r'"a\u0000b"', r"cannot be read \(state_dir is no path\)", id="no path"),
    ],
)
async def test_a_state_folder_that_cannot_be_is_one_where_nobody_answers(tmp_path, state_dir, said):
    (tmp_path / "gatewayd.toml").write_text(TEXT.format(state_dir))
    code, _, err = await command("status", tmp_path / "gatewayd.toml")
    assert code == 1
    assert re.search(said, err)


def closed(monkeypatch, folder):
    """Nobody may look into a folder; a test that root runs could."""

    def refusing(ask):
        def asked(path, *args, **kwargs):
            if str(path).startswith(f"{folder}{os.sep}"):
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            return ask(path, *args, **kwargs)

        return asked

    for name in ("stat", "lstat", "open"):
        monkeypatch.setattr(os, name, refusing(getattr(os, name)))


async def test_whoever_may_not_look_into_the_state_folder_is_told_so_by_a_move(tmp_path, monkeypatch):
    old = await used(tmp_path / "old")
    closed(monkeypatch, tmp_path / "old/state")
    assert exists(tmp_path / "old/state/outbox.db")
    with pytest.raises(StateFolderError, match="Permission denied"):
        move_out(old, tmp_path / "site.tar")
    assert not (tmp_path / "site.tar").exists()


async def test_a_folder_of_systemds_that_is_closed_holds_up_nothing(tmp_path, monkeypatch):
    (tmp_path / "var").mkdir()
    (tmp_path / "own").mkdir()
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "var"))
    closed(monkeypatch, tmp_path / "var")
    with socket.socket(socket.AF_UNIX) as listener, capture_logs() as logs:
        listener.bind(str(tmp_path / "own/control.sock"))
        async with signpost(tmp_path / "own/control.sock") as sign:
            sign.renew()
    assert [entry["event"] for entry in logs] == ["control_sign_refused"]
