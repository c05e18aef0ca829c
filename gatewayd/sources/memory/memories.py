"""Memories: what sources have learned about their devices, kept in the outbox's database from run to run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from gatewayd.configured import ConfiguredSource
from gatewayd.records import Saved

STAGE = "sources"


class Memories:
    """What has been saved last of each source; good for a source of the same plugin with the same options only."""

    def __init__(self, sources: Iterable[ConfiguredSource]) -> None:
        self._definitions = {source.name: _definition(source) for source in sources}
        self._known: dict[str, bytes] = {}

    def found(self, saved: Iterable[Saved]) -> Mapping[str, bytes]:
        """What there is of these sources, by their names."""
        for item in saved:
            if item.stage == STAGE and item.data and item.definition == self._definitions.get(item.name):
                self._known[item.name] = item.data
        return dict(self._known)

    def changed(self, memories: Mapping[str, bytes]) -> tuple[Saved, ...]:
        """What is to be saved, because it is not what was saved last."""
        new = {name: memory for name, memory in memories.items() if memory != self._known.get(name, b"")}
        self._known.update(new)
        return tuple(Saved(STAGE, name, self._definitions[name], memory) for name, memory in new.items())


def _definition(source: ConfiguredSource) -> str:
    text = msgspec.json.encode([source.plugin, source.options], order="sorted")
    return hashlib.sha256(text).hexdigest()[:16]
