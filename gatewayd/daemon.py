"""The daemon: start, run, reload, drain, stop. It reads top to bottom in that order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

import structlog

from gatewayd import __version__, clock
from gatewayd.calculator import Calculator, still_running
from gatewayd.config import Config, load
from gatewayd.control import serving
from gatewayd.engine.engine import Engine
from gatewayd.errors import ConfigError, GatewaydError
from gatewayd.model import Input, Tick
from gatewayd.orders import Orders
from gatewayd.sources import Field
from gatewayd.state import OUTBOX, SOCKET, held, state_folder
from gatewayd.status import Status, birth, headline
from gatewayd.systemd import notify, watchdog_period
from gatewayd.uplink import Broker, Outbox, Sender

TICK = 0.5
"""Seconds between ticks: how late silence, and the end of a period without polls, is noticed at most."""
REPORT = 10.0
"""Seconds between reports to systemd when it does not watch for them."""

log = structlog.get_logger()


async def run(config: Config) -> None:
    """Run until SIGTERM or SIGINT. SIGHUP goes on with the config as it is on disk then, if it is right.

    Raises GatewaydError when the daemon cannot run at all; a reloaded config with which it cannot is given up for the
    one before.
    """
    before: Config | None = None
    refused: Sequence[str] = ()
    with Orders.by_signals() as orders:
        while not orders.stop:
            current = Run(config, orders, refused)
            try:
                following = await current.until_ending()
            except GatewaydError as error:
                if before is None or current.started:
                    raise
                log.error("reload_given_up", reason=str(error), config=str(config.path))
                config, before, refused = before, None, [f"{config.path}: {error}"]
            else:
                config, before, refused = following, config, ()


class Run:
    """One run with one config, from opening the outbox to closing it.

    `refused` is what is wrong with the config on disk, if it is another one; `started` is whether all was well so far
    that it could begin to poll.
    """

    def __init__(self, config: Config, orders: Orders, refused: Sequence[str]) -> None:
        self.started = False
        self._config = config
        self._orders = orders
        self._refused = refused
        self._since = clock.now()
        self._folder = state_folder(config.settings.gateway.id, config.settings.gateway.state_dir)
        self._outbox = Outbox(self._folder / OUTBOX, config.settings.outbox.max_size)
        self._engine = Engine(config.plan, clock.boot())
        self._calculator = Calculator(config.calculations, config.plan, self._feed)
        self._field = Field(config.sources.values(), config.plan, self._feed)
        self._sender = Sender(
            self._outbox,
            Broker.of(config.settings.mqtt, config.settings.gateway.id),
            config.settings.gateway.id,
            lambda: birth(config, self._outbox.epoch),
        )

    async def until_ending(self) -> Config:
        """Start, run, drain, stop; give the config to go on with, which is the same one when told to stop."""
        for problem in self._config.problems:
            log.error("config_problem_found", problem=str(problem))
        async with AsyncExitStack() as stack:
            stack.enter_context(held(self._folder))
            self._outbox.open()
            stack.push_async_callback(self._outbox.close)
            self._outbox.put(self._engine.restore(self._outbox.saved().values(), clock.now()))
            await stack.enter_async_context(serving(self._folder / SOCKET, {"status": self.status}))
            return await self._run()

    def status(self) -> Status:
        """How everything is doing now."""
        return Status(
            gateway=self._config.settings.gateway.id,
            config=str(self._config.path),
            seconds=(clock.now() - self._since) / 1e9,
            problems=(*map(str, self._config.problems), *self._refused),
            sources=tuple(self._field.status()),
            calculations=self._calculator.status(),
            abandoned=still_running(),
            alarms=self._engine.alarms(),
            verdicts=self._engine.verdicts(),
            uplink=self._sender.status(),
            outbox=self._outbox.status(),
        )

    async def _run(self) -> Config:
        async with asyncio.TaskGroup() as tasks:
            sender = tasks.create_task(self._sender.run(), name="sender")
            feeding = [
                tasks.create_task(self._field.run(), name="field"),
                tasks.create_task(self._calculator.run(), name="calculator"),
                tasks.create_task(self._tick(), name="ticks"),
            ]
            report = tasks.create_task(self._report(), name="systemd")
            self.started = True
            log.info("gateway_started", version=__version__, config=str(self._config.path))
            notify(READY=1, WATCHDOG=1, STATUS=headline(self.status()))
            config = await self._next_config()
            notify(**{"STOPPING" if self._orders.stop else "RELOADING": 1}, WATCHDOG=1)
            await _cancelled(feeding)
            self._calculator.close()
            self._outbox.put(replace(self._engine.stop(clock.now()), urgent=True))
            await _cancelled([sender, report])
        log.info("gateway_stopped", why="stop" if self._orders.stop else "reload")
        return config

    async def _next_config(self) -> Config:
        """Wait until it is time to end: for a new config, or with the present one."""
        while await self._orders.reload():
            try:
                config = await asyncio.to_thread(load, self._config.path)
            except ConfigError as error:
                self._refused = list(map(str, error.problems))
                log.error("reload_refused", problems=self._refused)
            except Exception as error:  # plugins are called: what they raise must not end a gateway that runs
                self._refused = [f"{self._config.path}: {type(error).__name__}: {error}"]
                log.error("reload_refused", problems=self._refused, exc_info=error)
            else:
                log.info("reload_begun", config=str(config.path))
                return config
        return self._config

    def _feed(self, item: Input) -> None:
        output = self._engine.feed(item)
        self._outbox.put(output)
        self._calculator.compute(output.requests)

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
            await asyncio.sleep(period / 3 if period else REPORT)
            if self._field.progressing(clock.now()) and self._outbox.alive():
                notify(WATCHDOG=1, STATUS=headline(self.status()))


async def _cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until they have ended; what they raise is their group's concern."""
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
