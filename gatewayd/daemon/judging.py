"""Judging: the engine in the daemon, with all that sees what it is fed and what it says; another one can take over.

While it does, in a thread, what comes in waits: it is judged a moment later, as if nothing had been.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import structlog

from gatewayd import __version__, clock
from gatewayd.beside import beside
from gatewayd.calculator import Calculator
from gatewayd.config import Config
from gatewayd.daemon.forgetting import PART, forgotten
from gatewayd.engine.engine import ONCE, Engine
from gatewayd.evidence import Evidence, Facts
from gatewayd.model import Input
from gatewayd.recorder import Heading, Recorder
from gatewayd.records import Output, Saved
from gatewayd.state.places import EVIDENCE, RECORD
from gatewayd.uplink import Outbox

AT_ONCE = 0.005
"""Seconds for which inputs that have waited are fed in a row."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Taking:
    """A config as those see it who judge by it; all that it takes to make this is done here."""

    config: Config
    heading: Heading
    facts: Facts

    @classmethod
    def of(cls, config: Config) -> Self:
        """That of a config."""
        digest = config.digest
        return cls(config, _heading(config, digest), _facts(config, digest))


class Judging:
    """What is fed is recorded, what is said goes to the outbox, what is asked for is computed.

    The recorder, the evidence, the calculator and the outbox outlive the engine; its own memory goes over to the next.
    """

    def __init__(self, config: Config, folder: Path, outbox: Outbox) -> None:
        taking = Taking.of(config)
        self._config = config
        self.saved: dict[tuple[str, str], Saved] = {}
        """All that is remembered now, as far as it has been said, in the order in which that was."""
        self.recorder = Recorder(folder / RECORD, config.settings.record.max_size, taking.heading)
        self.evidence = Evidence(folder / EVIDENCE, config.settings.evidence.max_size, taking.facts)
        self.engine = Engine(config.plan, clock.boot(), self.evidence.derived)
        self.calculator = Calculator(config.calculations, config.plan, self.feed)
        self.at_work = asyncio.Event()
        """Whether inputs are judged as they come."""
        self.at_work.set()
        self._held: deque[Input] = deque()
        self._outbox = outbox

    def begin(self, time: int) -> None:
        """Go on with what was saved in an earlier run."""
        self.saved = dict(self._outbox.saved())
        saved = tuple(self.saved.values())
        self.evidence.open()
        self.recorder.begin(saved, time)
        self.put(self.engine.restore(saved, time))
        self._forget()

    def feed(self, item: Input) -> None:
        """Feed the engine, now or when another one has taken over."""
        if self.at_work.is_set():
            self.fed(item)
        else:
            self._held.append(item)

    def fed(self, item: Input) -> Output:
        """Feed the engine, which must be at work; what follows from it is given, too."""
        self.recorder.put(item)
        self.evidence.put(item)
        output = self.engine.feed(item)
        self.put(output)
        self.evidence.told(output.records, self.engine.models)
        self.calculator.compute(output.requests)
        return output

    def put(self, output: Output) -> None:
        """Have something stored and sent. What is to be remembered may be needed for the next engine, too."""
        self._outbox.put(output)
        for item in output.saved:
            self.saved.pop((item.stage, item.name), None)
            self.saved[item.stage, item.name] = item

    def pause(self, config: Config) -> None:
        """From now on inputs wait, which are those of another plan, until `succeed` is done."""
        self.at_work.clear()
        self.calculator.turn_to(config.calculations, config.plan)

    async def succeed(self, engine: Engine, taking: Taking, going_on: Collection[str], time: int) -> None:
        """Another engine takes over at `time`, as far as both remember the same things; then what has waited is judged.

        What is good for one start only goes over in memory: it need not be written to the disk for that.
        """
        saved = dict(self.saved)
        self.put(_lasting(await beside(self._hand_over, engine, taking, saved, going_on, time)))
        self.engine = engine
        self._forget()
        await self._catch_up()

    def _hand_over(
        self,
        engine: Engine,
        taking: Taking,
        saved: dict[tuple[str, str], Saved],
        going_on: Collection[str],
        time: int,
    ) -> Output:
        """In a thread: nobody else feeds an engine, the evidence or the record while inputs wait; the status reads."""
        states = self.engine.state(time)
        saved |= {(item.stage, item.name): item for item in states}
        self.turn_to(taking)
        self.recorder.turn_to(taking.heading, taking.config.settings.record.max_size)
        self.recorder.begin(saved.values(), time, sorted(going_on))
        output = engine.take_over(self.engine, saved.values(), going_on, time)
        return replace(output, saved=(*states, *output.saved))

    def _forget(self) -> None:
        """Of what is remembered for tables that are gone, all that is too much."""
        room = self._config.settings.outbox.max_size // PART
        if gone := forgotten(self.saved.values(), self._config.plan, self._config.sources, room):
            log.info("memory_forgotten", tables=sorted({item.name.partition("/")[0] for item in gone}))
            self.put(Output(saved=gone))

    async def _catch_up(self) -> None:
        """Judge what has waited, in turns with all else; what comes meanwhile waits, too, for the sake of the order."""
        now = asyncio.get_running_loop().time
        while self._held:
            until = now() + AT_ONCE
            while self._held and now() < until:
                self.fed(self._held.popleft())
            await asyncio.sleep(0)
        self.at_work.set()

    def turn_to(self, taking: Taking) -> None:
        """Keep evidence as another config wants it."""
        self._config = taking.config
        settings = taking.config.settings
        self.evidence.turn_to(taking.facts, settings.evidence.max_size)
        self.recorder.resize(settings.record.max_size)

    def stop(self, time: int, learned: Sequence[Saved]) -> None:
        """The engine's last words, and what sources have learned."""
        self.recorder.stop(time)
        last = self.engine.stop(time)
        self.put(replace(last, saved=(*last.saved, *learned), urgent=True))
        self.evidence.stop()


def _lasting(output: Output) -> Output:
    return replace(output, saved=tuple(item for item in output.saved if item.stage not in ONCE))


def _heading(config: Config, digest: str) -> Heading:
    return Heading.of(config.plan, version=__version__, boot=clock.boot(), digest=digest)


def _facts(config: Config, digest: str) -> Facts:
    """What evidence says of the gateway and its config."""
    kept = config.settings.evidence
    return Facts(
        gateway=config.settings.gateway.id,
        version=__version__,
        digest=digest,
        plan=config.plan,
        assets=config.assets,
        before=kept.before.nanoseconds,
        after=kept.after.nanoseconds,
    )
