"""Acquaintance: what a source has learned about its device, over restarts, and what the device says of itself."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from gatewayd.foreign import OURS, one_line, raised
from gatewayd.plugin import Source

MOST_MEMORY = 64 * 1024
"""Bytes that a source may remember."""
MOST_FACTS = 32
"""Facts that are told of a device."""
NOTHING: Mapping[str, str] = {}

log = structlog.get_logger()


class Acquaintance:
    """One source and its device. What the plugin does wrong here is logged, and nothing else suffers from it."""

    def __init__(self, name: str, source: Source) -> None:
        self.facts = NOTHING
        """What the device said of itself when it answered first."""
        self.is_new = True
        """Whether the device has not answered since the source was opened."""
        self._name = name
        self._source = source
        self._failed: set[str] = set()

    def recall(self, memory: bytes) -> None:
        """Give the source what it remembered in an earlier run."""
        self._asked("recall", lambda: self._source.recall(memory), None)

    def memory(self) -> bytes | None:
        """What the source wants to remember; None when it cannot say."""
        memory = self._asked("memory", self._source.memory, None)
        if isinstance(memory, bytes) and len(memory) <= MOST_MEMORY:
            return memory
        if memory is not None:
            self._tell("memory", f"expected at most {MOST_MEMORY} bytes, got {reprlib.repr(memory)}")
        return None

    def known(self) -> Mapping[str, str]:
        """The facts; a device that has answered and said none is asked again: a beacon may be heard later."""
        if not (self.is_new or self.facts):
            self.met()
        return self.facts

    def met(self) -> None:
        """The device has answered: hear what it says of itself."""
        self.is_new = False
        facts = self._asked("about", self._source.about, NOTHING)
        if isinstance(facts, Mapping):
            told = list(facts.items())[:MOST_FACTS]
            self.facts = {one_line(str(key)): one_line(str(text)) for key, text in told}
        else:
            self._tell("about", f"expected a mapping from names to texts, got {reprlib.repr(facts)}")

    def _asked(self, what: str, foreign: Callable[[], Any], otherwise: Any) -> Any:
        try:
            return foreign()
        except OURS:
            raise
        except BaseException as error:  # noqa: BLE001 - foreign code may raise anything
            self._tell(what, raised(error))
            return otherwise

    def _tell(self, what: str, reason: str) -> None:
        """Once for each method: a plugin that is wrong stays so."""
        if what not in self._failed:
            self._failed.add(what)
            log.warning("plugin_misbehaved", source=self._name, method=what, reason=one_line(reason))
