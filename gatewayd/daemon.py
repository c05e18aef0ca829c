"""The daemon: start, run, reload, drain, stop. It reads top to bottom in that order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

import structlog

from gatewayd import __version__, clock, garbage
from gatewayd.calculator import Calculator, still_running
from gatewayd.config import Config, load
from gatewayd.control import ControlError, serving
from gatewayd.engine.engine import Engine
from gatewayd.errors import ConfigError, GatewaydError
from gatewayd.evidence import Evidence, Facts
from gatewayd.isolation import Isolation
from gatewayd.model import Command, Input, Tick
from gatewayd.operators import Operators, WriteDesk
from gatewayd.orders import Orders
from gatewayd.recorder import Heading, Recorder
from gatewayd.records import Output, Saved
from gatewayd.sources import Field, Memories, by_plugin
from gatewayd.state import EVIDENCE, OUTBOX, RECORD, SOCKET, held, state_folder
from gatewayd.status import Status, birth, headline
from gatewayd.systemd import notify, watchdog_period
from gatewayd.uplink import Broker, Outbox, Sender

TICK = 0.5
"""Seconds between ticks: how late silence, and the end of a period without polls, is noticed at most."""
REMEMBER = 600.0
"""Seconds between looks at what sources have learned."""
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
        self._ended = False
        self._config = config
        self._orders = orders
        self._refused = refused
        self._since = clock.now()
        self._folder = state_folder(config.settings.gateway.id, config.settings.gateway.state_dir)
        self._outbox = Outbox(self._folder / OUTBOX, config.settings.outbox.max_size)
        self._recorder = Recorder(self._folder / RECORD, config.settings.record.max_size, _heading(config))
        self._evidence = Evidence(self._folder / EVIDENCE, config.settings.evidence.max_size, _facts(config))
        self._engine = Engine(config.plan, clock.boot(), self._evidence.derived)
        self._calculator = Calculator(config.calculations, config.plan, self._feed)
        self._field = Field(config.sources.values(), config.plan, self._feed, Isolation().line)
        self._memories = Memories(config.sources.values())
        self._operators = Operators(self._engine, self._order, self._outbox.age, config.assets)
        self._writing = WriteDesk(config.sources, self._field.write)
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
            stack.push_async_callback(self._recorder.close)
            stack.push_async_callback(self._evidence.close)
            self._begin(tuple(self._outbox.saved().values()), clock.now())
            commands = {"status": lambda _: self.status(), **self._operators.commands(), **self._writing.commands()}
            await stack.enter_async_context(serving(self._folder / SOCKET, commands))
            return await self._run()

    def status(self) -> Status:
        """How everything is doing now."""
        sources = tuple(self._field.status())
        return Status(
            gateway=self._config.settings.gateway.id,
            config=str(self._config.path),
            seconds=(clock.now() - self._since) / 1e9,
            problems=(*map(str, self._config.problems), *self._refused),
            sources=sources,
            plugins=by_plugin((each.plugin, each.accounts) for each in sources),
            calculations=self._calculator.status(),
            abandoned=still_running(),
            **self._operators.alarms.standing(),
            maintenance=self._operators.assets.standing(),
            models=self._operators.models.standing(),
            verdicts=self._engine.verdicts(),
            uplink=self._sender.status(),
            outbox=self._outbox.status(),
            record=self._recorder.status(),
            evidence=self._evidence.status(),
        )

    def _begin(self, saved: Sequence[Saved], time: int) -> None:
        """Go on with what was saved."""
        self._evidence.open()
        self._recorder.begin(saved, time)
        self._field.recall(self._memories.found(saved))
        self._outbox.put(self._engine.restore(saved, time))

    async def _run(self) -> Config:
        garbage.cleared()
        async with asyncio.TaskGroup() as tasks:
            sender = tasks.create_task(self._sender.run(), name="sender")
            feeding = [
                tasks.create_task(self._field.run(), name="field"),
                tasks.create_task(self._calculator.run(), name="calculator"),
                tasks.create_task(self._tick(), name="ticks"),
                tasks.create_task(self._remember(), name="memories"),
                tasks.create_task(garbage.settled(), name="garbage"),
            ]
            report = tasks.create_task(self._report(), name="systemd")
            self.started = True
            log.info("gateway_started", version=__version__, config=str(self._config.path))
            notify(READY=1, WATCHDOG=1, STATUS=headline(self.status()))
            config = await self._next_config()
            notify(**{"STOPPING" if self._orders.stop else "RELOADING": 1}, WATCHDOG=1)
            await _cancelled(feeding)
            self._calculator.close()
            self._stop(clock.now())
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

    def _stop(self, time: int) -> None:
        """The engine's last words; orders are refused from now on."""
        self._ended = True
        self._recorder.stop(time)
        last = self._engine.stop(time)
        self._outbox.put(replace(last, saved=(*last.saved, *self._learned()), urgent=True))
        self._evidence.stop()

    def _order(self, command: Command) -> Output:
        """Do what an operator orders. Raises ControlError when it is too late for that."""
        if self._ended:
            raise ControlError("gatewayd is stopping or reading its config again: ask again in a moment")
        log.info("order_given", order=command.order, subject=command.subject, by=command.by, why=command.why)
        return self._fed(command)

    def _feed(self, item: Input) -> None:
        self._fed(item)

    def _fed(self, item: Input) -> Output:
        self._recorder.put(item)
        self._evidence.put(item)
        output = self._engine.feed(item)
        self._outbox.put(output)
        self._evidence.told(output.records, self._engine.models)
        self._calculator.compute(output.requests)
        return output

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self._feed(Tick(clock.now()))

    async def _remember(self) -> None:
        """Save what sources have learned about their devices."""
        while True:
            await asyncio.sleep(REMEMBER)
            self._outbox.put(Output(saved=self._learned()))

    def _learned(self) -> tuple[Saved, ...]:
        return self._memories.changed(self._field.memories())

    async def _report(self) -> None:
        """Tell systemd that there is progress: polls are attempted and the outbox's writer answers.

        Whether sensors answer or a broker is there has no part in it: a restart would not bring them back.
        """
        period = watchdog_period()
        while True:
            await asyncio.sleep(period / 3 if period else REPORT)
            if self._field.progressing() and self._outbox.alive():
                notify(WATCHDOG=1, STATUS=headline(self.status()))


def _heading(config: Config) -> Heading:
    return Heading.of(config.plan, version=__version__, boot=clock.boot(), digest=config.digest)


def _facts(config: Config) -> Facts:
    """What evidence says of the gateway and its config."""
    kept = config.settings.evidence
    return Facts(
        gateway=config.settings.gateway.id,
        version=__version__,
        digest=config.digest,
        plan=config.plan,
        assets=config.assets,
        before=kept.before.nanoseconds,
        after=kept.after.nanoseconds,
    )


async def _cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until they have ended; what they raise is their group's concern."""
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
