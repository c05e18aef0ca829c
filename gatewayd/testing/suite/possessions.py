"""Possessions: what this process holds that somebody must let go of: tasks, threads, open files, processes."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections.abc import Hashable, Mapping
from contextlib import suppress
from pathlib import Path

SETTLING, LOOKS = 0.02, 50
"""Seconds between looks whether what ends by itself has ended, and how many looks there are."""
_OURS = ("connection to a fake device", "asked through a faulty wire", "answered through a faulty wire")
"""Tasks of the device, which stays, and of the way to it."""
_SHARED = "asyncio_"
"""Threads of the event loop, which everybody uses with asyncio.to_thread."""


def possessions() -> dict[Hashable, str]:
    """All of them, each in words."""
    tasks: dict[Hashable, str] = {task: f"task {task.get_name()}" for task in asyncio.all_tasks() if not _is_ours(task)}
    threads: dict[Hashable, str] = {
        each: f"thread {each.name}" for each in threading.enumerate() if not each.name.startswith(_SHARED)
    }
    return {**tasks, **threads, **_open_files(), **_processes()}


async def left_behind(before: Mapping[Hashable, str]) -> list[str]:
    """What there is more than `before`, and does not go by itself within a moment."""
    left: set[str] = set()
    for look in range(LOOKS):
        if look % 10 in (0, 9):
            gc.collect()
        left = {told for each, told in possessions().items() if each not in before}
        if not left:
            break
        await asyncio.sleep(SETTLING)
    return sorted(left)


def at_work() -> list[str]:
    """Where the threads of asyncio.to_thread are that have not come back yet."""
    frames = sys._current_frames()  # noqa: SLF001 - documented, for just this
    busy = [frames[each.ident] for each in threading.enumerate() if each.name.startswith(_SHARED) and each.ident]
    idle = "_worker"
    return [f"{frame.f_code.co_filename}:{frame.f_lineno}" for frame in busy if frame.f_code.co_name != idle]


def _open_files() -> dict[Hashable, str]:
    found: dict[Hashable, str] = {}
    for path in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the one that this list is read with
            found[path] = str(path.readlink())
    return found


def _processes() -> dict[Hashable, str]:
    """Those that this one has started and not waited for."""
    numbers = " ".join(path.read_text() for path in Path("/proc/self/task").glob("*/children")).split()
    return {f"process {number}": f"process {number}" for number in numbers}


def _is_ours(task: asyncio.Task[object]) -> bool:
    return task.done() or task.get_name().startswith(_OURS)
