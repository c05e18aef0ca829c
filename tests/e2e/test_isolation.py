"""The daemon with an isolated line: a process that is killed is told and replaced, and a stop leaves nothing behind."""

import os
import signal
from pathlib import Path

from running_gateway import command, gateway, status, when

CONFIG = """\
[gateway]
id = "site"
state_dir = "{state}"
[mqtt]
url = "mqtt://127.0.0.1:1"
[sources.pump]
plugin = "simulator"
interval = "50ms"
[sources.far]
plugin = "simulator"
interval = "50ms"
isolation = "process"
"""


async def test_a_process_that_is_killed_is_replaced_and_the_status_tells_of_it(tmp_path):
    config = tmp_path / "gatewayd.toml"
    config.write_text(CONFIG.format(state=tmp_path / "state"))

    async def far():
        """The isolated source, once it is polled."""
        answer = await status(config)
        (found,) = [each for each in answer["sources"] if each["name"] == "far"] if answer else [None]
        return found if found and found["process"] and found["state"] == "ok" else None

    async with gateway(config) as running:
        first = (await when(far))["process"]
        os.kill(first["pid"], signal.SIGKILL)
        failed = await running.logged("process_failed", line="far")
        assert (failed["reason"], failed["level"]) == ("its own process was killed by SIGKILL", "warning")
        second = await when(far)
        assert second["process"]["pid"] != first["pid"]
        assert second["failed"] > 0
        _, text, _ = await command("status", config)
        assert f"process {second['process']['pid']} of far takes" in text
        assert "after 1 that failed" in text
        answer = await status(config)
        assert answer["plugins"]["simulator"]["calls"] > second["accounts"]["calls"]
        assert await running.stop() == 0
    assert not Path(f"/proc/{second['process']['pid']}").exists()
    assert "not_json" not in running.names()
