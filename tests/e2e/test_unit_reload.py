"""`systemctl reload` of a gateway with a state folder of its own: the unit's own lines, as systemd would run them."""

import asyncio
import os
import sys
from pathlib import Path

from config_files import SOURCE
from running_gateway import PATIENCE, gateway

UNIT = (Path(__file__).parents[2] / "systemd" / "gatewayd.service").read_text()
(RELOAD,) = [line.partition("=")[2].split()[1:] for line in UNIT.splitlines() if line.startswith("ExecReload=")]
MINE = '[gateway]\nid = "site"\nstate_dir = "mine"\n[mqtt]\nurl = "mqtt://127.0.0.1:1"\n' + SOURCE


async def reload(folder):
    """What ExecReload= says, with what systemd gives it; the exit code and all that it prints."""
    environment = {**os.environ, "STATE_DIRECTORY": str(folder)}
    spawned = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gatewayd", *RELOAD),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment,
    )
    async with asyncio.timeout(PATIENCE):
        out, _ = await spawned.communicate()
    return spawned.returncode, out.decode()


async def test_a_gateway_with_its_own_folder_and_config_is_reloaded_without_a_drop_in(tmp_path):
    config = tmp_path / "elsewhere.toml"
    config.write_text(MINE)
    units = tmp_path / "var"
    units.mkdir()
    async with gateway(config, STATE_DIRECTORY=str(units)) as running:
        await running.logged("gateway_started")
        config.write_text(MINE + '[rules.r]\nchannel = "pump1.flow"\nabove = 1\n')
        code, told = await reload(units)
        assert (code, told.splitlines()[0]) == (0, "added    rules.r")
        config.write_text(MINE + "[rules.r\n")
        code, told = await reload(units)
        assert (code, "elsewhere.toml:" in told) == (1, True)
        config.write_text(MINE.replace('"mine"', '"other"'))
        assert (await reload(units))[0] == 0, "the folder that is in use is asked, not the one that is to be"
        await running.logged("gateway_stopped", why="reload")
        while not (tmp_path / "other" / "control.sock").exists():  # it starts with it
            await asyncio.sleep(0.05)
        assert await running.stop() == 0
    assert not os.path.lexists(units / "control.sock")
