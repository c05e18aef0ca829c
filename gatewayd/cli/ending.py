"""Ending: a call of a plugin that hangs in a thread cannot keep the process of the gateway from ending."""

from __future__ import annotations

import asyncio
import atexit
import os
import sys
import threading
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

import click
import structlog

PATIENCE = 2.0
"""Seconds for which threads are waited for."""

log = structlog.get_logger()


class Ending:
    """Runs what is asynchronous, then ends the process, at once where threads hang.

    By themselves neither the event loop nor the interpreter would end before those do.
    """

    def __init__(self) -> None:
        self._hang = False

    def run(self, work: Coroutine[Any, Any, object]) -> None:
        """As `asyncio.run` does. Raises what it raises."""
        runner = asyncio.Runner()
        try:
            runner.run(self._run(work))
        finally:
            if not self._hang:
                runner.close()

    def leave_after(self, work: Callable[[], object]) -> None:
        """Do the work, in which `run` is called; where threads hang, tell how it ended, and end."""
        try:
            work()
        except BaseException as error:  # whatever it is, threads must not keep it from having its consequences
            if self._hang:
                _leave(_told(error))
            raise
        if self._hang:
            _leave(0)

    async def _run(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        finally:
            shutdown = asyncio.create_task(asyncio.get_running_loop().shutdown_default_executor(), name="threads")
            await asyncio.wait({shutdown}, timeout=PATIENCE)
            self._hang = not shutdown.done()


def _told(error: BaseException) -> int:
    """Tell of it as the interpreter would; gives the exit code."""
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, SystemExit) and isinstance(error.code, int):
        return error.code
    traceback.print_exception(error)
    return 1


def _leave(code: int) -> None:
    hanging = sum(thread.name.startswith("asyncio") for thread in threading.enumerate())
    log.warning("threads_abandoned", threads=hanging, reason="a plugin is in a call that blocks")
    atexit._run_exitfuncs()  # noqa: SLF001 - the log's last lines; what else comes at the end waits for the threads
    sys.stderr.flush()
    os._exit(code)
