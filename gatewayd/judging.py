"""Judging: the engine in the daemon, with all that sees what it is fed and what it says; another one can take over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gatewayd import __version__, clock
from gatewayd.calculator import Calculator
from gatewayd.config import Config
from gatewayd.engine.engine import ONCE, Engine
from gatewayd.evidence import Evidence, Facts
from gatewayd.model import Input
from gatewayd.recorder import Heading, Recorder
from gatewayd.records import Output, Saved
from gatewayd.state import EVIDENCE, RECORD
from gatewayd.succession import Succession
from gatewayd.uplink import Outbox


class Judging:
    """What is fed is recorded, what is said goes to the outbox, what is asked for is computed.

    The recorder, the evidence and the outbox outlive the engine; its own memory goes over to the next one.
    """

    def __init__(self, config: Config, folder: Path, outbox: Outbox) -> None:
        self.saved: dict[tuple[str, str], Saved] = {}
        """All that is remembered now, as far as it has been said."""
        self.recorder = Recorder(folder / RECORD, config.settings.record.max_size, _heading(config))
        self.evidence = Evidence(folder / EVIDENCE, config.settings.evidence.max_size, _facts(config))
        self.engine = Engine(config.plan, clock.boot(), self.evidence.derived)
        self.calculator = Succession(self._calculator_of(config))
        self._outbox = outbox

    def begin(self, time: int) -> None:
        """Go on with what was saved in an earlier run."""
        self.saved = dict(self._outbox.saved())
        saved = tuple(self.saved.values())
        self.evidence.open()
        self.recorder.begin(saved, time)
        self.put(self.engine.restore(saved, time))

    def fed(self, item: Input) -> Output:
        """Feed the engine; what follows from it is given, too."""
        self.recorder.put(item)
        self.evidence.put(item)
        output = self.engine.feed(item)
        self.put(output)
        self.evidence.told(output.records, self.engine.models)
        self.calculator.now.compute(output.requests)
        return output

    def feed(self, item: Input) -> None:
        """Feed the engine."""
        self.fed(item)

    def put(self, output: Output) -> None:
        """Have something stored and sent. What is to be remembered may be needed for the next engine, too."""
        self._outbox.put(output)
        for item in output.saved:
            self.saved[item.stage, item.name] = item

    def succeed(self, engine: Engine, config: Config, time: int) -> None:
        """Another engine takes over at `time`, where the present one stops, as far as both remember the same things.

        What is good for one start only goes over in memory: it need not be written to the disk for that.
        """
        self.calculator.now.close()
        self.recorder.stop(time)
        last = self.engine.stop(time)
        self.put(_lasting(last))
        saved = tuple({**self.saved, **{(item.stage, item.name): item for item in last.saved}}.values())
        self.turn_to(config)
        self.recorder.turn_to(_heading(config), config.settings.record.max_size)
        self.recorder.begin(saved, time)
        self.engine = engine
        self.calculator.exchange(self._calculator_of(config))
        self.put(_lasting(engine.restore(saved, time)))

    def turn_to(self, config: Config) -> None:
        """Keep evidence as another config wants it."""
        self.evidence.turn_to(_facts(config), config.settings.evidence.max_size)
        self.recorder.resize(config.settings.record.max_size)

    def stop(self, time: int, learned: Sequence[Saved]) -> None:
        """The engine's last words, and what sources have learned."""
        self.recorder.stop(time)
        last = self.engine.stop(time)
        self.put(replace(last, saved=(*last.saved, *learned), urgent=True))
        self.evidence.stop()

    def _calculator_of(self, config: Config) -> Calculator:
        return Calculator(config.calculations, config.plan, self.feed)


def _lasting(output: Output) -> Output:
    return replace(output, saved=tuple(item for item in output.saved if item.stage not in ONCE))


def _heading(config: Config) -> Heading:
    return Heading.of(config.plan, version=__version__, boot=clock.boot(), digest=config.digest)


def _facts(config: Config) -> Facts:
    """What evidence says of the gateway and its config."""
    kept = config.settings.evidence
    return Facts(
        gateway=config.settings.gateway.id,
        version=__version__,
        digest=config.digest,
        plan=config.plan,
        assets=config.assets,
        before=kept.before.nanoseconds,
        after=kept.after.nanoseconds,
    )
