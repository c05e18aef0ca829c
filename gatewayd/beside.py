"""Beside the event loop: work that takes a while, in a thread of its own that nobody waits for at the end.

asyncio's own threads are left to the plugins: there are few, and a plugin that hangs keeps its one.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def beside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Give what `work` gives. Raises what it raises; when it is cancelled, the thread goes on for itself.

    Where no thread is to be had it is done on the spot: better that the loop has to wait.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            result = work(*args, **kwargs)
        except StopIteration as error:  # which no future takes
            deliver(outcome.set_exception, RuntimeError(f"{type(error).__name__}: {error}"))
        except BaseException as error:  # noqa: BLE001 - whatever it is, whoever waits is to have it
            deliver(outcome.set_exception, error)
        else:
            deliver(outcome.set_result, result)

    def deliver(how: Callable[[Any], None], what: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: the process ends
            loop.call_soon_threadsafe(lambda: None if outcome.done() else how(what))

    try:
        threading.Thread(target=run, name=getattr(work, "__qualname__", "beside"), daemon=True).start()
    except RuntimeError:
        run()
    return await outcome
