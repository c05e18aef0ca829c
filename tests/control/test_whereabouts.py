"""The gateway that runs with a config is found by that, whatever has become of the file meanwhile."""

import asyncio
import contextlib
import os
import re
import socket

import pytest
from changing_config import STEADY
from living_gateway import living
from running_gateway import command

from gatewayd.control import whereabouts
from gatewayd.control.door import serving
from gatewayd.control.whereabouts import doors, evidence
from gatewayd.doctor import examined
from gatewayd.state.places import UnknownSocketError

TEXT = STEADY.format(mqtt=9)


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A busy machine takes longer than people at a keyboard wait for."""
    monkeypatch.setattr(whereabouts, "PATIENCE", 10.0)


@contextlib.asynccontextmanager
async def running(folder):
    folder.mkdir(exist_ok=True)
    config = folder / "gatewayd.toml"
    config.write_text(TEXT)
    async with living(config) as gateway:
        yield gateway


@pytest.mark.parametrize(
    "edited",
    [
        pytest.param(TEXT.replace('"state"', '"elsewhere"'), id="another state folder"),
        pytest.param(TEXT.replace('state_dir = "state"\n', ""), id="no state folder of its own"),
        pytest.param(TEXT.replace('id = "site"', "id = 5"), id="no id"),
        pytest.param(TEXT.replace('id = "site"', 'id = "site'), id="a syntax error"),
    ],
)
async def test_it_is_found_after_an_edit(tmp_path, edited):
    async with running(tmp_path) as gateway:
        gateway.path.write_text(edited)
        code, out, err = await command("status", gateway.path, "--json")
        assert (code, err) == (0, "")
        assert f'"config": "{gateway.path}"' in out


async def test_so_is_its_evidence_and_the_doctor_does_not_push_it_off_its_broker(tmp_path, monkeypatch):
    async with running(tmp_path) as gateway:
        gateway.path.write_text(TEXT.replace('"state"', '"elsewhere"'))
        assert await asyncio.to_thread(evidence, gateway.path) == [tmp_path / "state" / "evidence"]
        asked = []
        monkeypatch.setattr("gatewayd.doctor.broker.look", lambda _, uplink: asked.append(uplink))
        monkeypatch.setattr("gatewayd.doctor.broker.judged", lambda _: [])
        await asyncio.to_thread(list, examined(gateway.path))
        assert asked[0]["connected"] is False


async def test_what_is_wrong_with_the_file_is_told_by_the_gateway_itself(tmp_path):
    async with running(tmp_path) as gateway:
        gateway.path.write_text(TEXT.replace('"state"', '"state'))
        for each in ("diff", "reload"):
            code, _, err = await command(each, gateway.path)
            assert code == 1
            assert f"Error: {gateway.path}:3:" in err


async def test_it_is_found_when_the_file_is_gone_or_a_folder_has_its_place(tmp_path):
    async with running(tmp_path) as gateway:
        gateway.path.unlink()
        assert (await command("status", gateway.path))[0] == 0
        gateway.path.mkdir()
        assert (await command("status", gateway.path))[0] == 0


async def test_it_is_found_by_each_of_the_names_of_the_file(tmp_path, monkeypatch):
    async with running(tmp_path) as gateway:
        (tmp_path / "link.toml").symlink_to(gateway.path)
        gateway.path.write_text("nonsense")
        monkeypatch.chdir(tmp_path)
        for name in ("link.toml", "gatewayd.toml", f"../{tmp_path.name}/gatewayd.toml"):
            assert (await command("status", name))[0] == 0


async def test_another_one_that_runs_where_the_file_now_says_is_not_taken_for_it(tmp_path):
    async with running(tmp_path / "a") as ours, running(tmp_path / "b"):
        ours.path.write_text(TEXT.replace('"state"', f'"{tmp_path}/b/state"'))
        _, out, _ = await command("status", ours.path, "--json")
        assert f'"config": "{ours.path}"' in out


async def test_the_socket_of_another_program_is_left_alone(tmp_path):
    asked = []
    folder = tmp_path / "other"
    folder.mkdir()

    async def hear(reader, writer):
        asked.append(await reader.readline())
        writer.close()

    async with await asyncio.start_unix_server(hear, folder / "control.sock"):
        config = tmp_path / "gatewayd.toml"
        config.write_text(TEXT)
        assert await asyncio.to_thread(doors, config) == [tmp_path / "state" / "control.sock"]
    assert asked == []


@pytest.mark.parametrize("likely", ["a", "b"])
async def test_of_two_that_say_the_same_the_one_where_the_file_says_is_taken(tmp_path, likely):
    config = tmp_path / "gatewayd.toml"
    config.write_text(TEXT.replace('"state"', f'"{likely}"'))
    async with contextlib.AsyncExitStack() as stack:
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "outbox.db").touch()
            served = serving(tmp_path / name / "control.sock", {"config": lambda _: str(config)})
            await stack.enter_async_context(served)
        assert await asyncio.to_thread(doors, config) == [tmp_path / likely / "control.sock"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a socket to another user")
async def test_another_user_cannot_answer_in_its_place(tmp_path):
    config, folder = tmp_path / "gatewayd.toml", tmp_path / "other"
    config.write_text(TEXT)
    folder.mkdir()
    (folder / "outbox.db").touch()
    async with serving(folder / "control.sock", {"config": lambda _: str(config)}):
        assert await asyncio.to_thread(doors, config) == [folder / "control.sock"]
        os.chown(folder / "control.sock", 54321, 54321)
        assert await asyncio.to_thread(doors, config) == [tmp_path / "state" / "control.sock"]


async def test_without_a_config_what_a_gateway_has_left_is_not_taken_for_one(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    for name in ("dead", "alive"):
        (tmp_path / "gatewayd" / name / "evidence").mkdir(parents=True)
        (tmp_path / "gatewayd" / name / "outbox.db").touch()
    alive, dead = (tmp_path / "gatewayd" / name / "control.sock" for name in ("alive", "dead"))
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(dead))
    async with serving(alive, {}):
        assert doors(None) == [alive]
        assert evidence(None) == [alive.with_name("evidence")]
        async with serving(dead, {}):
            with pytest.raises(UnknownSocketError, match="several gateways are here"):
                doors(None)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_text(TEXT.replace('"state"', '"state')), r":3:19: the text is not closed"),
        (lambda path: path.write_text("[mqtt]\n"), r": its \[gateway\] cannot be read \(it has no id\)"),
        (os.mkdir, ": is a folder"),
        (lambda path: None, ": there is no such file"),
        (lambda path: path.write_text(TEXT), "no gatewayd is running.* name that"),
    ],
)
async def test_without_one_what_is_wrong_is_told(tmp_path, make, said):
    make(tmp_path / "gatewayd.toml")
    code, _, err = await command("status", tmp_path / "gatewayd.toml")
    assert code == 1
    assert "Errno" not in err
    assert re.search(said, err)
