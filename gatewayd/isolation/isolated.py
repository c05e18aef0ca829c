"""An isolated line: it has a process of its own, which is watched, and started again when it fails."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

import structlog

from gatewayd import clock
from gatewayd.configured import ConfiguredSource
from gatewayd.engine.plan import Plan
from gatewayd.foreign import one_line
from gatewayd.isolation.absence import Absence
from gatewayd.isolation.life import Life
from gatewayd.isolation.limits import Limits
from gatewayd.isolation.messages import Beat, Ready, Setup
from gatewayd.isolation.process import Process
from gatewayd.isolation.restarts import Restarts
from gatewayd.isolation.standing import Standing
from gatewayd.isolation.translation import Translation
from gatewayd.model import Burst, Input, Polled
from gatewayd.sources import ErrandError, SourceStatus
from gatewayd.sources.health.status import SECOND
from gatewayd.sources.memory.acquaintance import MOST_MEMORY

GRACE = 5.0
"""Seconds that the first start may take before polls are due."""
MARGIN = 10.0
"""Seconds by which we may be late ourselves."""
LONG = 3600.0
"""Seconds that a line may wait until it may start its process."""

log = structlog.get_logger()


class IsolatedLine:
    """A line like `Turns`, whose turns are taken in another process."""

    def __init__(
        self,
        sources: Sequence[ConfiguredSource],
        plan: Plan,
        feed: Callable[[Input], None],
        limits: Limits,
        starts: asyncio.Semaphore,
    ) -> None:
        line = sources[0].line
        self.name = line.name if line else sources[0].name
        self.members = [source.name for source in sources]
        self._tables = {
            each.name: {**each.options, "plugin": each.plugin, "interval": f"{each.interval!r}s"} for each in sources
        }
        self._plan = plan
        self._feed = feed
        self._limits = limits
        self._starts = starts
        self._pace = limits.messages + 2 * sum(1 / poll.interval for source in sources for poll in source.polls)
        self._standing = Standing(sources)
        self._absence = Absence(sources, plan, self._take)
        self._restarts = Restarts(limits.longest_wait, limits.steady)
        self._memories: dict[str, bytes] = {}
        self._life: Life | None = None
        self._starting = ExitStack()
        self._ready_at = math.inf
        self._trouble_since = 0
        self._recovery: asyncio.TimerHandle | None = None
        self._expected = math.inf

    async def run(self) -> None:
        """Keep a process running until cancelled, then have it stop, in bounded time.

        Raises an exception group when `feed` raised.
        """
        self._absence.begin("its own process is being started", GRACE)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._absence.run(), name=f"absence of {self.name}")
                tasks.create_task(self._live_on(), name=f"processes of {self.name}")
        finally:
            self._await_recovery(None)

    def progressing(self) -> bool:
        """Whether the process is watched, or started again, when it should be."""
        return math.isinf(self._expected) or _time() <= self._expected

    def look(self) -> None:
        """Nothing: the process is watched more closely than from time to time."""

    def status(self, now: int) -> list[SourceStatus]:
        """How each of its sources is doing."""
        return list(self._standing.status(now))

    async def write(self, source: str, channel: str, value: float) -> None:
        """Have a source set a channel. Raises ErrandError when that was not done."""
        if self._life is None:
            raise ErrandError("its own process does not run at present")
        await self._life.write(source, channel, value)

    def recall(self, memories: Mapping[str, bytes]) -> None:
        """Give each source what it remembered in an earlier run."""
        self._memories = {name: memories[name] for name in self.members if name in memories}

    def memories(self) -> Mapping[str, bytes]:
        """What each source wants to remember, as far as it has said so."""
        return dict(self._memories)

    async def _live_on(self) -> None:
        while True:
            wait = await self._live()
            await asyncio.sleep(wait)

    async def _live(self) -> float:
        """One process, from its start to its end; the seconds to wait before the next one."""
        self._expect(LONG)
        await self._starts.acquire()
        self._starting.callback(self._starts.release)
        with self._starting:
            self._expect(self._limits.start)
            try:
                process = Process(self.name, self._limits, self._pace)
            except OSError as error:
                return self._failed(f"could not be started: {error}")
            self._life = Life(process, self._limits, ready=self._ready, feed=self._take, beat=self._beaten)
            try:
                await self._talk(self._life, process)
            finally:
                self._life = None
            return await self._bury(process)

    async def _talk(self, life: Life, process: Process) -> None:
        """Until there is no more to say; a process that is still there then is ended."""
        setup = Setup(self._tables, self._memories, self._limits.beat)
        talk = asyncio.create_task(life.run(setup), name=f"process of {self.name}")
        try:
            await asyncio.wait({talk})
        except asyncio.CancelledError:
            life.stop()
            await asyncio.wait({talk}, timeout=self._limits.stop)
            talk.cancel()
            raise
        finally:
            process.kill("had to be ended")
            await asyncio.wait({talk})
            await process.gone()
        talk.result()

    async def _bury(self, process: Process) -> float:
        """Wait until it is gone: its device is not free before. The kernel may hold it for very long."""
        wait = self._failed(process.why)
        if not process.is_gone:
            log.error("process_not_gone", line=self.name, pid=process.pid, reason="the kernel holds it")
        while not await process.gone():
            self._expect(self._limits.kill)
        return wait

    def _ready(self, ready: Ready) -> Translation:
        translation = Translation(ready, self._plan, self.members)
        self._ready_at = _time()
        self._starting.close()
        self._absence.end()
        self._standing.rose()
        self._await_recovery(self._limits.steady)
        return translation

    def _beaten(self, beat: Beat, pid: int) -> None:
        self._expect(self._limits.silence)
        self._standing.heard(beat, pid)
        self._memories |= {
            name: memory
            for name, memory in beat.memories.items()
            if name in self.members and len(memory) <= MOST_MEMORY
        }

    def _take(self, item: Polled | Burst) -> None:
        if isinstance(item, Polled):
            self._absence.done(item.group)
            self._standing.count(item)
        self._feed(item)

    def _failed(self, why: str) -> float:
        """Draw the consequences; the seconds to wait before the next process."""
        lived = max(0.0, _time() - self._ready_at)
        self._ready_at = math.inf
        self._await_recovery(None)
        wait = self._restarts.failed(lived)
        reason = _reason(why)
        self._absence.begin(reason)
        self._standing.fell(reason, self._restarts.count, again=self._restarts.in_a_row > 1)
        tell = log.debug if self._trouble_since else log.warning
        tell("process_failed", line=self.name, sources=self.members, reason=reason, again_in=wait)
        self._trouble_since = self._trouble_since or clock.now()
        self._expect(wait)
        return wait

    def _await_recovery(self, seconds: float | None) -> None:
        """The trouble is over when there is none for so long; None: it is not."""
        if self._recovery:
            self._recovery.cancel()
            self._recovery = None
        if seconds is not None:
            self._recovery = asyncio.get_running_loop().call_later(seconds, self._recovered)

    def _recovered(self) -> None:
        if self._trouble_since:
            failing_for = round((clock.now() - self._trouble_since) / SECOND, 3)
            log.info("process_recovered", line=self.name, failing_for=failing_for, failures=self._restarts.count)
        self._trouble_since = 0

    def _expect(self, seconds: float) -> None:
        """Something happens within so many seconds, or we are stuck ourselves."""
        self._expected = _time() + seconds + MARGIN


def _reason(why: str) -> str:
    return one_line(f"its own process {why}")


def _time() -> float:
    return asyncio.get_running_loop().time()
