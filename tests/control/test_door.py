"""The control socket, with real sockets."""

import asyncio
import contextlib
import errno
import gc
import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gatewayd.control.asking import ControlError, ask
from gatewayd.control.door import LONGEST_REQUEST, MOST, serving
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


async def test_a_gateway_that_ends_instead_of_an_answer_is_told(tmp_path):
    async def end(reader, writer):
        await reader.readline()
        writer.close()

    async with await asyncio.start_unix_server(end, tmp_path / "s"):
        with pytest.raises(ControlError, match=r"has hung up: its log says why"):
            await asked([tmp_path / "s"], "status")


async def test_one_that_is_about_to_listen_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr("gatewayd.control.asking.BEGINNING", 20.0)  # here it begins whenever the machine lets it
    with socket.socket(socket.AF_UNIX) as beginning:
        beginning.bind(str(tmp_path / "s"))
        asking = asyncio.create_task(asked([tmp_path / "s"], "status", patience=20.0))
        await asyncio.sleep(0.2)
        beginning.listen()
        beginning.setblocking(False)
        async with asyncio.timeout(10):
            answering, _ = await asyncio.get_running_loop().sock_accept(beginning)
        with answering:
            answering.send(b'{"result": 1}\n')
            assert await asking == 1


async def test_one_that_nobody_listens_at_is_told(tmp_path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "s"))
    with pytest.raises(ControlError, match=r"does not answer at .*: is it still running\?"):
        await asked([tmp_path / "s"], "status")


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
        b"[" * 60_000 + b"\n",
        b'{"command": "status", "arguments": {"x": ' + b"[" * 12_000 + b"]" * 12_000 + b"}}\n",
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
        assert (not answer and len(request_line) > LONGEST_REQUEST) or b'"error"' in answer
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


@pytest.fixture
def refusing_disk(monkeypatch):
    """Refuses to have a socket made until it is told to give in."""

    def refuse(_):
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr("gatewayd.control.door._listening", refuse)
        yield patched.undo


def events(logs):
    """But for what is told of clients that went away: tests that run elsewhere ask all gateways of this machine."""
    return [entry["event"] for entry in logs if entry["log_level"] != "debug"]


async def test_a_disk_that_refuses_to_have_a_socket_made_costs_the_socket_only(tmp_path, refusing_disk):
    with capture_logs() as logs:
        async with serving(tmp_path / "s", {}) as door:
            await door.renew()
            await door.renew()
    assert events(logs) == ["control_unavailable"]


async def test_the_socket_is_made_as_soon_as_the_disk_lets_it(tmp_path, refusing_disk):
    with capture_logs() as logs:
        async with serving(tmp_path / "s", {"status": lambda _: 1}) as door:
            refusing_disk()
            await door.renew()
            assert await asked([tmp_path / "s"], "status") == 1
    assert events(logs) == ["control_unavailable", "control_available"]


async def test_a_socket_that_was_removed_is_made_again(tmp_path):
    async with serving(tmp_path / "s", {"status": lambda _: 1}) as door:
        (tmp_path / "s").unlink()
        await door.renew()
        assert await asked([tmp_path / "s"], "status") == 1
        assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600


async def test_a_socket_that_is_there_is_left_as_it_is(tmp_path):
    async with serving(tmp_path / "s", {}) as door:
        before = (tmp_path / "s").stat()
        await door.renew()
        assert (tmp_path / "s").stat() == before


@pytest.mark.parametrize("make", [lambda path: (path / "x").mkdir(parents=True), lambda path: path.symlink_to(path)])
async def test_what_took_the_place_of_the_socket_is_set_aside(tmp_path, make):
    async with serving(tmp_path / "s", {"status": lambda _: 1}) as door:
        (tmp_path / "s").unlink()
        make(tmp_path / "s")
        await door.renew()
        assert await asked([tmp_path / "s"], "status") == 1
        assert (tmp_path / "s.damaged-1").is_symlink() or (tmp_path / "s.damaged-1").is_dir()


async def test_who_is_being_answered_gets_the_answer_although_the_socket_is_made_again(tmp_path):
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_):
        begun.set()
        await go_on.wait()
        return "done"

    async with serving(tmp_path / "s", {"write": slow}) as door:
        asking = asyncio.create_task(asked([tmp_path / "s"], "write"))
        await begun.wait()
        (tmp_path / "s").unlink()
        await door.renew()
        go_on.set()
        assert await asking == "done"


async def test_a_few_are_answered_at_a_time_and_the_others_wait(tmp_path):
    at_work, most, go_on = 0, 0, asyncio.Event()

    async def slow(_):
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        if at_work == MOST:
            asyncio.get_running_loop().call_later(0.1, go_on.set)
        await go_on.wait()
        at_work -= 1
        return "done"

    loop, path = asyncio.get_running_loop(), tmp_path / "s"
    with ThreadPoolExecutor(MOST + 8) as many:
        async with serving(path, {"write": slow}):
            asking = [loop.run_in_executor(many, ask, [path], "write") for _ in range(MOST + 8)]
            answers = await asyncio.gather(*asking)
    assert (answers, most) == (["done"] * (MOST + 8), MOST)


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_many_who_say_nothing_take_no_more_descriptors_than_a_few(tmp_path, monkeypatch):
    monkeypatch.setattr("gatewayd.control.door.PATIENCE", 60.0)  # none of them is given up meanwhile
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(serving(tmp_path / "s", {"status": lambda _: 1}))
        gc.collect()  # what earlier tests have left behind would go in between
        before = descriptors()
        clients = [stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2 * MOST)]
        for client in clients:
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                client.connect(str(tmp_path / "s"))
        async with asyncio.timeout(20):
            while descriptors() - before - len(clients) < MOST:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        assert descriptors() - before - len(clients) == MOST
        for client in clients:
            client.close()
        assert await asked([tmp_path / "s"], "status") == 1


@pytest.mark.parametrize("moments", range(6))
async def test_who_comes_in_at_the_very_end_is_let_go(tmp_path, moments):
    with socket.socket(socket.AF_UNIX) as client:
        async with serving(tmp_path / "s", {}):
            await asyncio.sleep(0)
            client.connect(str(tmp_path / "s"))
            for _ in range(moments):
                await asyncio.sleep(0)
        client.settimeout(20)
        with contextlib.suppress(ConnectionResetError):
            assert client.recv(1) == b""


async def test_that_no_descriptor_is_left_is_told_once_and_passes(tmp_path, monkeypatch):
    monkeypatch.setattr("gatewayd.control.door.RETRY", 0.01)
    refusals, real = [], socket.socket.accept

    def accept(listener):
        if len(refusals) < 5:
            refusals.append(listener)
            raise OSError(errno.EMFILE, "Too many open files")
        return real(listener)

    monkeypatch.setattr(socket.socket, "accept", accept)
    with capture_logs() as logs:
        async with serving(tmp_path / "s", {"status": lambda _: 1}):
            assert await asked([tmp_path / "s"], "status") == 1
    assert events(logs) == ["control_client_refused"]


async def test_a_command_that_has_a_bug_is_told_and_costs_nobody_else(tmp_path):
    with capture_logs() as logs:
        async with serving(tmp_path / "s", {"status": lambda _: 1, "bad": lambda _: 1 / 0}):
            with pytest.raises(ControlError, match=r"has hung up: its log says why"):
                await asked([tmp_path / "s"], "bad")
            assert await asked([tmp_path / "s"], "status") == 1
    assert events(logs) == ["control_command_failed"]


@pytest.mark.parametrize("said", ["null", "3", "{}"])
async def test_something_else_that_answers_there_is_told(tmp_path, said):
    async def answer(reader, writer):
        await reader.readline()
        writer.write(said.encode() + b"\n")
        writer.close()

    async with await asyncio.start_unix_server(answer, tmp_path / "control.sock"):
        with pytest.raises(ControlError, match=r"what answers at .* is no gatewayd"):
            await asked([tmp_path / "control.sock"], "status")
