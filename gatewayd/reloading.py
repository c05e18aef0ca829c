"""Reloading: the config on disk is made ready for a gateway that runs with another one; nothing is touched by it."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict, dataclass
from typing import Any

from gatewayd import clock
from gatewayd.changes import Changes, changes
from gatewayd.config import Config, load
from gatewayd.engine.engine import Engine, Watch
from gatewayd.errors import ConfigError, GatewaydError

SWITCH = 0.0005
"""Seconds for which reading the config may keep the interpreter from the event loop; by default ten times as long."""


class ReloadRefusedError(GatewaydError):
    """The config on disk cannot be used; `bug` is what a plugin raised, if it is that."""

    def __init__(self, problems: list[str], bug: Exception | None = None) -> None:
        self.problems = problems
        self.bug = bug
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Ahead:
    """Another config, what it changes, and the engine of its plan."""

    config: Config
    changes: Changes
    engine: Engine

    def told(self) -> dict[str, Any]:
        """It, for whoever asks through the control socket."""
        found = asdict(self.changes)
        found["kept"] = sorted(self.changes.kept)
        return {"config": str(self.config.path), "problems": list(map(str, self.config.problems)), **found}


async def ahead(current: Config, watch: Watch | None = None) -> Ahead:
    """Read the config of `current` again, in a thread. Raises ReloadRefusedError."""
    switching = sys.getswitchinterval()
    sys.setswitchinterval(min(switching, SWITCH))
    try:
        return await asyncio.to_thread(_ahead, current, watch)
    except ConfigError as error:
        raise ReloadRefusedError(list(map(str, error.problems))) from error
    except Exception as error:  # plugins are called: what they raise must not end a gateway that runs
        raise ReloadRefusedError([f"{current.path}: {type(error).__name__}: {error}"], bug=error) from error
    finally:
        sys.setswitchinterval(switching)


def _ahead(current: Config, watch: Watch | None) -> Ahead:
    config = load(current.path)
    return Ahead(config, changes(current, config), Engine(config.plan, clock.boot(), watch))
