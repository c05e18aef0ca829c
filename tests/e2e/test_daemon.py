"""The daemon as its users meet it: started, asked, reloaded, stopped; with devices and brokers that misbehave."""

import asyncio
import json
import os
import socket
import sys
from pathlib import Path

import pytest
from fake_broker import CONNACK, broker_that_says
from mosquitto import needs_mosquitto, running_mosquitto
from ports import free_port
from receiver import receiving
from running_gateway import PATIENCE, command, gateway, process, status, when

from gatewayd.control.asking import ask
from gatewayd.state.folder import locked
from gatewayd.state.places import sockets

CONFIG = """\
[gateway]
id = "site"
state_dir = "{state}"
[mqtt]
url = "mqtt://127.0.0.1:{mqtt}"
[sources.pump]
plugin = "simulator"
interval = "50ms"
[features.pressure]
channels = ["pump.pressure"]
window = "1s"
every = "200ms"
compute = ["std"]
[rules.pressure]
channel = "pump.pressure"
above = 1.0
[summary]
every = "1s"
"""


def site(folder, mqtt, text=CONFIG, **changes):
    config = folder / "gatewayd.toml"
    text = text.format(state=folder / "state", mqtt=mqtt)
    for old, new in changes.items():
        text = text.replace(old, new)
    config.write_text(text)
    return config


@needs_mosquitto
async def test_the_broker_and_the_status_tell_the_same_and_a_kill_repeats_no_alarm(tmp_path):
    async with running_mosquitto(tmp_path) as broker, receiving(broker.port) as receiver:
        config = site(tmp_path, broker.port)
        async with gateway(config) as running:
            assert (await receiver.first("birth"))["sources"]["pump"]["channels"]["pressure"]["unit"] == "bar"
            await receiver.first("status", status="online")
            alarm = await receiver.first("alarm", state="raised")
            assert alarm["reason"].startswith("pump.pressure: ")
            await receiver.until(lambda: any("pressure.std" in s["channels"] for s in receiver.of("summary")))
            await status_tells_how_everything_is_doing(config)
            await running.kill()
        await receiver.first("status", status="lost")
        assert (await command("status", config))[0] == 1
        async with gateway(config) as running:
            before = len(receiver.of("summary"))
            await receiver.until(lambda: len(receiver.of("summary")) > before + 1)
            assert receiver.of("summary")[-1]["alarms"] == ["pressure"]
            assert await running.stop() == 0
        await receiver.first("status", status="offline")
    assert running.names()[-1] == "gateway_stopped"
    assert "not_json" not in running.names()
    assert len(receiver.of("alarm")) == 1
    assert not receiver.missing()


async def status_tells_how_everything_is_doing(config):
    answer = await status(config)
    assert answer["sources"][0]["state"] == "ok"
    assert answer["alarms"][0]["rule"] == "pressure"
    assert answer["uplink"]["connected"] is True
    code, out, _ = await command("status", config, "--json")
    assert code == 0
    assert json.loads(out).keys() == answer.keys()
    code, out, _ = await command("status", config)
    assert code == 0
    assert "alarm pressure (warning)" in out
    assert "broker  connected" in out


@needs_mosquitto
async def test_a_reload_applies_what_is_right_and_nothing_else_and_the_newest_config_wins(tmp_path):
    async with running_mosquitto(tmp_path) as broker, receiving(broker.port) as receiver:
        config = site(tmp_path, broker.port)
        async with gateway(config) as running:
            await receiver.first("alarm", rule="pressure", state="raised")
            site(tmp_path, broker.port, above="abvoe")
            running.reload()
            refusal = await running.logged("reload_refused")
            assert "gatewayd.toml:" in refusal["problems"][0]
            assert (await status(config))["problems"] == refusal["problems"]
            await a_reload_with_which_the_daemon_cannot_run_is_given_up(tmp_path, broker.port, running)
            for number in range(5):
                more = f'[rules.r{number}]\nchannel = "pump.flow"\nabove = 1.0\n[summary]'
                site(tmp_path, broker.port, **{"[summary]": more})
                running.reload()
            await receiver.first("alarm", rule="r4", state="raised")
            assert await running.stop() == 0
    assert len(receiver.of("alarm", rule="pressure")) == 1, "what did not change goes on"
    assert not receiver.missing()


async def a_reload_with_which_the_daemon_cannot_run_is_given_up(folder, mqtt, running):
    with locked(folder / "taken"):
        site(folder, mqtt, **{f"{folder}/state": f"{folder}/taken"})
        running.reload()
        assert "another gatewayd is running on it" in (await running.logged("reload_given_up"))["reason"]
    config = site(folder, mqtt)

    async def polled():
        answer = await status(config)
        return answer if answer and answer["sources"][0]["polls"] > 5 else None

    (problem,) = (await when(polled))["problems"]
    assert "another gatewayd is running on it" in problem


async def test_without_a_broker_all_goes_on_and_a_second_daemon_on_the_folder_is_refused_in_words(tmp_path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        metrics = f'[metrics]\nlisten = "127.0.0.1:{free_port()}"\n[summary]'
        config = site(tmp_path, nobody.getsockname()[1], **{"[summary]": metrics})
        async with gateway(config) as running:
            await running.logged("uplink_unreachable")
            code, _, err = await process("run", config)
            assert code == 1
            assert "another gatewayd is running on it" in err
            assert "Traceback" not in err

            async def polled():
                answer = await status(config)
                return answer if answer["sources"][0]["polls"] > 20 and answer["outbox"]["waiting"] > 2 else None

            answer = await when(polled)
            assert answer["uplink"]["connected"] is False
            assert answer["sources"][0]["failed"] == 0
            await metrics_tell_the_same(await running.logged("metrics_served"))
            await channels_are_told(config)
            assert await running.stop() == 0
    assert running.names().count("uplink_unreachable") == 1


async def metrics_tell_the_same(served):
    reader, writer = await asyncio.open_connection(served["host"], served["port"])
    writer.write(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    told = (await reader.read()).decode().splitlines()
    writer.close()
    assert told[0] == "HTTP/1.1 200 OK"
    assert 'gatewayd_source_state{source="pump",state="ok"} 1' in told
    assert 'gatewayd_alarm_open{rule="pressure",severity="warning"} 1' in told
    assert "gatewayd_uplink_connected 0" in told


async def channels_are_told(config):
    answer = await asyncio.to_thread(ask, sockets(config), "channel.list", pattern="pump.pressure*")
    assert [each["name"] for each in answer["channels"]] == ["pump.pressure", "pump.pressure.std"]
    assert {each["quality"] for each in answer["channels"]} == {"good"}


async def test_a_broker_that_never_acknowledges_hinders_neither_polls_nor_a_reload_nor_a_stop_during_it(tmp_path):
    async with broker_that_says(CONNACK) as port:
        config = site(tmp_path, port)
        async with gateway(config) as running:
            await running.logged("gateway_started")

            async def waiting():
                answer = await status(config)
                return answer if answer["outbox"]["waiting"] > 3 else None

            await when(waiting)
            await polled_without_a_miss(config)
            running.reload()
            await running.logged("reload_begun")
            assert await running.stop() == 0
    assert running.names().count("gateway_started") <= 2


async def polled_without_a_miss(config):
    """Wait for a second in which no poll is missed: on a busy machine there are others, too."""
    first = (await status(config))["sources"][0]

    async def undisturbed():
        nonlocal first
        now = (await status(config))["sources"][0]
        if now["missed"] > first["missed"]:
            first = now
        return now["polls"] >= first["polls"] + 20

    await when(undisturbed)


async def test_systemd_is_told_of_readiness_progress_and_the_end(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.setblocking(False)
        systemd.bind(str(tmp_path / "notify"))
        told = []

        async def hear(what):
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(PATIENCE):
                while not any(what in message for message in told):
                    told.append((await loop.sock_recv(systemd, 4096)).decode())

        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "600000"}
        async with gateway(site(tmp_path, 1), **environment) as running:
            await hear("READY=1")
            await hear("WATCHDOG=1\nSTATUS=1 of 1 sources ok")
            assert await running.stop() == 0
            await hear("STOPPING=1")
    assert any("broker away" in message for message in told)


async def test_a_config_that_is_wrong_ends_the_daemon_at_once_with_every_error(tmp_path):
    config = site(tmp_path, 1, above="abvoe", compute="compote")
    code, out, err = await process("run", config)
    assert code == os.EX_CONFIG
    assert out == ""
    lines = err.splitlines()
    assert len(lines) >= 2
    assert all(line.startswith(f"{config}:") for line in lines)


async def test_a_database_that_is_damaged_is_set_aside_and_the_daemon_runs(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "outbox.db").write_bytes(b"this is no database" * 1000)
    async with gateway(site(tmp_path, 1)) as running:
        await running.logged("gateway_started")
        assert await running.stop() == 0
    assert list((tmp_path / "state").glob("outbox.db.damaged*"))


@pytest.mark.parametrize("arguments", [["version"], ["--version"], ["plugins"], ["--help"], ["demo", "--help"]])
async def test_what_needs_no_daemon_answers(arguments):
    code, out, err = await command(*arguments)
    assert code == 0, err
    assert out
    assert not err


async def test_a_process_answers_in_the_same_way():
    assert await process("version") == await command("version")


async def test_check_says_what_is_there_or_everything_that_is_wrong(tmp_path):
    config = site(tmp_path, 1)
    code, out, _ = await command("check", config)
    assert code == 0
    assert "1 source, 6 channels, 1 derived channel, 1 rule" in out
    config = site(tmp_path, 1, above="abvoe", plugin="plugni")
    code, out, err = await command("check", config)
    assert code == os.EX_CONFIG
    assert len(err.splitlines()) >= 2


async def test_the_daemon_imports_neither_scipy_nor_what_only_the_demo_or_isolated_lines_need():
    code = (
        "import sys, gatewayd.daemon.daemon, gatewayd_plugins.modbus, gatewayd_plugins.simulator;"
        "demo = {'amqtt', 'rich', 'gatewayd_plugins.simulator.demo', 'aiohttp'};"
        "print(sorted({'scipy', *demo, 'gatewayd.isolation.life'} & set(sys.modules)))"
    )
    python = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    out, _ = await python.communicate()
    assert json.loads(out.decode().replace("'", '"')) in ([], ["rich"]), "structlog takes rich where it is installed"


async def test_a_daemon_whose_standard_streams_are_closed_runs_without_a_log(tmp_path):
    config = site(tmp_path, 1)
    started = ("sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, "-m", "gatewayd", "run", str(config))
    daemon = await asyncio.create_subprocess_exec(*started)
    try:
        assert (await when(lambda: status(config)))["sources"][0]["name"] == "pump"
        streams = {Path(f"/proc/{daemon.pid}/fd/{number}").readlink() for number in range(3)}
        assert streams == {Path(os.devnull)}, "nothing else may be opened in their place, for it would be written to"
        daemon.terminate()
        assert await daemon.wait() == 0
    finally:
        if daemon.returncode is None:
            daemon.kill()
            await daemon.wait()
