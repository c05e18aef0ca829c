"""The daemon as a process of its own, forked from one that has imported everything: starting takes a tenth as long."""

import asyncio
import json
import multiprocessing
import os
import signal
import sys

from gatewayd.cli import main

FORKS = multiprocessing.get_context("forkserver")
IMPORTED = ["forked_gateway", "gatewayd.daemon", "gatewayd.logs", "gatewayd_plugins.modbus.source"]
PATIENCE = 120.0


class ForkedGateway:
    """`gatewayd run CONFIG`; its log goes to a file, for a pipe that nobody reads would stop it."""

    def __init__(self, config, log):
        FORKS.set_forkserver_preload(IMPORTED)
        self._log = log
        self._process = FORKS.Process(target=_run, args=(str(config), str(log)), daemon=True)
        self._process.start()

    def reload(self):
        os.kill(self._process.pid, signal.SIGHUP)

    def events(self):
        """What it has logged so far; a line that was cut off by a kill is none."""
        lines = self._log.read_text(encoding="utf-8").splitlines() if self._log.exists() else []
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    async def started(self):
        """Wait until it polls."""
        async with asyncio.timeout(PATIENCE):
            while not any(event["event"] == "gateway_started" for event in self.events()):
                assert self._process.exitcode is None, f"ended by itself: {self.events()}"
                await asyncio.sleep(0.01)

    async def kill(self):
        """As the kernel does when memory is short."""
        assert self._process.exitcode is None, f"ended by itself: {self.events()}"
        self._process.kill()
        await asyncio.to_thread(self._process.join)
        self._process.close()


def _run(config, log):
    with open(log, "ab", buffering=0) as file:  # noqa: PTH123 - a descriptor is wanted
        os.dup2(file.fileno(), 2)
    sys.exit(main(["run", config]))
