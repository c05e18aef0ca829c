"""Weighing: how much memory can be reached from a source and its line, looked at now and then in small steps."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import types
import weakref
from collections.abc import Iterator, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewayd.foreign import OURS
from gatewayd.sources.calling.accounts import Account

FIRST = 60.0
"""Seconds after the start of the first look, which later ones are compared with: by then all devices are open."""
EVERY = 300.0
"""Seconds between looks."""
STEP = 500
"""Objects that are looked at without a break: about 0.3 ms."""
BREAK = 0.02
"""Seconds between two steps."""
MOST = 40 * STEP
"""Objects of one source that are looked at; what lies beyond them is not counted."""

_NOT_THEIRS = (
    *(type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.CodeType),
    *(types.FrameType, types.CoroutineType, types.GeneratorType, types.AsyncGeneratorType, weakref.ref, Context),
    *(asyncio.AbstractEventLoop, asyncio.Future, asyncio.Handle, logging.Logger),
)
"""What leads to everything else in the process, and belongs to nobody."""


@dataclass(frozen=True, slots=True)
class Scale:
    """An account, and the objects that lead to all that its source has."""

    account: Account
    roots: Sequence[object]


async def weigh(scales: Sequence[Scale]) -> None:
    """Look at all of them now and then, until cancelled."""
    await asyncio.sleep(FIRST)
    while True:
        for scale in scales:
            memory = 0
            for so_far in reachable(scale.roots):
                memory = so_far
                await asyncio.sleep(BREAK)
            scale.account.weighed(memory)
        await asyncio.sleep(EVERY)


def reachable(roots: Sequence[object], most: int = MOST) -> Iterator[int]:
    """The bytes that can be reached from `roots`, but not through modules, classes or functions; so far, at each step.

    No code of a plugin runs for it but the `__sizeof__` of its objects.
    """
    seen = {id(root): root for root in roots}
    waiting = list(roots)
    memory = looked = 0
    while waiting and looked < most:
        one = waiting.pop()
        memory += _size(one)
        for other in _referents(one):
            if id(other) not in seen and not issubclass(type(other), _NOT_THEIRS):
                seen[id(other)] = other  # kept, lest another object gets its id meanwhile
                waiting.append(other)
        looked += 1
        if looked % STEP == 0:
            yield memory
    yield memory


def _size(one: object) -> int:
    try:
        return sys.getsizeof(one, 0)
    except OURS:
        raise
    except BaseException:  # noqa: BLE001 - an object may say anything of its own size
        return 0


def _referents(one: Any) -> Sequence[object]:
    if type(one) is np.ndarray:  # NumPy does not tell
        return [] if one.base is None else [one.base]
    return gc.get_referents(one)
