"""Garbage: what lives as long as a config is not looked through again and again for what could be freed.

Python looks through all objects now and then. With 500 devices that takes a fifth of a second, during which nothing is
polled; nearly all of it is what the config is made of.
"""

from __future__ import annotations

import asyncio
import gc

SETTLED = 10.0
"""Seconds after which lines are open and the rest has been made that stays."""


def cleared() -> None:
    """Free what is left of the config before, if there was one, while nothing is polled."""
    if gc.get_freeze_count():
        gc.unfreeze()
        gc.collect()


def unsettled() -> None:
    """Have what is left of the config before looked through again, in a while."""
    gc.unfreeze()


async def settled() -> None:
    """Let what is there in a while never be looked through again. What is freed by its references is freed as ever."""
    await asyncio.sleep(SETTLED)
    gc.freeze()


class Settling:
    """`settled`, as something that runs."""

    async def run(self) -> None:
        """Wait, and let it be."""
        await settled()
