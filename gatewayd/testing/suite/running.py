"""Running: a trial of a plugin comes to its end whatever the plugin does: that it blocks is found, not suffered."""

from __future__ import annotations

import asyncio
import gc
import signal
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import gatewayd
from gatewayd.testing.suite.demands import ConformanceError

T = TypeVar("T")

LONGEST_BLOCK = 3.0
"""Seconds without anything else running, after which the code that runs is broken off."""
BEAT = 0.1
"""Seconds between two signs that something else can run."""
LAST_WORDS = 1.0
"""Seconds that tasks have to end, when all is over."""
_NOT_THE_PLUGIN = tuple(f"{Path(package.__file__ or '').parent}/" for package in (gatewayd, asyncio))


def run(trial: Coroutine[Any, Any, T]) -> T:
    """What `asyncio.run` does, in a limited time. Raises ConformanceError for code that blocks, and names it."""
    loop = asyncio.new_event_loop()
    gc.freeze()  # what was there before is no part of the trial: collections need not look at it
    try:
        asyncio.set_event_loop(loop)
        with _watched(loop) as blocks:
            try:
                return loop.run_until_complete(trial)
            finally:
                _end(loop)
                if blocks:
                    raise blocks[0]
    finally:
        asyncio.set_event_loop(None)
        loop.close()
        gc.unfreeze()


@contextmanager
def _watched(loop: asyncio.AbstractEventLoop) -> Iterator[list[ConformanceError]]:
    """Break off what blocks this thread; gives what was broken off, since a plugin may have caught the exception."""
    blocks: list[ConformanceError] = []
    if threading.current_thread() is not threading.main_thread():  # others get no signals
        yield blocks
        return

    def beat() -> None:
        signal.setitimer(signal.ITIMER_REAL, LONGEST_BLOCK)
        loop.call_later(BEAT, beat)

    def break_off(_signal: int, frame: FrameType | None) -> None:
        where = _place(frame)
        text = f"it blocks: {where} has let nothing else run for {LONGEST_BLOCK:g} s"
        blocks.append(ConformanceError(f"{text}; await what takes long, or give it to asyncio.to_thread"))
        signal.setitimer(signal.ITIMER_REAL, LONGEST_BLOCK)
        raise blocks[-1]

    handler = signal.signal(signal.SIGALRM, break_off)
    timer = signal.getitimer(signal.ITIMER_REAL)
    beat()
    try:
        yield blocks
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, handler)


def _place(frame: FrameType | None) -> str:
    """The function that gatewayd or asyncio has called, and where it is at."""
    found = frame
    while frame and not frame.f_code.co_filename.startswith(_NOT_THE_PLUGIN):
        found, frame = frame, frame.f_back
    return f"{found.f_code.co_qualname} at {found.f_code.co_filename}:{found.f_lineno}" if found else "something"


def _end(loop: asyncio.AbstractEventLoop) -> None:
    """End all tasks and threads that let themselves be ended."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        done, _ = loop.run_until_complete(asyncio.wait(tasks, timeout=LAST_WORDS))
        for task in done:
            if not task.cancelled():
                task.exception()  # nobody else asks for it
    loop.run_until_complete(loop.shutdown_asyncgens())
    threads = loop.create_task(loop.shutdown_default_executor(), name="end of threads")
    loop.run_until_complete(asyncio.wait({threads}, timeout=LAST_WORDS))
