"""Recorded: what the gateway itself has recorded of its engine's inputs goes through the engine again.

With the config of that time it says the same again, byte for byte. With another one it says what that would have said.
"""

from __future__ import annotations

import time
from pathlib import Path

from gatewayd.config import Config
from gatewayd.model import Input, Kind, Polled
from gatewayd.recorder import Begun, Clock, Entry, Heading, Missed, Stopped, read
from gatewayd.replay.drawn import Drawn
from gatewayd.replay.judging import Judging
from gatewayd.replay.outcome import Outcome, Replayed
from gatewayd.replay.translation import Translation


def replay_record(config: Config, path: Path) -> Replayed:
    """Replay a record. Raises RecordError when there is none."""
    begun, player = time.perf_counter(), _Player(config, _offsets(path))
    for entry in read(path):
        player.take(entry)
    player.draw()
    player.outcome.seconds = time.perf_counter() - begun
    channels = {config.plan.channels[number].name: number for number in player.fed}
    sources = {config.plan.channels[number].source for number in player.fed}
    return Replayed(
        [path],
        config,
        channels,
        player.outcome,
        tuple(player.lost),
        tuple(name for name in config.sources if name not in sources),
        dated=player.dated,
        what="input",
        remarks=tuple(player.remarks()),
    )


def _offsets(path: Path) -> dict[str, int]:
    """The last offset of each boot to the wall clock: a clock that was set late holds for what was before, too."""
    offsets: dict[str, int] = {}
    boot = ""
    for entry in read(path):
        if isinstance(entry, Heading):
            boot = entry.boot
        elif isinstance(entry, Clock) and entry.offset is not None:
            offsets[boot] = entry.offset
    return offsets


class _Player:
    """Feeds entry after entry, with times of the wall clock as far as that is known."""

    def __init__(self, config: Config, offsets: dict[str, int]) -> None:
        self._config = config
        self._offsets = offsets
        self._judging = Judging(config)
        self._boot = ""
        self._begun = False
        self._translation: Translation | None = None
        self._drawn = [Drawn(len(group.channels)) for group in config.plan.groups]
        self._missed = 0
        self._others: set[str] = set()
        self.outcome: Outcome = self._judging.outcome()
        self.dated = bool(offsets)
        self.lost: dict[str, None] = {}
        self.fed: dict[int, None] = {}

    def take(self, entry: Entry) -> None:
        """One entry of the record."""
        if isinstance(entry, Heading):
            self._head(entry)
        elif isinstance(entry, Begun):
            self._begin(entry)
        elif isinstance(entry, Stopped):
            self._judging.stop(entry.time)
        elif isinstance(entry, Missed):
            self._missed += 1
        elif not isinstance(entry, Clock):
            self._feed(entry)

    def draw(self) -> None:
        """Draw what has been gathered."""
        self._judging.settle()
        for group, drawn in zip(self._config.plan.groups, self._drawn, strict=True):
            drawn.draw()
            for column, number in enumerate(group.channels):
                if number in self.fed and self._config.plan.channels[number].kind is Kind.SCALAR:
                    self.outcome.traces[number] = drawn.traces, column

    def remarks(self) -> list[str]:
        """In which ways this is not what the gateway said then."""
        told = []
        if self._others:
            told.append("it was recorded with another config: what is said is what this one would have said")
        if self._missed:
            times = f"{self._missed} time{'' if self._missed == 1 else 's'}"
            told.append(f"inputs are missing in it, {times}: what follows may differ from what was said then")
        return told

    def _head(self, heading: Heading) -> None:
        exact = heading.digest == self._config.digest
        if not exact:
            self._others.add(heading.digest)
        self._translation = None if exact else Translation(heading, self._config.plan)
        if self._translation is not None:
            self.lost |= dict.fromkeys(self._translation.lost)
        if heading.boot != self._boot:
            self._boot, self._begun = heading.boot, False

    def _begin(self, begun: Begun) -> None:
        if self._begun and begun.going_on is not None:  # a reload, of which another config knows nothing
            if self._translation is None:
                self._judging.take_over(self._boot, begun.saved, begun.going_on, begun.time)
            return
        if not self._begun:
            self._place(begun.time)
        saved = begun.saved if self._translation is None else tuple(self._judging.saved.values())
        self._judging.begin(self._boot, saved, begun.time)
        self._begun = True

    def _place(self, at: int) -> None:
        """Times of a boot whose wall clock nobody knows follow those of the one before."""
        known = self._offsets.get(self._boot)
        self._judging.shift = self.outcome.last + 1 - at if known is None and self.outcome.rows else known or 0

    def _feed(self, item: Input) -> None:
        if not self._begun:  # the beginning of the run is no longer in the record
            self._begin(Begun(item.time, ()))
        inputs = [item] if self._translation is None else self._translation.inputs(item)
        for each in inputs:
            self._judging.feed(each, answer=self._translation is not None)
            self._note(each)

    def _note(self, item: Input) -> None:
        outcome, at = self.outcome, item.time + self._judging.shift
        outcome.first = at if not outcome.rows else outcome.first
        outcome.last = max(outcome.last, at)
        outcome.rows += 1
        if isinstance(item, Polled):
            self._drawn[item.group].add(at, item.values, item.qualities)
            self.fed |= dict.fromkeys(self._config.plan.groups[item.group].channels)
