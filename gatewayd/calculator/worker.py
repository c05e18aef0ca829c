"""The worker: a thread that calls the functions of one plugin, one at a time, and survives whatever they do."""

from __future__ import annotations

import math
import numbers
import reprlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

import numpy as np

from gatewayd.configured import Calculation
from gatewayd.errors import GatewaydError
from gatewayd.foreign import one_line, raised
from gatewayd.model import Floats, Request


@dataclass(frozen=True, slots=True)
class Job:
    """A request, what answers it, and how many numbers that must give."""

    request: Request
    calculation: Calculation
    results: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job after `seconds`: its values, or why there are none; `bug` is what its code raised."""

    job: Job
    seconds: float
    values: Floats | None
    reason: str = ""
    bug: BaseException | None = None


class WrongResultError(GatewaydError):
    """A function gave something else than so many finite numbers (or NaN)."""


class Worker(threading.Thread):
    """Does jobs as they are given, and reports each from its own thread. The process need not wait for it to end."""

    def __init__(self, plugin: str, report: Callable[[Outcome], None]) -> None:
        super().__init__(name=f"calculating {plugin}", daemon=True)
        self.plugin = plugin
        self.abandoned = False
        """Whether nobody waits any more for what it is doing."""
        self._report = report
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()

    def give(self, job: Job) -> None:
        """Have a job done."""
        self._jobs.put(job)

    def leave(self, *, busy: bool) -> None:
        """Have it end, after the job that it is `busy` with, whenever that is."""
        self.abandoned = busy
        self._jobs.put(None)

    def run(self) -> None:
        """Work until there is no more."""
        while (job := self._jobs.get()) is not None:
            self._report(done(job))


def still_running() -> Mapping[str, int]:
    """How many calls of each plugin were abandoned, with a config that is no longer in use, and have not ended yet."""
    threads = threading.enumerate()
    return Counter(thread.plugin for thread in threads if isinstance(thread, Worker) and thread.abandoned)


def done(job: Job) -> Outcome:
    """Do a job at once; whatever its code raises or gives is part of the outcome."""
    begun = time.perf_counter()
    try:
        values = _checked(job.calculation.function(job.request), job.results)
    except WrongResultError as error:
        return Outcome(job, time.perf_counter() - begun, None, str(error))
    except BaseException as error:  # noqa: BLE001 - foreign code may raise anything; none of it may end the thread
        return Outcome(job, time.perf_counter() - begun, None, _in_words(error), error)
    return Outcome(job, time.perf_counter() - begun, values)


def _checked(given: Any, results: int) -> Floats:
    """What a function gave as an array. Raises WrongResultError."""
    values = list(given) if isinstance(given, Iterable) else [given]
    if len(values) != results:
        raise WrongResultError(f"gave {len(values)} numbers instead of {results}")
    values = [value.item() if isinstance(value, np.ndarray) and not value.ndim else value for value in values]
    for value in values:
        if not isinstance(value, numbers.Real | np.bool_):
            raise WrongResultError(one_line(f"gave {reprlib.repr(value)}, which is no number"))
        if math.isinf(value):
            raise WrongResultError(f"gave {value}, which is no finite number")
    return np.array(values, dtype=np.float64)


def _in_words(error: BaseException) -> str:
    """What was raised; it may raise anything itself when it is asked."""
    try:
        return raised(error)
    except BaseException:  # noqa: BLE001 - an exception of a plugin may raise anything when it is asked
        return type(error).__name__
