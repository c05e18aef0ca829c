"""Possessions: what this process holds that somebody must let go of: tasks, threads, open files."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Hashable
from pathlib import Path

_OURS = "connection to a fake device"
"""Tasks of the device, which stays."""
_SHARED = "asyncio_"
"""Threads of the event loop, which everybody uses with asyncio.to_thread."""


def possessions() -> dict[Hashable, str]:
    """All of them, each in words."""
    tasks: dict[Hashable, str] = {task: f"task {task.get_name()}" for task in asyncio.all_tasks() if not _is_ours(task)}
    threads: dict[Hashable, str] = {
        each: f"thread {each.name}" for each in threading.enumerate() if not each.name.startswith(_SHARED)
    }
    return {**tasks, **threads, **_open_files()}


def _open_files() -> dict[Hashable, str]:
    return {path: _target(path) for path in Path("/proc/self/fd").iterdir()}


def _target(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except OSError:
        return str(descriptor)


def _is_ours(task: asyncio.Task[object]) -> bool:
    return task.done() or task.get_name().startswith(_OURS)
