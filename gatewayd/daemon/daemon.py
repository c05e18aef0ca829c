"""The daemon: run after run, each with a config that it can run with."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack

import structlog

from gatewayd.config import Config
from gatewayd.daemon import garbage
from gatewayd.daemon.orders import Orders
from gatewayd.daemon.run import Run
from gatewayd.errors import GatewaydError

SWITCH = 0.0005
"""Seconds for which a thread may keep the interpreter from the event loop; by default ten times as long."""

log = structlog.get_logger()


async def run(config: Config) -> None:
    """Run until SIGTERM or SIGINT. SIGHUP goes on with the config as it is on disk then, if it is right.

    Raises GatewaydError when the daemon cannot run at all; a reloaded config with which it cannot is given up for the
    one before.
    """
    sys.setswitchinterval(SWITCH)
    before: Config | None = None
    refused: Sequence[str] = ()
    again = False
    async with AsyncExitStack() as stack:
        orders = stack.enter_context(Orders.by_signals())
        stack.push_async_callback(orders.end)
        while not orders.stop:
            path, current = config.path, Run(config, orders, refused)
            del config  # the run has others after it, for which it need not stay in memory
            if again:  # the run before has left all that it was made of
                garbage.cleared()
            again = True
            try:
                following = await current.until_ending()
            except GatewaydError as error:
                if before is None or current.started:
                    raise
                log.error("reload_given_up", reason=str(error), config=str(path))
                orders.promise(GatewaydError(f"{path} is given up for the config of before: {error}"))
                config, before, refused = before, None, [f"{path}: {error}"]
            else:
                config, before, refused = following, current.config, ()
