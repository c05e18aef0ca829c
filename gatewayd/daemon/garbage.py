"""Garbage: what lives as long as a config is not looked through again and again for what could be freed.

Python looks through all objects now and then. With 500 devices that takes a fifth of a second, during which nothing is
polled; nearly all of it is what the config is made of. What is left of a config after a reload is freed by its
references: nearly nothing of ours is in a circle.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

SETTLED = 10.0
"""Seconds after which lines are open and the rest has been made that stays."""
MANY = 1000
"""Reloads after which all is looked through once: each leaves some 10 kB in circles, of libraries and plugins."""

_reloads = count(1)


def cleared() -> None:
    """Free what is left of the config before, while nothing is polled. It takes 0.1 s: a first start has none."""
    gc.unfreeze()
    gc.collect()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Look for nothing meanwhile: what is being made is made to stay."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def stays() -> None:
    """Let what is there never be looked through again. What is freed by its references is freed as ever."""
    gc.freeze()


def reloaded() -> None:
    """The same after a reload; once in many times all is looked through before."""
    if next(_reloads) % MANY == 0:
        cleared()
    stays()


class Settling:
    """Something that runs for a while at the beginning."""

    async def run(self) -> None:
        """Let what is there now, and in a while, never be looked through again."""
        stays()
        await asyncio.sleep(SETTLED)
        stays()
