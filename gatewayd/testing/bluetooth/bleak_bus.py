"""What bleak keeps: one connection to the bus for each event loop, for as long as the program lives."""

from __future__ import annotations

import asyncio
import sys

MANAGER = "bleak.backends.bluezdbus.manager"
LIMIT = 1.0
"""Seconds that it may take to end it."""


async def let_go() -> None:
    """End bleak's connection, so that no test leaves one to a bus that is gone. bleak makes a new one at need."""
    module = sys.modules.get(MANAGER)
    if module is None:
        return
    manager = module._global_instances.pop(asyncio.get_running_loop(), None)  # noqa: SLF001 - there is no other way
    if manager is None or manager._bus is None:  # noqa: SLF001
        return
    manager._bus.disconnect()  # noqa: SLF001
    await asyncio.wait({manager._bus_watcher_task}, timeout=LIMIT)  # noqa: SLF001
