"""Slowness: which polls of a source are due less often than the config asks for, told when it begins and ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from gatewayd import clock

CALM = 60_000_000_000
"""Nanoseconds at full pace after which it is over: what comes and goes is logged once."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Slowed:
    """A poll that takes `takes` seconds and is made `every` seconds instead of each `interval`."""

    interval: float
    every: float
    takes: float


class Slowness:
    """The polls of one source that its line is too busy for, or that keep others waiting too long."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._slowed: Sequence[Slowed] = ()
        self._seen = 0
        """When one was last seen to be slowed down."""
        self._told = False

    @property
    def at_rest(self) -> bool:
        """Whether nothing is slowed down, and nothing told that is not over."""
        return not (self._slowed or self._told)

    def current(self) -> Sequence[Slowed]:
        """Those of the last review."""
        return self._slowed

    def judge(self, slowed: Sequence[Slowed]) -> None:
        """Take in which polls are slowed down now."""
        self._slowed = slowed
        if not (slowed or self._told):
            return
        now = clock.now()
        if slowed:
            self._seen = now
            self._tell(max(slowed, key=lambda each: each.every / each.interval))
        elif now - self._seen >= CALM:
            self._told = False
            log.info("source_at_pace", source=self._source)

    def rest(self) -> None:
        """None of its polls has a pace at present, because none is answered: what was told still holds."""
        self._slowed = ()
        self._seen = clock.now()

    def _tell(self, worst: Slowed) -> None:
        if not self._told:
            self._told = True
            log.warning(
                "source_slowed",
                source=self._source,
                takes=round(worst.takes, 3),
                interval=worst.interval,
                every=round(worst.every, 3),
            )
