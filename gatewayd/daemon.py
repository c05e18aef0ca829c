"""The daemon: start, run, reload, drain, stop. It reads top to bottom in that order."""

from __future__ import annotations

import asyncio
import enum
import signal
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import structlog

from gatewayd import __version__, clock
from gatewayd.config import Config, load
from gatewayd.control import serving
from gatewayd.engine.engine import Engine
from gatewayd.errors import ConfigError
from gatewayd.model import Input, Tick
from gatewayd.sources import Field
from gatewayd.state import OUTBOX, SOCKET, held, state_folder
from gatewayd.status import birth, describe
from gatewayd.systemd import notify, watchdog_period
from gatewayd.uplink import Broker, Outbox, Sender

TICK = 0.5
"""Seconds between ticks: how late silence, and the end of a period without polls, is noticed at most."""

log = structlog.get_logger()


class Ending(enum.Enum):
    """Why a run came to its end."""

    STOP = enum.auto()
    RELOAD = enum.auto()


async def run(config: Config) -> None:
    """Run until SIGTERM or SIGINT. SIGHUP goes on with the config as it is on disk then, if it is right."""
    folder = state_folder(config.settings.gateway.id, config.settings.gateway.state_dir)
    while True:
        with held(folder):
            ending, config = await Run(config, folder).until_ending()
        if ending is Ending.STOP:
            return


class Run:
    """One run with one config, from opening the outbox to closing it."""

    def __init__(self, config: Config, folder: Path) -> None:
        self.config = config
        self.started = clock.now()
        self.outbox = Outbox(folder / OUTBOX, config.settings.outbox.max_size)
        self.engine = Engine(config.plan, clock.boot())
        self.field = Field(config.sources.values(), config.plan, self._feed)
        self.sender = Sender(self.outbox, Broker.of(config.settings), birth(config))
        self._socket = folder / SOCKET
        self._ending: asyncio.Future[tuple[Ending, Config]] = asyncio.get_running_loop().create_future()

    async def until_ending(self) -> tuple[Ending, Config]:
        """Start, run, drain, stop; give why it ended and the config to go on with."""
        for problem in self.config.problems:
            log.error("config_problem_found", problem=str(problem))
        self.outbox.open()
        self.outbox.put(self.engine.restore(self.outbox.saved().values(), clock.now()))
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.outbox.close)
            stack.enter_context(_signals({signal.SIGTERM: self._stop, signal.SIGINT: self._stop, signal.SIGHUP: self._reload}))
            await stack.enter_async_context(serving(self._socket, {"status": lambda: describe(self)}))
            await self._run()
            self.outbox.put(self.engine.stop())
        return self._ending.result()

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            sender = tasks.create_task(self.sender.run(), name="sender")
            running = [
                tasks.create_task(self.field.run(), name="field"),
                tasks.create_task(self._tick(), name="ticks"),
                tasks.create_task(self._report(), name="systemd"),
            ]
            log.info("gateway_started", version=__version__, config=str(self.config.path), sources=len(self.config.sources))
            notify(READY=1)
            ending, _ = await self._ending
            notify(STOPPING=1) if ending is Ending.STOP else notify(STATUS="reloading")
            await _cancel(running)
            await _cancel([sender])
        log.info("gateway_stopped", why=ending.name.lower())

    def _feed(self, item: Input) -> None:
        self.outbox.put(self.engine.feed(item))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self._feed(Tick(clock.now()))

    async def _report(self) -> None:
        """Tell systemd that there is progress: polls are attempted and the outbox's writer answers.

        Whether sensors answer or a broker is there has no part in it: a restart would not bring them back.
        """
        period = watchdog_period()
        while True:
            await asyncio.sleep(period / 3 if period else 10.0)
            if self.field.progressing(clock.now()) and self.outbox.alive():
                notify(WATCHDOG=1, STATUS=_headline(self))

    def _stop(self) -> None:
        if not self._ending.done():
            self._ending.set_result((Ending.STOP, self.config))

    def _reload(self) -> None:
        try:
            config = load(self.config.path)
        except ConfigError as error:
            log.error("reload_refused", problems=[str(problem) for problem in error.problems])
            return
        if not self._ending.done():
            log.info("reload_begun", config=str(config.path))
            self._ending.set_result((Ending.RELOAD, config))
