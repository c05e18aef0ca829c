"""Reloading: the config on disk is made ready for a gateway that runs with another one; nothing is touched by it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import Any

import structlog

from gatewayd import clock
from gatewayd.beside import beside
from gatewayd.config import Config, load
from gatewayd.daemon.changes import Changes, changes
from gatewayd.daemon.judging import Taking
from gatewayd.engine.engine import Engine, Watch
from gatewayd.errors import ConfigError, GatewaydError, Problem
from gatewayd.sources import Numbers
from gatewayd.state.disk import refuses
from gatewayd.state.places import state_folder

log = structlog.get_logger()

LIMIT = 60.0
"""Seconds that reading a config may take: plugins are called, and files of any file system are read."""
HELD_UP = f"it takes longer than {LIMIT:g} s to read: a plugin that it names, or the disk, holds that up"
LEFT_OUT = "a start leaves out what cannot run, but a reload does not throw it out of a gateway that runs"


class ReloadRefusedError(GatewaydError):
    """The config on disk cannot be used; `bug` is what a plugin raised, if it is that."""

    def __init__(self, problems: list[str], bug: BaseException | None = None) -> None:
        self.problems = problems
        self.bug = bug
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Ahead:
    """Another config, what it changes, and what is made of it: an engine, and what those need who judge and poll."""

    config: Config
    changes: Changes
    engine: Engine
    taking: Taking
    numbers: Numbers

    def told(self) -> dict[str, Any]:
        """It, for whoever asks through the control socket."""
        found = asdict(self.changes)
        found["kept"], found["going_on"] = sorted(self.changes.kept), sorted(self.changes.going_on)
        return {"config": str(self.config.path), "problems": list(map(str, self.config.problems)), **found}


class Reader:
    """Reads the config on disk again, in a thread, for one at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._under_way = 0

    async def ahead(self, current: Config, watch: Watch | None = None) -> Ahead:
        """What the config of `current` has become. Raises ReloadRefusedError."""
        async with self._turn:
            if self._under_way:
                raise ReloadRefusedError([f"{current.path}: {HELD_UP}"])
            try:
                async with asyncio.timeout(LIMIT) as limit:
                    return await beside(self._read, current, watch)
            except ReloadRefusedError:
                raise
            except ConfigError as error:
                raise ReloadRefusedError(error.told) from error
            except (Exception, SystemExit) as error:  # plugins are called: that must not end a gateway that runs
                if limit.expired():
                    raise ReloadRefusedError([f"{current.path}: {HELD_UP}"]) from None
                raise ReloadRefusedError([f"{current.path}: {type(error).__name__}: {error}"], bug=error) from error

    def _read(self, current: Config, watch: Watch | None) -> Ahead:
        self._under_way += 1
        try:
            return _ahead(current, watch)
        finally:
            self._under_way -= 1


def _ahead(current: Config, watch: Watch | None) -> Ahead:
    config = load(current.path)
    if worse := _worse(current, config):
        raise ReloadRefusedError([*ConfigError(worse).told, LEFT_OUT])
    engine = Engine(config.plan, clock.boot(), watch)
    changed = changes(current, config, engine)
    if changed.everything:
        _refuse_dead_disk(config)
    return Ahead(config, changed, engine, Taking.of(config), Numbers(config.plan))


def _refuse_dead_disk(config: Config) -> None:
    """A start would do without the disk, but a gateway that has one does not leave it for that."""
    gateway = config.settings.gateway
    folder = state_folder(gateway.id, gateway.state_dir)
    if refuses(folder):
        fix = "free some room on it, mount it writable, or choose another [gateway] state_dir"
        raise ReloadRefusedError([f"{config.path}: the disk of {folder} cannot be written; {fix}"])


def _worse(current: Config, config: Config) -> list[Problem]:
    """The problems that the gateway does not run with already: at a start the rest would run without what they name."""
    known = {problem.subject for problem in current.problems}
    return [problem for problem in config.problems if problem.subject not in known]


def tell_problems(config: Config) -> None:
    """Log what a config is used without."""
    for problem in config.problems:
        log.error("config_problem_found", problem=str(problem))
