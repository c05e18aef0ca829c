"""A life: what one process of an isolated line and the gateway tell each other, from its start to its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from itertools import count
from typing import Any

import msgspec
import structlog

from gatewayd.foreign import one_line
from gatewayd.isolation.limits import Limits
from gatewayd.isolation.messages import (
    Beat,
    Done,
    Fed,
    Forget,
    Ready,
    Report,
    RubbishError,
    Set,
    Setup,
    Stop,
    Told,
    Unfit,
)
from gatewayd.isolation.process import FloodError, Process
from gatewayd.isolation.pulse import Pulse
from gatewayd.isolation.translation import Translation
from gatewayd.model import Burst, Polled
from gatewayd.sources import ErrandError
from gatewayd.sources.lines.errands import MOST

POLITE = 0.005
"""Seconds after which others have a turn."""
LEVELS = ("debug", "info", "warning", "error", "critical")
LONGEST_EVENT = 1 << 14
"""Characters of an event's fields beyond which only their beginning is logged."""
RESERVED = ("event", "exc_info", "stack_info", "stack", "level", "timestamp", "self", "method_name")
STUCK = "was stuck in a call into its plugin that did not let itself be broken off"

log = structlog.get_logger()


class Life:
    """One process; what it says goes to `ready`, `feed` and `beat`. The first and last may raise RubbishError."""

    def __init__(
        self,
        process: Process,
        limits: Limits,
        *,
        ready: Callable[[Ready], Translation],
        feed: Callable[[Polled | Burst], None],
        beat: Callable[[Beat, int], None],
    ) -> None:
        self.is_ready = False
        self.is_stopping = False
        self._process = process
        self._limits = limits
        self._when_ready = ready
        self._feed = feed
        self._when_beat = beat
        self._pulse = Pulse(limits.start, self._silent)
        self._turn_ends = 0.0
        self._translation: Translation | None = None
        self._numbers = count()
        self._writes: dict[int, asyncio.Future[None]] = {}

    async def run(self, setup: Setup) -> None:
        """Hear what it says until it ends, or has to be ended. Raises what `feed` raises."""
        try:
            async with aclosing(self._process.reports(setup)) as reports:
                async for report in reports:
                    await self._let_others()
                    for item in self._heard(report):
                        self._feed(item)
                        await self._let_others()
        except (FloodError, RubbishError) as error:
            self._process.kill(str(error))
        finally:
            self._pulse.stop()
            self._refuse()

    def stop(self) -> None:
        """Have it stop by itself; what it polls from now on is not fed."""
        self.is_stopping = True
        if self.is_ready:
            self._process.send(Stop())
        else:
            self._process.kill("was not needed any more")

    async def write(self, source: str, channel: str, value: float) -> None:
        """Have it set a channel. Raises ErrandError when that was not done."""
        if not self.is_ready or self.is_stopping:
            raise ErrandError("its own process does not run at present")
        if len(self._writes) >= MOST:
            raise ErrandError(f"{MOST} others wait for the line already")
        number = next(self._numbers)
        outcome = self._writes[number] = asyncio.get_running_loop().create_future()
        self._process.send(Set(number, source, channel, value))
        try:
            await outcome
        finally:
            if self._writes.pop(number, None):
                self._process.send(Forget(number))

    def _heard(self, report: Report) -> Sequence[Polled | Burst]:
        """What a message means; what it brings for the engine is given."""
        if isinstance(report, Fed):
            if self._translation is None:
                raise RubbishError("talked rubbish: results before it was ready")
            return () if self.is_stopping else self._translation.inputs(report.inputs)
        if isinstance(report, Beat):
            self._beaten(report)
        elif isinstance(report, Told):
            tell(report)
        elif isinstance(report, Done):
            self._done(report)
        elif isinstance(report, Ready):
            if self.is_ready:
                raise RubbishError("talked rubbish: it was ready before")
            self._translation = self._when_ready(report)
            self.is_ready = True
            self._pulse.beat(self._limits.silence)
        elif isinstance(report, Unfit):
            self._process.kill(f"could not be set up: {report.why}")
        return ()

    async def _let_others(self) -> None:
        """Give others a turn now and then: what it says may have piled up."""
        if time.monotonic() > self._turn_ends:
            await asyncio.sleep(0)
            self._turn_ends = time.monotonic() + POLITE

    def _beaten(self, beat: Beat) -> None:
        self._pulse.beat(self._limits.silence)
        self._when_beat(beat, self._process.pid)
        if beat.stuck and not self.is_stopping:
            self._process.kill(STUCK)

    def _silent(self) -> None:
        if self.is_ready:
            what = (
                f"gave no sign of life for {self._limits.silence:g} s: its plugin computes or blocks without awaiting"
            )
        else:
            what = f"was not ready within {self._limits.start:g} s"
        self._process.kill(what)

    def _done(self, done: Done) -> None:
        outcome = self._writes.pop(done.number, None)
        if outcome is None or outcome.done():
            return
        if done.failure:
            outcome.set_exception(ErrandError(one_line(done.failure)))
        else:
            outcome.set_result(None)

    def _refuse(self) -> None:
        for outcome in self._writes.values():
            if not outcome.done():
                outcome.set_exception(ErrandError("its process ended meanwhile"))


def tell(told: Told) -> None:
    """Log what it wants to be logged. Raises RubbishError."""
    level = told.level if told.level in LEVELS else "info"
    try:
        getattr(log, level)(one_line(told.event), **_fields(told.fields))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise RubbishError(f"talked rubbish: an event of {error}") from error


def _fields(text: str) -> dict[str, Any]:
    if len(text) > LONGEST_EVENT:
        return {"fields": one_line(text[:LONGEST_EVENT])}
    fields: dict[str, Any] = msgspec.json.decode(text, type=dict[str, Any])
    return {key: value for key, value in fields.items() if key not in RESERVED}
