"""The gateway itself: the very daemon that a site runs, as a child process with its log in a file."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from asyncio.subprocess import Process
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

PATIENCE = 10.0
"""Seconds that the daemon may take to stop before it is killed."""


@asynccontextmanager
async def running(config: Path, log: Path) -> AsyncIterator[Process]:
    """Run `gatewayd run CONFIG` and stop it at the end, if it has not stopped by itself.

    It gets a process group of its own, so that a Ctrl-C at the terminal is ours alone and the order of stopping too.
    """
    command = (sys.executable, "-m", "gatewayd", "run", str(config))
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, process_group=0
        )
    try:
        yield process
    finally:
        await _stop(process)


async def _stop(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(PATIENCE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def last_lines(log: Path, count: int = 15) -> list[str]:
    """The end of the daemon's log."""
    with log.open(encoding="utf-8", errors="replace") as lines:
        return [line.rstrip() for line in deque(lines, maxlen=count)]
