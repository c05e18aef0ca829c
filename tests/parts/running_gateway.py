"""The daemon as a process of its own, with its log as events that can be awaited."""

import asyncio
import json
import os
import signal
import sys
import threading
from contextlib import asynccontextmanager

from click.testing import CliRunner
from forked_gateway import forked

from gatewayd.cli import main
from gatewayd.control.asking import ask
from gatewayd.errors import GatewaydError
from gatewayd.state.places import sockets

PATIENCE = 60.0
"""Seconds for what a process does that may have to import everything first, on a machine that is busy."""
KEYBOARD = threading.Lock()
"""Who types has stdout and stderr to itself: a test that was given up may have left a command that is still at it."""


class RunningGateway:
    """`gatewayd run CONFIG` and what it has logged so far."""

    def __init__(self, process):
        self.process = process
        self.events = []
        self._news = asyncio.Condition()
        self._reading = asyncio.create_task(self._read(), name="log")

    async def _read(self):
        async for line in self.process.stderr:
            async with self._news:
                self.events.append(_event(line))
                self._news.notify_all()
        async with self._news:
            self._news.notify_all()

    async def logged(self, name, **fields):
        """Wait for the first event of that name with these fields; give it."""

        def found():
            return next((e for e in self.events if e["event"] == name and fields.items() <= e.items()), None)

        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: found() or self._reading.done())
        event = found()
        assert event, f"ended without {name}: {self.events}"
        return event

    def names(self):
        return [event["event"] for event in self.events]

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    async def kill(self):
        """As the kernel does when memory is short."""
        assert self.process.returncode is None, f"ended by itself: {self.events}"
        self.process.kill()
        await self.ended()

    async def stop(self):
        """As systemd does; gives the exit code."""
        self.process.terminate()
        return await self.ended()

    async def ended(self):
        async with asyncio.timeout(PATIENCE):
            await self.process.wait()
            await self._reading
        return self.process.returncode


def _event(line):
    try:
        return json.loads(line)
    except ValueError:
        return {"event": "not_json", "line": line.decode(errors="replace")}


@asynccontextmanager
async def gateway(config, *, as_a_command=False, **environment):
    """Run the daemon, from a process that has imported everything unless told otherwise; it is killed at the end."""
    start = _commanded if as_a_command else forked
    running = RunningGateway(await start(config, {**os.environ, **environment}))
    try:
        yield running
    finally:
        if running.process.returncode is None:
            await running.kill()


async def _commanded(config, environment):
    command = (sys.executable, "-m", "gatewayd", "run", str(config))
    return await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE, env=environment, limit=2**20)


async def command(*arguments):
    """Type `gatewayd ...` without a process for it; gives exit code, output, errors."""
    typed = await asyncio.to_thread(_typed, list(map(str, arguments)))
    if typed.exception and not isinstance(typed.exception, SystemExit):
        raise typed.exception
    return typed.exit_code, typed.stdout, typed.stderr


def _typed(arguments):
    with KEYBOARD:
        return CliRunner().invoke(main, arguments)


async def process(*arguments):
    """The same with one."""
    spawned = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gatewayd",
        *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            out, err = await spawned.communicate()
    finally:
        if spawned.returncode is None:
            spawned.kill()
            await spawned.wait()
    return spawned.returncode, out.decode(), err.decode()


async def status(config):
    """What the running gateway answers to `gatewayd status`, asked without a process; None if there is none."""
    try:
        return await asyncio.to_thread(ask, sockets(config), "status")
    except GatewaydError:
        return None


async def when(condition):
    """Ask again until it holds; for what the daemon does not log."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await condition()):
            await asyncio.sleep(0.05)
    return found
