"""Signals that come while the gateway starts: to stop is to stop, and a config that was changed meanwhile is read."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import pytest
from config_files import BASE, SOURCE, write
from fake_plugins import lay_out
from running_gateway import PATIENCE, gateway, status

MORE = SOURCE.replace("pump1", "pump2")


def caught(pid):
    """The signals that a process has handlers for."""
    mask = int(re.search(r"SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text())[1], 16)
    return {number for number in range(1, 32) if mask >> number - 1 & 1}


async def heeding(pid):
    """Wait until a process has all its handlers."""
    async with asyncio.timeout(20):
        while signal.SIGHUP not in caught(pid):
            await asyncio.sleep(0)


@pytest.fixture
def config(tmp_path):
    return write(tmp_path, BASE.replace("[mqtt]", 'state_dir = "state"\n[mqtt]'))


SLOW = """
import pathlib, time
pathlib.Path({begun!r}).touch()
time.sleep(3600)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_to_stop_while_it_starts_is_no_failure(tmp_path, config, number):
    slow = lay_out(tmp_path, "slow", SLOW.format(begun=str(tmp_path / "begun")))
    config.write_text(config.read_text() + '[sources.slow]\nplugin = "slow"\n')
    async with gateway(config, as_a_command=True, PYTHONPATH=str(slow)) as starting:
        async with asyncio.timeout(PATIENCE):
            while not (tmp_path / "begun").exists():
                await asyncio.sleep(0.01)
        starting.process.send_signal(number)
        assert await starting.ended() == 0
    (event,) = starting.events
    assert (event["event"], event["why"], event["level"]) == ("gateway_stopped", "stop", "info")
    assert not (config.parent / "state").exists()


@pytest.mark.campaign
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_at_no_moment_of_the_start_is_it_one(config, number):
    for moment in (0.1, 0.2, 0.4, 0.8, 1.2):
        async with gateway(config, as_a_command=True) as starting:
            await heeding(starting.process.pid)
            await asyncio.sleep(moment)
            starting.process.send_signal(number)
            assert await starting.ended() == 0
        assert "not_json" not in starting.names(), starting.events
        assert starting.names()[-1] == "gateway_stopped"


async def test_a_config_that_is_changed_while_it_starts_is_read_again(config):
    async with gateway(config, as_a_command=True) as starting:
        await heeding(starting.process.pid)
        write(config.parent, config.read_text() + MORE, "new.toml").replace(config)  # at once: it may be being read
        starting.process.send_signal(signal.SIGHUP)
        await starting.logged("reload_completed")
        told = await status(config)
        assert [source["name"] for source in told["sources"]] == ["pump1", "pump2"]


async def test_hardly_anything_is_imported_before_signals_are_heeded():
    code = "import sys; import gatewayd.__main__; print(*(name for name in sys.modules if 'gatewayd' in name))"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    names = {name for name in out.decode().split() if not name.startswith("__editable__")}
    assert names == {"gatewayd", "gatewayd.__main__", "gatewayd.early"}


async def test_a_log_that_takes_no_lines_holds_nobody_up(config):
    ours, its = os.pipe()
    os.set_blocking(its, False)
    while True:
        try:
            os.write(its, b"x" * 65536)
        except BlockingIOError:
            break
    os.set_blocking(its, True)
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "gatewayd", "run", str(config), stderr=its)
    await heeding(process.pid)
    process.terminate()
    async with asyncio.timeout(20):
        assert await process.wait() == 0
    for each in (ours, its):
        os.close(each)
