"""The daemon: start, run, reload, drain, stop. It reads top to bottom in that order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import structlog

from gatewayd import __version__, clock, garbage
from gatewayd.calculator import still_running
from gatewayd.config import Config
from gatewayd.control import ControlError, serving
from gatewayd.errors import GatewaydError
from gatewayd.isolation import Isolation
from gatewayd.judging import Judging
from gatewayd.metrics import MetricsServer
from gatewayd.model import Command, Tick
from gatewayd.operators import Operators, WriteDesk
from gatewayd.orders import Orders
from gatewayd.records import Output, Saved
from gatewayd.reloading import Ahead, ReloadRefusedError, ahead
from gatewayd.sources import Field, Memories, by_plugin
from gatewayd.state import OUTBOX, SOCKET, held, state_folder
from gatewayd.status import Status, birth, headline
from gatewayd.storage import Storage
from gatewayd.succession import Succession
from gatewayd.systemd import notify, reloading, watchdog_period
from gatewayd.uplink import Broker, Outbox, Sender, outbox_budget

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
                config, before, refused = following, current.config, ()


class Run:
    """The gateway with one state folder and outbox, from opening them to closing them, over reloads of all else.

    `config` is the one in force, `refused` what is wrong with the config on disk, if it is another one; `started` is
    whether all was well so far that it could begin to poll.
    """

    def __init__(self, config: Config, orders: Orders, refused: Sequence[str]) -> None:
        self.started = False
        self._ended = False
        self.config = config
        self._orders = orders
        self._refused = refused
        self._since = clock.now()
        self._folder = state_folder(config.settings.gateway.id, config.settings.gateway.state_dir)
        self._outbox = Outbox(self._folder / OUTBOX, config.settings.outbox.max_size)
        self._judging = Judging(config, self._folder, self._outbox)
        self._field = Field(config.sources.values(), config.plan, self._judging.feed, Isolation().line)
        self._storage = Storage(self._folder)
        self._sender = Succession(self._sender_of(config))
        self._metrics = Succession(self._metrics_of(config))
        self._settling = Succession(garbage.Settling())
        self._commands: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "status": lambda _: self.status(),
            "diff": self._diff,
            "reload": lambda _: self._orders.ask_reload(),
        }
        self._take_on(config)

    def _take_on(self, config: Config) -> None:
        """What knows the config and remembers nothing."""
        self.config = config
        self._storage.budget = _budget(config)
        self._memories = Memories(config.sources.values())
        self._operators = Operators(self._judging.engine, self._order, self._outbox.age, config.assets)
        self._commands |= self._operators.commands()
        self._commands |= WriteDesk(config.sources, self._field.write).commands()

    async def until_ending(self) -> Config:
        """Start, run, drain, stop; give the config to go on with, which is the same one when told to stop."""
        async with AsyncExitStack() as stack:
            stack.enter_context(held(self._folder))
            self._outbox.open()
            stack.push_async_callback(self._outbox.close)
            stack.push_async_callback(self._judging.recorder.close)
            stack.push_async_callback(self._judging.evidence.close)
            self._begin(clock.now())
            await stack.enter_async_context(serving(self._folder / SOCKET, self._commands))
            return await self._run()

    def status(self) -> Status:
        """How everything is doing now."""
        sources, seconds = tuple(self._field.status()), (clock.now() - self._since) / 1e9
        judging = self._judging
        outbox, record, evidence = self._outbox.status(), judging.recorder.status(), judging.evidence.status()
        return Status(
            gateway=self.config.settings.gateway.id,
            config=str(self.config.path),
            seconds=seconds,
            problems=(*map(str, self.config.problems), *self._refused),
            sources=sources,
            plugins=by_plugin((each.plugin, each.accounts) for each in sources),
            calculations=judging.calculator.now.status(),
            abandoned=still_running(),
            **self._operators.alarms.standing(),
            maintenance=self._operators.assets.standing(),
            models=self._operators.models.standing(),
            verdicts=judging.engine.verdicts(),
            uplink=self._sender.now.status(),
            outbox=outbox,
            record=record,
            evidence=evidence,
            storage=self._storage.status(outbox.written + record.written + evidence.written, seconds),
        )

    def _begin(self, time: int) -> None:
        """Go on with what was saved."""
        _tell_problems(self.config)
        self._field.recall(self._memories.found(self._outbox.saved().values()))
        self._judging.begin(time)

    async def _run(self) -> Config:
        garbage.cleared()
        async with asyncio.TaskGroup() as tasks:
            sender = tasks.create_task(self._sender.run(), name="sender")
            feeding = [
                tasks.create_task(self._field.run(), name="field"),
                tasks.create_task(self._judging.calculator.run(), name="calculator"),
                tasks.create_task(self._tick(), name="ticks"),
                tasks.create_task(self._remember(), name="memories"),
                tasks.create_task(self._settling.run(), name="garbage"),
            ]
            report = tasks.create_task(self._report(), name="systemd")
            metrics = tasks.create_task(self._metrics.run(), name="metrics")
            storage = tasks.create_task(self._storage.watch(), name="storage")
            self.started = True
            started = {"version": __version__, "config": str(self.config.path), "clock": clock.dating().state}
            log.info("gateway_started", **started)
            notify(READY=1, WATCHDOG=1, STATUS=headline(self.status()))
            config = await self._reload_until_ending()
            notify(**({"STOPPING": 1} if self._orders.stop else reloading()), WATCHDOG=1)
            await _cancelled(feeding)
            self._judging.calculator.now.close()
            self._stop(clock.now())
            await _cancelled([sender, report, metrics, storage])
        log.info("gateway_stopped", why="stop" if self._orders.stop else "reload")
        return config

    async def _reload_until_ending(self) -> Config:
        """Follow orders to reload until it is time to end: for a new config, or with the present one."""
        while await self._orders.reload():
            notify(**reloading())
            try:
                following = await ahead(self.config, self._judging.evidence.derived)
            except ReloadRefusedError as error:
                self._refused = error.problems
                log.error("reload_refused", problems=error.problems, exc_info=error.bug)
                self._orders.tell(error)
            else:
                log.info("reload_begun", config=str(following.config.path))
                if not following.changes.everything:
                    self._go_over(following)
                self._orders.tell(following.told())
                if following.changes.everything:
                    return following.config
            notify(READY=1, STATUS=headline(self.status()))
        return self.config

    def _go_over(self, following: Ahead) -> None:
        """To another config, between two inputs; what it does not change goes on."""
        config, changes = following.config, following.changes
        _tell_problems(config)
        self._judging.put(Output(saved=self._learned()))
        if changes.judging:
            self._judging.succeed(following.engine, config, clock.now())
        else:
            self._judging.turn_to(config)
        self._take_on(config)
        memories = self._memories.found(self._judging.saved.values())
        self._field.exchange(config.sources.values(), config.plan, changes.kept, memories)
        if changes.metrics:
            self._metrics.exchange(self._metrics_of(config))
        if changes.uplink:
            self._sender.exchange(self._sender_of(config))
        else:
            self._sender.now.announce()
        self._refused = ()
        garbage.unsettled()
        self._settling.exchange(garbage.Settling())
        log.info("reload_completed", changed=[each.table for each in changes.tables], sources_kept=len(changes.kept))

    def _sender_of(self, config: Config) -> Sender:
        identity = config.settings.gateway.id
        broker = Broker.of(config.settings.mqtt, identity)
        return Sender(self._outbox, broker, identity, lambda: birth(self.config, self._outbox.epoch))

    def _metrics_of(self, config: Config) -> MetricsServer:
        return MetricsServer(config.settings.metrics.address, self.status, self._trouble)

    async def _diff(self, _: Mapping[str, Any]) -> Any:
        return (await ahead(self.config)).told()

    def _stop(self, time: int) -> None:
        """The engine's last words; orders are refused from now on."""
        self._ended = True
        self._judging.stop(time, self._learned())

    def _order(self, command: Command) -> Output:
        """Do what an operator orders. Raises ControlError when it is too late for that."""
        if self._ended:
            raise ControlError("gatewayd is stopping or reading its config again: ask again in a moment")
        log.info("order_given", order=command.order, subject=command.subject, by=command.by, why=command.why)
        return self._judging.fed(command)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self._judging.feed(Tick(clock.now()))

    async def _remember(self) -> None:
        """Save what sources have learned about their devices."""
        while True:
            await asyncio.sleep(REMEMBER)
            self._judging.put(Output(saved=self._learned()))

    def _learned(self) -> tuple[Saved, ...]:
        return self._memories.changed(self._field.memories())

    async def _report(self) -> None:
        """Tell systemd that there is progress: polls are attempted and the outbox's writer answers.

        Whether sensors answer or a broker is there has no part in it: a restart would not bring them back.
        """
        period = watchdog_period()
        while True:
            await asyncio.sleep(period / 3 if period else REPORT)
            if not self._trouble():
                notify(WATCHDOG=1, STATUS=headline(self.status()))

    def _trouble(self) -> str:
        """Why there is no progress; empty while there is."""
        if not self._field.progressing():
            return "no line is polled: a plugin holds each of them up"
        return "" if self._outbox.alive() else "the outbox's writer does not answer: look for errors of the disk"


def _tell_problems(config: Config) -> None:
    for problem in config.problems:
        log.error("config_problem_found", problem=str(problem))


def _budget(config: Config) -> dict[str, int]:
    """Bytes that each part of the state folder may take at most."""
    settings = config.settings
    kept = {"record": settings.record.max_size, "evidence": settings.evidence.max_size}
    budget = {**outbox_budget(settings.outbox.max_size), **kept}
    return {name: int(size) for name, size in budget.items()}  # those of the config are Sizes, which JSON does not know


async def _cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until they have ended; what they raise is their group's concern."""
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
