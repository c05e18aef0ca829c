"""The memory of models: what is saved of one, and how it is had back. Reading it executes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from gatewayd.models.baseline import Baseline
from gatewayd.models.learner import Learned
from gatewayd.models.versions import Chosen
from gatewayd.records import Saved

MODELS, LEARNING, DRIFT = "models", "learning", "drift"
"""The stages: what was learned, what is being learned, what was adapted to."""

CHANGED = "its table, or the channels that it judges, have changed"
UNREADABLE = "what was saved of it cannot be read"


class Memory:
    """Where each operating point of a model is saved, under its `definition`."""

    def __init__(self, name: str, definition: str) -> None:
        self._name = name
        self._definition = definition

    def frozen(self, *, frozen: bool) -> Saved:
        """Whether an operator has stopped adaptation."""
        return Saved(MODELS, self._name, self._definition, b"frozen" if frozen else b"")

    def was_frozen(self, saved: Mapping[tuple[str, str], Saved]) -> bool:
        """The same, as it was saved."""
        item = saved.get((MODELS, self._name))
        return item is not None and item.definition == self._definition and item.data == b"frozen"

    def chosen(self, place: int, baseline: Baseline) -> Iterator[Saved]:
        """All of one operating point: its versions are new, or another one is in force."""
        yield self._saved(MODELS, place, msgspec.msgpack.encode(baseline.chosen()))
        yield from self.progress(place, baseline)

    def progress(self, place: int, baseline: Baseline) -> Iterator[Saved]:
        """How far learning and adaptation are at one operating point."""
        learned = baseline.progress()
        yield self._saved(LEARNING, place, b"" if learned is None else msgspec.msgpack.encode(learned))
        yield self._saved(DRIFT, place, baseline.drift())

    def restore(self, place: int, baseline: Baseline, saved: Mapping[tuple[str, str], Saved]) -> str:
        """Give a baseline back what was saved of it; why that cannot be done, empty when it can or nothing was."""
        items = [saved.get((stage, f"{self._name}/{place}")) for stage in (MODELS, LEARNING, DRIFT)]
        there = [item for item in items if item is not None and item.data]
        chosen, learned, drift = (
            b"" if item is None or item.definition != self._definition else item.data for item in items
        )
        if there and not (chosen or learned):
            return CHANGED
        try:
            baseline.restore(
                msgspec.msgpack.decode(chosen, type=Chosen) if chosen else None,
                msgspec.msgpack.decode(learned, type=Learned) if learned else None,
                drift,
            )
        except (ValueError, msgspec.MsgspecError):
            return UNREADABLE
        return ""

    def _saved(self, stage: str, place: int, data: bytes) -> Saved:
        return Saved(stage, f"{self._name}/{place}", self._definition, data)
