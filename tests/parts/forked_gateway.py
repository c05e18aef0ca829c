"""The daemon as a process of its own, forked from one that has imported everything: starting takes a tenth as long."""

import asyncio
import atexit
import multiprocessing
import os
import signal
import sys
from multiprocessing.reduction import DupFd

from gatewayd.cli import main

FORKS = multiprocessing.get_context("forkserver")
IMPORTED = [
    "gatewayd.daemon.daemon",
    "gatewayd.logs.logs",
    "gatewayd_plugins.modbus.source",
    "gatewayd_plugins.simulator",
]


class Forked:
    """`gatewayd run CONFIG` as if asyncio had started it with its log in a pipe; use `forked`."""

    def __init__(self, process, stderr):
        self._process = process
        self._ended = asyncio.Event()
        self.pid = process.pid
        self.returncode = None
        self.stderr = stderr
        asyncio.get_running_loop().add_reader(process.sentinel, self._end)

    def _end(self):
        asyncio.get_running_loop().remove_reader(self._process.sentinel)
        self._process.join()
        self.returncode = self._process.exitcode
        self._process.close()
        self._ended.set()

    async def wait(self):
        await self._ended.wait()
        return self.returncode

    def send_signal(self, number):
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)


async def forked(config, environment):
    """Start one."""
    FORKS.set_forkserver_preload(IMPORTED)
    ours, its = os.pipe()
    stderr = asyncio.StreamReader(limit=2**20)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stderr), os.fdopen(ours, "rb", 0)
    )
    process = FORKS.Process(target=_Run(str(config), its, environment), daemon=True)
    process.start()
    os.close(its)
    return Forked(process, stderr)


class _Run:
    """What the process does, which is told to it when it has been forked."""

    def __init__(self, config, log, environment):
        self._config, self._log, self._environment = config, log, environment

    def __getstate__(self):
        return self._config, DupFd(self._log), self._environment

    def __setstate__(self, state):
        self.__init__(*state)

    def __call__(self):
        os.environ.clear()
        os.environ.update(self._environment)
        os.dup2(self._log.detach(), sys.stderr.fileno())
        try:
            main(["run", self._config])  # ends with SystemExit
        finally:
            atexit._run_exitfuncs()  # the last lines of the log: a process of multiprocessing ends without them
