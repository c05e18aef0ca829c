"""The control socket, with real sockets."""

import asyncio
import errno
import stat

import pytest
from structlog.testing import capture_logs

from gatewayd.control import LONGEST_REQUEST, ControlError, ask, serving
from gatewayd.errors import GatewaydError


async def asked(places, command, **arguments):
    return await asyncio.to_thread(ask, places, command, **arguments)


async def test_a_command_is_answered(tmp_path):
    async with serving(tmp_path / "s", {"status": lambda _: {"sources": [1, 2]}}):
        assert await asked([tmp_path / "s"], "status") == {"sources": [1, 2]}


async def test_a_command_is_given_its_arguments(tmp_path):
    async with serving(tmp_path / "s", {"echo": dict}):
        assert await asked([tmp_path / "s"], "echo", rule="a", seconds=1.5) == {"rule": "a", "seconds": 1.5}


async def test_what_cannot_be_done_is_said_to_who_asked_for_it(tmp_path):
    def refuse(_):
        raise GatewaydError("no rule is called that")

    async with serving(tmp_path / "s", {"ack": refuse}):
        with pytest.raises(ControlError, match="no rule is called that"):
            await asked([tmp_path / "s"], "ack")


async def test_only_the_user_may_open_it(tmp_path):
    async with serving(tmp_path / "s", {}):
        assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600


async def test_the_socket_of_a_daemon_that_was_killed_is_no_obstacle(tmp_path):
    async with serving(tmp_path / "s", {}):
        pass
    (tmp_path / "s").touch()
    async with serving(tmp_path / "s", {"status": lambda _: 1}):
        assert await asked([tmp_path / "s"], "status") == 1
    assert not (tmp_path / "s").exists()


async def test_an_unknown_command_is_refused_with_those_that_are_known(tmp_path):
    async with serving(tmp_path / "s", {"status": lambda _: 1}):
        with pytest.raises(ControlError, match=r"'stop'.*known are: status"):
            await asked([tmp_path / "s"], "stop")


@pytest.mark.parametrize(
    "request_line",
    [
        b"nonsense\n",
        b"[1]\n",
        b'{"command": 5}\n',
        b'{"command": "status", "arguments": 3}\n',
        b"\xff\xfe\n",
        b"x" * (LONGEST_REQUEST + 10),
        b"",
    ],
)
async def test_nonsense_hurts_nobody_else(tmp_path, request_line):
    async with serving(tmp_path / "s", {"status": lambda _: 1}):
        reader, writer = await asyncio.open_unix_connection(tmp_path / "s")
        writer.write(request_line)
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        assert not answer or b'"error"' in answer
        assert await asked([tmp_path / "s"], "status") == 1


async def test_a_path_too_long_for_a_socket_is_named(tmp_path):
    path = tmp_path / ("x" * 120) / "s"
    path.parent.mkdir()
    with pytest.raises(ControlError, match="too long"):
        async with serving(path, {}):
            pass


def test_without_a_daemon_all_places_are_named(tmp_path):
    with pytest.raises(ControlError, match=rf"no gatewayd is running.*{tmp_path}/a nor {tmp_path}/b"):
        ask([tmp_path / "a", tmp_path / "b"], "status")


def test_a_socket_that_nobody_listens_at_is_named(tmp_path):
    (tmp_path / "s").touch()
    with pytest.raises(ControlError, match="does not answer"):
        ask([tmp_path / "s"], "status")


async def test_a_command_may_take_its_time(tmp_path):
    async def slow(_):
        await asyncio.sleep(0)
        return "done"

    async with serving(tmp_path / "s", {"write": slow}):
        assert await asked([tmp_path / "s"], "write") == "done"


async def test_a_disk_that_refuses_to_have_a_socket_made_costs_the_socket_only(tmp_path, monkeypatch):
    async def refuse(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("asyncio.start_unix_server", refuse)
    with capture_logs() as logs:
        async with serving(tmp_path / "s", {}):
            pass
    assert [entry["event"] for entry in logs] == ["control_unavailable"]
