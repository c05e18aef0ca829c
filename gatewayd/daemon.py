"""The daemon: start, run, reload, drain, stop. It reads top to bottom in that order."""

from __future__ import annotations

import asyncio
import enum
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import structlog

from gatewayd import __version__, clock
from gatewayd.config import Config, load
from gatewayd.control import serving
from gatewayd.engine.engine import Engine
from gatewayd.errors import ConfigError
from gatewayd.model import Input, Tick
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


class Ending(enum.Enum):
    """Why a run came to its end."""

    STOP = enum.auto()
    RELOAD = enum.auto()


async def run(config: Config) -> None:
    """Run until SIGTERM or SIGINT. SIGHUP goes on with the config as it is on disk then, if it is right."""
    ending = Ending.RELOAD
    while ending is Ending.RELOAD:
        with held(state_folder(config.settings.gateway.id, config.settings.gateway.state_dir)) as folder:
            ending, config = await Run(config, folder).until_ending()


class Run:
    """One run with one config, from opening the outbox to closing it."""

    def __init__(self, config: Config, folder: Path) -> None:
        self._config = config
        self._socket = folder / SOCKET
        self._started = clock.now()
        self._outbox = Outbox(folder / OUTBOX, config.settings.outbox.max_size)
        self._engine = Engine(config.plan, clock.boot())
        self._field = Field(config.sources.values(), config.plan, self._feed)
        self._sender = Sender(
            self._outbox,
            Broker.of(config.settings.mqtt, config.settings.gateway.id),
            config.settings.gateway.id,
            lambda: birth(config, self._outbox.epoch),
        )
        self._ending: asyncio.Future[tuple[Ending, Config]] = asyncio.get_running_loop().create_future()

    async def until_ending(self) -> tuple[Ending, Config]:
        """Start, run, drain, stop; give why it ended and the config to go on with."""
        for problem in self._config.problems:
            log.error("config_problem_found", problem=str(problem))
        self._outbox.open()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._outbox.close)
            self._outbox.put(self._engine.restore(self._outbox.saved().values(), clock.now()))
            stack.enter_context(_signals(self._handlers()))
            await stack.enter_async_context(serving(self._socket, {"status": self.status}))
            await self._run()
        return self._ending.result()

    def status(self) -> Status:
        """How everything is doing now."""
        return Status(
            gateway=self._config.settings.gateway.id,
            config=str(self._config.path),
            seconds=(clock.now() - self._started) / 1e9,
            problems=tuple(map(str, self._config.problems)),
            sources=tuple(self._field.status()),
            alarms=self._engine.alarms(),
            uplink=self._sender.status(),
            outbox=self._outbox.status(),
        )

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            sender = tasks.create_task(self._sender.run(), name="sender")
            feeding = [
                tasks.create_task(self._field.run(), name="field"),
                tasks.create_task(self._tick(), name="ticks"),
            ]
            report = tasks.create_task(self._report(), name="systemd")
            log.info("gateway_started", version=__version__, config=str(self._config.path))
            notify(READY=1, STATUS=headline(self.status()))
            ending, _ = await self._ending
            if ending is Ending.STOP:
                notify(STOPPING=1)
            await _cancelled(feeding)
            self._outbox.put(replace(self._engine.stop(clock.now()), urgent=True))
            await _cancelled([sender, report])
        log.info("gateway_stopped", why=ending.name.lower())

    def _feed(self, item: Input) -> None:
        self._outbox.put(self._engine.feed(item))

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

    def _handlers(self) -> Mapping[signal.Signals, Callable[[], None]]:
        return {signal.SIGTERM: self._stop, signal.SIGINT: self._stop, signal.SIGHUP: self._reload}

    def _stop(self) -> None:
        if not self._ending.done():
            self._ending.set_result((Ending.STOP, self._config))

    def _reload(self) -> None:
        try:
            config = load(self._config.path)
        except ConfigError as error:
            log.error("reload_refused", problems=[str(problem) for problem in error.problems])
            return
        if not self._ending.done():
            log.info("reload_begun", config=str(config.path))
            self._ending.set_result((Ending.RELOAD, config))


@contextmanager
def _signals(handlers: Mapping[signal.Signals, Callable[[], None]]) -> Iterator[None]:
    """Have signals handled in the event loop."""
    loop = asyncio.get_running_loop()
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)


async def _cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until they have ended; what they raise is their group's concern."""
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
