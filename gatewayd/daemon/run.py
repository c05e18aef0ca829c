"""A run of the daemon: start, run, reload, drain, stop. It reads top to bottom in that order."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import structlog

from gatewayd import __version__, clock
from gatewayd.beside import beside
from gatewayd.calculator import still_running
from gatewayd.config import Config
from gatewayd.control.asking import ControlError
from gatewayd.control.door import serving
from gatewayd.daemon import garbage
from gatewayd.daemon.allowance import allowance
from gatewayd.daemon.judging import Judging
from gatewayd.daemon.orders import Orders
from gatewayd.daemon.reloading import Ahead, Reader, ReloadRefusedError, tell_problems
from gatewayd.daemon.status import Status, birth, headline
from gatewayd.daemon.succession import Succession, closed, ended
from gatewayd.daemon.systemd import notify, reloading, report
from gatewayd.daemon.upkeep import kept_up
from gatewayd.isolation import Isolation
from gatewayd.metrics import MetricsServer
from gatewayd.model import Command, Tick
from gatewayd.operators import Operators, WriteDesk
from gatewayd.records import Output, Saved
from gatewayd.sources import Field, Memories, by_plugin
from gatewayd.state.folder import held
from gatewayd.state.places import OUTBOX, SOCKET, state_folder
from gatewayd.state.signpost import signpost
from gatewayd.state.storage import Storage
from gatewayd.uplink import Broker, Outbox, Sender

TICK = 0.5
"""Seconds between ticks: how late silence, and the end of a period without polls, is noticed at most."""
REMEMBER = 600.0
"""Seconds between looks at what sources have learned."""

log = structlog.get_logger()


class Run:
    """The gateway with one state folder and outbox, from opening them to closing them, over reloads of all else.

    `config` is the one in force, `refused` what is wrong with the config on disk, if it is another one; `started` is
    whether all was well so far that it could begin to poll.
    """

    def __init__(self, config: Config, orders: Orders, refused: Sequence[str]) -> None:
        self.started = False
        self._ended = False
        self._went_over = 0
        self.config = config
        self._orders = orders
        self._reader = Reader()
        self._refused = refused
        self._since = clock.now()
        self._folder = state_folder(config.settings.gateway.id, config.settings.gateway.state_dir)
        settings = config.settings
        self._outbox = Outbox(self._folder / OUTBOX, settings.outbox.max_size, settings.gateway.id)
        self._judging = Judging(config, self._folder, self._outbox)
        self._field = Field(config.sources.values(), config.plan, self._judging.feed, Isolation().line)
        self._storage = Storage(self._folder)
        self._sender = Succession(self._sender_of(config))
        self._metrics = Succession(self._metrics_of(config))
        self._settling = Succession(garbage.Settling())
        self._commands: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "config": lambda _: str(self.config.path.absolute()),
            "status": lambda _: self.status(),
            "diff": self._diff,
            "reload": lambda _: self._orders.ask_reload(),
        }
        self._memories = Memories(config.sources.values())
        self._take_on(config)

    def _take_on(self, config: Config) -> None:
        """What knows the config and remembers nothing."""
        self.config = config
        self._storage.budget = allowance(config.settings)
        self._outbox.resize(config.settings.outbox.max_size)
        self._operators = Operators(self._judging.engine, self._order, self._outbox.age, config.assets)
        self._desks = {**self._operators.commands(), **WriteDesk(config.sources, self._field.write).commands()}
        self._commands |= {name: partial(self._asked, name) for name in self._desks}

    async def until_ending(self) -> Config:
        """Start, run, drain, stop; give the config to go on with, which is the same one when told to stop."""
        async with AsyncExitStack() as stack:
            lock = stack.enter_context(held(self._folder))
            self._outbox.open()
            stack.push_async_callback(closed, self._outbox, self._judging.recorder, self._judging.evidence)
            self._begin(clock.now())
            door = await stack.enter_async_context(serving(self._folder / SOCKET, self._commands, self._orders.waiting))
            sign = await stack.enter_async_context(signpost(self._folder / SOCKET))
            parts = (partial(beside, lock.renew), door.renew, partial(beside, sign.renew))
            await stack.enter_async_context(kept_up(*parts))
            return await self._run()

    def status(self) -> Status:
        """How everything is doing now."""
        sources, seconds = tuple(self._field.status()), (clock.now() - self._since) / 1e9
        judging = self._judging
        outbox, record, evidence = self._outbox.status(), judging.recorder.status(), judging.evidence.status()
        return Status(
            gateway=self.config.settings.gateway.id,
            config=str(self.config.path.absolute()),
            seconds=seconds,
            problems=(*map(str, self.config.problems), *self._refused),
            sources=sources,
            plugins=by_plugin((each.plugin, each.accounts) for each in sources),
            calculations=judging.calculator.status(),
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
        tell_problems(self.config)
        self._field.recall(self._memories.found(self._outbox.saved().values()))
        self._judging.begin(time)

    async def _run(self) -> Config:
        async with asyncio.TaskGroup() as tasks:
            sender = tasks.create_task(self._sender.run(), name="sender")
            feeding = [
                tasks.create_task(self._field.run(), name="field"),
                tasks.create_task(self._judging.calculator.run(), name="calculator"),
                tasks.create_task(self._tick(), name="ticks"),
                tasks.create_task(self._remember(), name="memories"),
                tasks.create_task(self._settling.run(), name="garbage"),
            ]
            reports = tasks.create_task(report(self._trouble, lambda: headline(self.status())), name="systemd")
            metrics = tasks.create_task(self._metrics.run(), name="metrics")
            storage = tasks.create_task(self._storage.watch(lambda: self._outbox.status().failing), name="storage")
            self.started = True
            started = {"version": __version__, "config": str(self.config.path), "clock": clock.dating().state}
            log.info("gateway_started", **started)
            notify(READY=1, WATCHDOG=1, STATUS=headline(self.status()))
            self._orders.keep_promise()
            config = await self._reload_until_ending()
            notify(**({"STOPPING": 1} if self._orders.stop else reloading()), WATCHDOG=1)
            await ended(*feeding)
            self._judging.calculator.close()
            self._stop(clock.now())
            await ended(sender, reports, metrics, storage)
        log.info("gateway_stopped", why="stop" if self._orders.stop else "reload")
        return config

    async def _reload_until_ending(self) -> Config:
        """Follow orders to reload until it is time to end: for a new config, or with the present one."""
        while await self._orders.reload():
            notify(**reloading())
            before = self._went_over
            with garbage.undisturbed():
                if (another := await self._reload()) is not None:
                    return another
            await asyncio.sleep(0)
            notify(READY=1, STATUS=headline(self.status()))
            if self._went_over != before:
                self._settling.exchange(garbage.Settling())
                self._sender.now.announce()
        return self.config

    async def _reload(self) -> Config | None:
        """Go over to the config on disk, and tell whoever asked; gives a config that another run must begin with."""
        try:
            async with self._orders.unless_stopped():
                following = await self._reader.ahead(self.config, self._judging.evidence.derived)
        except TimeoutError:
            self._orders.tell(ControlError("gatewayd is stopping"))
            return None
        except ReloadRefusedError as error:
            self._refused = error.problems
            log.error("reload_refused", problems=error.problems, exc_info=error.bug)
            self._orders.tell(error)
            return None
        log.info("reload_begun", config=str(following.config.path))
        if following.changes.everything:
            self._orders.promise(following.told())
            return following.config
        left = [self.config, self._judging.engine]
        await self._go_over(following)
        self._orders.tell(following.told())
        await beside(left.clear)
        garbage.reloaded()
        return None

    async def _go_over(self, following: Ahead) -> None:
        """To another config; what it does not change goes on.

        What polls goes over between two inputs; what judges follows in a thread, for which inputs of the new plan wait.
        """
        config, changes = following.config, following.changes
        tell_problems(config)
        self._judging.put(Output(saved=self._learned()))
        await asyncio.sleep(0)  # here, and below: what comes next takes its time
        time = clock.now()
        if changes.judging:
            self._judging.pause(config)
        self._memories = Memories(config.sources.values())
        memories = self._memories.found(self._judging.saved.values())
        self._field.exchange(config.sources.values(), config.plan, following.numbers, changes.kept, memories)
        if changes.judging:
            await self._judging.succeed(following.engine, following.taking, changes.going_on, time)
        else:
            await asyncio.sleep(0)
            self._judging.turn_to(following.taking)
        self._take_on(config)
        if changes.metrics:
            self._metrics.exchange(self._metrics_of(config))
        if changes.uplink:
            self._sender.exchange(self._sender_of(config).counting_on(self._sender.now))
        self._refused = ()
        self._went_over += 1
        log.info("reload_completed", changed=[each.table for each in changes.tables], sources_kept=len(changes.kept))

    def _sender_of(self, config: Config) -> Sender:
        identity = config.settings.gateway.id
        broker = Broker.of(config.settings.mqtt, identity)
        return Sender(self._outbox, broker, identity, lambda: birth(self.config, self._outbox.epoch))

    def _metrics_of(self, config: Config) -> MetricsServer:
        return MetricsServer(config.settings.metrics.address, self.status, self._trouble)

    async def _diff(self, _: Mapping[str, Any]) -> Any:
        with garbage.undisturbed():
            return (await self._reader.ahead(self.config)).told()

    def _stop(self, time: int) -> None:
        """The engine's last words; orders are refused from now on."""
        self._ended = True
        self._judging.stop(time, self._learned())

    async def _asked(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Do what operators ask, when no engine is about to take over."""
        await self._judging.at_work.wait()
        answer = self._desks[name](arguments)
        return await answer if inspect.isawaitable(answer) else answer

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

    def _trouble(self) -> str:
        """Why there is no progress; empty while there is: polls are attempted and the outbox's writer answers.

        Whether sensors answer or a broker is there has no part in it: a restart would not bring them back.
        """
        if not self._field.progressing():
            return "no line is polled: a plugin holds each of them up"
        return "" if self._outbox.alive() else "the outbox's writer does not answer: look for errors of the disk"
